//! Where statements go: to the nodes of a catalog, or to a server.

pub(crate) mod tables;

use std::{env, fmt, path::PathBuf};

use arrow::{
    array::{AsArray, RecordBatch},
    compute::cast,
    datatypes::{DataType, SchemaRef},
};
use clap::Args;
use futures::{StreamExt, TryStreamExt, stream::BoxStream};
use intarsia_engine::{Scans, Session};
use intarsia_flight_server::client::{self, Address, Client};

use crate::{
    catalog::{CATALOG, Opened},
    password,
    status::{Failure, Result},
};

pub(crate) use tables::{Keys, Table};

/// Holds the password of a URL that names a user without one.
const PASSWORD: &str = "INTARSIA_PASSWORD";
/// Holds the token for a URL that names nobody.
const TOKEN: &str = "INTARSIA_TOKEN";

/// What a command line says of it.
#[derive(Debug, Args)]
pub(crate) struct Target {
    /// The catalog [env: INTARSIA_CATALOG]
    #[arg(short = 'c', long = "catalog", value_name = "FILE", conflicts_with = "connect")]
    catalog: Option<PathBuf>,
    /// A server to ask in place of a catalog's nodes: grpc://HOST:PORT or, with TLS, grpc+tls://USER@HOST:PORT.
    /// The password comes from INTARSIA_PASSWORD or is asked for; INTARSIA_TOKEN holds a token in place of a user.
    /// Parameters: ?ca=FILE (authorities to trust), &cert=FILE&key=FILE (a certificate of one's own),
    /// &connect_timeout=SECONDS
    #[arg(long, value_name = "URL")]
    connect: Option<String>,
}

/// Answers statements.
#[derive(Debug)]
pub(crate) enum Source {
    /// A session over the nodes of a catalog.
    Nodes(Session),
    /// A server.
    Server(Box<Client>),
}

/// An answer, as it comes. Dropped before its end, it stops the statement wherever that runs.
pub(crate) struct Answer {
    /// The names and types of its columns; none for SET.
    pub(crate) schema: SchemaRef,
    /// What is read of the nodes for it, where that can be seen from here.
    pub(crate) scans: Option<Scans>,
    /// Its rows.
    pub(crate) rows: BoxStream<'static, Result<RecordBatch>>,
}

impl Target {
    /// Opens it; `opened` keeps what has to be ended with the command.
    pub(crate) async fn open(&self, opened: &Opened) -> Result<Source> {
        if let Some(url) = &self.connect {
            let client = connect(url).await?;
            return Ok(Source::Server(Box::new(opened.keep_client(client).clone())));
        }
        match self.catalog() {
            Some(path) => Ok(Source::Nodes(opened.open(&path)?.session())),
            None => Err(Failure::usage(format!(
                "whom to ask? Give a catalog, by -c FILE or {CATALOG}, or a server, by --connect URL"
            ))),
        }
    }

    fn catalog(&self) -> Option<PathBuf> {
        self.catalog.clone().or_else(|| env::var_os(CATALOG).map(PathBuf::from))
    }
}

/// The catalog's file or the server's address, without secrets.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.connect, self.catalog()) {
            (Some(url), _) => url.parse::<Address>().map_or(Ok(()), |address| address.fmt(f)),
            (None, Some(path)) => path.display().fmt(f),
            (None, None) => Ok(()),
        }
    }
}

async fn connect(url: &str) -> Result<Client> {
    let usage = |error: client::Error| Failure::usage(error.to_string());
    let address = with_secrets(url.parse().map_err(usage)?).await?;
    Client::connect_to(&address).await.map_err(|error| match error.kind() {
        // A file of the URL that cannot be read.
        client::ErrorKind::Invalid => usage(error),
        _ => error.into(),
    })
}

/// The address with the secret that it lacks.
async fn with_secrets(address: Address) -> Result<Address> {
    let address = match env::var(TOKEN) {
        Ok(token) => address.with_token(&token),
        Err(_) => address,
    };
    if !address.lacks_password() {
        return Ok(address);
    }
    if let Ok(password) = env::var(PASSWORD) {
        return Ok(address.with_password(&password));
    }
    let asked = password::ask(&format!("password at {address}")).await;
    let typed = asked.map_err(|error| Failure::usage(format!("the password: {error}")))?;
    let lacking = || Failure::usage(format!("the URL lacks a password; {PASSWORD} may hold it"));
    Ok(address.with_password(&typed.ok_or_else(lacking)?))
}

impl Source {
    /// Starts one statement.
    pub(crate) async fn sql(&self, sql: &str) -> Result<Answer> {
        match self {
            Source::Nodes(session) => {
                let query = session.sql(sql).await?;
                let (schema, scans) = (query.schema(), Some(query.scans()));
                Ok(Answer { schema, scans, rows: query.stream()?.map_err(Failure::from).boxed() })
            }
            Source::Server(client) => {
                let answer = client.query(sql).await?;
                let schema = answer.schema();
                Ok(Answer { schema, scans: None, rows: answer.map_err(Failure::from).boxed() })
            }
        }
    }

    /// The first column of an answer, as texts.
    pub(crate) async fn column(&self, sql: &str) -> Result<Vec<String>> {
        let mut rows = self.sql(sql).await?.rows;
        let mut column = Vec::new();
        while let Some(batch) = rows.next().await {
            let texts = cast(batch?.column(0), &DataType::Utf8)?;
            column.extend(texts.as_string::<i32>().iter().flatten().map(str::to_owned));
        }
        Ok(column)
    }
}
