//! `intarsia serve`: Arrow Flight SQL over a catalog.

use std::{
    future::Future,
    io::{self, Write},
    net::SocketAddr,
    path::PathBuf,
    pin::pin,
    sync::Arc,
};

use clap::{Args, ValueEnum};
use intarsia_flight_server::{
    auth::{AuthOptions, Authenticator, JwtOptions, TokenLimits},
    observe::{self, Export, JsonLines, Metrics, Monitor},
    server::{self, Server, ServerOptions},
    service::{Options, Service},
    tls::TlsFiles,
};
use tokio::{
    net::lookup_host,
    signal::unix::{Signal, SignalKind, signal},
    sync::Notify,
};
use tracing_subscriber::{EnvFilter, Layer, fmt, layer::SubscriberExt, util::SubscriberInitExt};

use crate::{
    catalog::{CatalogFile, Opened},
    status::{Failure, Result, Status},
};

/// Answers Arrow Flight SQL clients
#[derive(Debug, Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    catalog: CatalogFile,
    /// Where to listen; port 0 picks a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:32010")]
    listen: String,
    /// Where to answer /livez, /readyz and /metrics over plain HTTP, without credentials
    #[arg(long, value_name = "ADDR")]
    http: Option<String>,
    #[command(flatten)]
    tls: Tls,
    #[command(flatten)]
    access: Access,
    #[command(flatten)]
    telling: Telling,
    /// Lets other machines connect without TLS or without credentials
    #[arg(long)]
    allow_insecure: bool,
}

/// TLS; the files are read anew when they change
#[derive(Debug, Args)]
struct Tls {
    /// The server's certificate and those between it and its authority, in PEM
    #[arg(long = "tls-cert", value_name = "FILE", requires = "key")]
    certificate: Option<PathBuf>,
    /// Its private key, in PEM
    #[arg(long = "tls-key", value_name = "FILE", requires = "certificate")]
    key: Option<PathBuf>,
    /// Authorities of clients, in PEM: who has no certificate of theirs is not let in
    #[arg(long = "tls-client-ca", value_name = "FILE", requires = "certificate")]
    client_authority: Option<PathBuf>,
}

/// Who may call; the files are read anew when they change
#[derive(Debug, Args)]
struct Access {
    /// The file of users, kept by `intarsia users`
    #[arg(long, value_name = "FILE")]
    users: Option<PathBuf>,
    /// A JSON Web Key Set with the public keys of an authority whose tokens (JWT) are taken
    #[arg(long, value_name = "FILE", requires = "jwt_issuer", requires = "jwt_audience")]
    jwt_keys: Option<PathBuf>,
    /// What the claim `iss` of a token must be
    #[arg(long, value_name = "ISSUER", requires = "jwt_keys")]
    jwt_issuer: Option<String>,
    /// What the claim `aud` of a token must be or hold
    #[arg(long, value_name = "AUDIENCE", requires = "jwt_keys")]
    jwt_audience: Option<String>,
    /// The claim that names the user
    #[arg(long, value_name = "CLAIM", default_value = "sub")]
    jwt_user_claim: String,
}

/// What is told of queries; one line of JSON each goes to standard error
#[derive(Debug, Args)]
struct Telling {
    /// How much of a statement's text is logged and traced: its shape has `?` in place of literals
    #[arg(long, value_enum, value_name = "HOW", default_value_t = LogSql::Shape)]
    log_sql: LogSql,
    /// What is logged: `warn`, `info`, `intarsia_engine=debug`, …
    #[arg(long, value_name = "FILTER", default_value = "info", env = "INTARSIA_LOG")]
    log: String,
    /// A collector for OpenTelemetry's spans, by OTLP over gRPC: http://HOST:4317
    #[arg(long, value_name = "URL", env = "OTEL_EXPORTER_OTLP_ENDPOINT")]
    otlp: Option<String>,
}

/// See [`observe::LogSql`].
#[derive(Debug, Clone, Copy, ValueEnum)]
enum LogSql {
    None,
    Shape,
    Full,
}

impl Serve {
    /// Serves until SIGTERM or SIGINT, and then until what runs has finished. A second signal ends it at once.
    pub(crate) async fn run(self, opened: &Opened) -> Result<Status> {
        let export = self.telling.start()?;
        let status = self.serve(opened).await;
        if let Some(export) = export {
            // Its last words go out on a thread of their own.
            let _told = tokio::task::spawn_blocking(move || export.finish()).await;
        }
        status
    }

