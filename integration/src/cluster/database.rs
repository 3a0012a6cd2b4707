//! A database of one test.

use std::{
    fs::File,
    sync::Arc,
    time::{Duration, Instant},
};

use intarsia_catalog::{Address, Backend, CONNECTIONS, Node};
use intarsia_connectors::{Connector, Flavor};
use tempfile::TempDir;

use super::server::Server;
use crate::Result;

/// How long a server may take until it answers.
const START: Duration = Duration::from_secs(120);

/// Makes plain statements mean on a hostile server what they mean elsewhere.
const PLAIN: [&str; 2] = ["SET search_path TO public", "SET standard_conforming_strings TO on"];

/// Every flavour that a test can have a database of.
pub const SUPPORTED: [Flavor; 4] =
    [Flavor::Sqlite, Flavor::Postgres, Flavor::MariaDb, Flavor::MySql];

/// A database of one test. Connections belong to the runtime that made them, so it is not shared between tests.
#[derive(Debug)]
pub struct Database {
    url: String,
    flavor: Flavor,
    connector: Arc<dyn Connector>,
    /// Holds the file of an SQLite database.
    _folder: Option<TempDir>,
}

impl Database {
    /// Its URL, as a catalog's node has it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its software.
    pub fn flavor(&self) -> Flavor {
        self.flavor
    }

    /// Its connector.
    pub fn connector(&self) -> &Arc<dyn Connector> {
        &self.connector
    }

    /// Runs statements that make and fill relations.
    pub async fn run(&self, statements: &[String]) -> Result<()> {
        let mut all = match self.flavor {
            Flavor::Postgres => PLAIN.map(str::to_owned).to_vec(),
            Flavor::MySql | Flavor::MariaDb | Flavor::Sqlite => Vec::new(),
        };
        all.extend_from_slice(statements);
        Ok(self.connector.run(&all).await?)
    }

    /// An empty SQLite file.
    pub(super) fn file() -> Result<Database> {
        let folder = tempfile::Builder::new().prefix("intarsia-").tempdir()?;
        let path = folder.path().join("node.db");
        File::create(&path)?;
        let url = format!("sqlite:{}", path.display());
        let connector = connect(Backend::Sqlite, Address::File(path));
        Ok(Database { url, flavor: Flavor::Sqlite, connector, _folder: Some(folder) })
    }

    /// An empty database on `server`, of this name and with these options of CREATE DATABASE.
    pub(super) async fn create(
        flavor: Flavor,
        server: &Server,
        (name, options): (&str, &str),
    ) -> Result<Database> {
        let (backend, scheme, initial) = match flavor {
            Flavor::Postgres => (Backend::Postgres, "postgresql", "postgres"),
            Flavor::MySql | Flavor::MariaDb => (Backend::MySql, "mysql", "mysql"),
            Flavor::Sqlite => return Database::file(),
        };
        let admin = connect(backend, address(server, initial));
        ready(&admin, server).await?;
        admin.run(&[format!("CREATE DATABASE {name} {options}")]).await?;
        let url = format!("{scheme}://app@127.0.0.1:{}/{name}", server.port());
        let connector = connect(backend, address(server, name));
        Ok(Database { url, flavor, connector, _folder: None })
    }
}

fn address(server: &Server, database: &str) -> Address {
    Address::Server {
        host: "127.0.0.1".to_owned(),
        port: server.port(),
        user: Some("app".to_owned()),
        database: database.to_owned(),
        parameters: [].into(),
    }
}

fn connect(backend: Backend, address: Address) -> Arc<dyn Connector> {
    let node = Node {
        name: "test".to_owned(),
        backend,
        address,
        password: None,
        zone: None,
        connections: CONNECTIONS,
    };
    intarsia_connectors::connect(&Arc::new(node))
}

/// Waits until the server answers; what it logged is the error if it does not.
async fn ready(admin: &Arc<dyn Connector>, server: &Server) -> Result<()> {
    let start = Instant::now();
    loop {
        match admin.server().await {
            Ok(_) => return Ok(()),
            Err(error) if start.elapsed() > START => {
                return Err(format!("{error}\nits log ends with:\n{}", server.log()).into());
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}