    async fn serve(&self, opened: &Opened) -> Result<Status> {
        let mut options = self.options().await?;
        let authenticator = Arc::new(Authenticator::open(&self.access.options())?);
        let engine = opened.open(&self.catalog.path)?.clone();
        let metrics = Arc::new(Metrics::new(engine.clone()));
        options.metrics = Some(Arc::clone(&metrics));
        let server = Server::bind(options, Arc::clone(&authenticator)).await?;
        let observer = Arc::new(Monitor::new(metrics, self.telling.log_sql.into()));
        let service = Options { handshake: authenticator, observer, ..Options::default() };
        let service = Service::new(engine, service)
            .map_err(|error| Failure::new(Status::Bug, format!("no threads: {error}")))?;
        writeln!(io::stdout(), "listening on {}", server.url())?;
        io::stdout().flush()?;
        if let Some(http) = server.http_address() {
            tracing::info!("health and figures on http://{http}");
        }
        let stop = Notify::new();
        let serving = server.serve(service, stop.notified());
        until_told(serving, &stop).await
    }

    async fn options(&self) -> Result<ServerOptions> {
        let http = match &self.http {
            Some(address) => Some(resolve("--http", address).await?),
            None => None,
        };
        Ok(ServerOptions {
            tls: self.tls.files(),
            http,
            allow_insecure: self.allow_insecure,
            ..ServerOptions::new(resolve("--listen", &self.listen).await?)
        })
    }
}

impl From<LogSql> for observe::LogSql {
    fn from(sql: LogSql) -> observe::LogSql {
        match sql {
            LogSql::None => observe::LogSql::None,
            LogSql::Shape => observe::LogSql::Shape,
            LogSql::Full => observe::LogSql::Full,
        }
    }
}

impl Telling {
    /// Logs to standard error from here on, and sends spans if there is a collector.
    fn start(&self) -> Result<Option<Export>> {
        let filter = |directives: &str| {
            let filter = EnvFilter::try_new(directives);
            filter.map_err(|error| Failure::usage(format!("--log {directives}: {error}")))
        };
        let lines = fmt::layer().event_format(JsonLines).with_writer(io::stderr);
        let lines = lines.with_filter(filter(&self.log)?);
        let export = self.otlp.as_deref().map(Export::to).transpose()?;
        // The texts sent to nodes hold the statement's values.
        let traced = match self.log_sql {
            LogSql::None | LogSql::Shape => "info",
            LogSql::Full => "info,intarsia_engine=debug",
        };
        let traced = filter(traced)?;
        let spans = export.as_ref().map(|export| export.layer().with_filter(traced));
        let subscriber = tracing_subscriber::registry().with(lines).with(spans);
        subscriber.try_init().map_err(|error| Failure::new(Status::Bug, error.to_string()))?;
        Ok(export)
    }
}

impl Tls {
    fn files(&self) -> Option<TlsFiles> {
        let (certificate, key) = self.certificate.clone().zip(self.key.clone())?;
        Some(TlsFiles { certificate, key, client_authority: self.client_authority.clone() })
    }
}

impl Access {
    fn options(&self) -> AuthOptions {
        let jwt = (self.jwt_keys.clone(), self.jwt_issuer.clone(), self.jwt_audience.clone());
        let jwt = match jwt {
            (Some(keys), Some(issuer), Some(audience)) => {
                Some(JwtOptions { keys, issuer, audience, user_claim: self.jwt_user_claim.clone() })
            }
            _ => None,
        };
        AuthOptions { users: self.users.clone(), jwt, tokens: TokenLimits::default() }
    }
}

/// Serves until a signal, and then until the server has come to its end or a second signal says that it must.
async fn until_told(
    serving: impl Future<Output = server::Result<()>>,
    stop: &Notify,
) -> Result<Status> {
    let mut signals = Signals::new()
        .map_err(|error| Failure::new(Status::Bug, format!("signals cannot be heard: {error}")))?;
    let mut serving = pin!(serving);
    let status = tokio::select! {
        served = &mut serving => return Ok(served.map(|()| Status::Done)?),
        status = signals.next() => status,
    };
    tracing::info!("shutting down: what runs may finish");
    stop.notify_one();
    tokio::select! {
        served = serving => Ok(served.map(|()| status)?),
        _ = signals.next() => Ok(Status::Interrupted),
    }
}

/// What tells a process to end.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl Signals {
    fn new() -> io::Result<Signals> {
        let terminate = signal(SignalKind::terminate())?;
        let interrupt = signal(SignalKind::interrupt())?;
        Ok(Signals { terminate, interrupt, hang_up: signal(SignalKind::hangup())? })
    }

    /// The next one, as the exit status that it leads to: SIGTERM is how a service is stopped, SIGINT is somebody.
    async fn next(&mut self) -> Status {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return Status::Done,
                _ = self.interrupt.recv() => return Status::Interrupted,
                // Asks many servers to read their files anew. This one does so by itself.
                _ = self.hang_up.recv() => {}
            }
        }
    }
}

/// The first address of a host and a port.
async fn resolve(option: &str, address: &str) -> Result<SocketAddr> {
    let told = |why: &str| Failure::usage(format!("{option} {address}: {why}"));
    let mut found = lookup_host(address).await.map_err(|error| told(&error.to_string()))?;
    found.next().ok_or_else(|| told("no such address"))
}
