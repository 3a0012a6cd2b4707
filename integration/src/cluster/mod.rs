//! Real servers, started from the installed binaries in temporary folders on free ports.
//!
//! A server starts when the first test of the process asks for it and is shared by all of them; each test
//! takes databases of its own. It ends with the process, however that ends.

mod database;
mod mysql;
mod postgres;
mod server;

use std::sync::{
    OnceLock,
    atomic::{AtomicUsize, Ordering},
};

use intarsia_connectors::Flavor;

pub use database::{Database, SUPPORTED};
use server::Server;

use crate::Result;

/// The servers of this process.
#[derive(Debug)]
pub struct Cluster {
    defaults: Defaults,
    postgres: OnceLock<Started>,
    mysql: OnceLock<Started>,
    mariadb: OnceLock<Started>,
    databases: AtomicUsize,
}

/// A server, or why there is none; asked once, told to every test.
type Started = std::result::Result<Server, String>;

/// With which settings the servers start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Defaults {
    /// As installed.
    Usual,
    /// Each of them legal, and each changing what plain SQL means: an answer must not depend on them.
    Hostile,
}

impl Cluster {
    /// Servers as a distribution configures them.
    pub fn shared() -> &'static Cluster {
        static SHARED: Cluster = Cluster::new(Defaults::Usual);
        &SHARED
    }

    /// Servers whose defaults are as unlike ours as they can be.
    pub fn hostile() -> &'static Cluster {
        static HOSTILE: Cluster = Cluster::new(Defaults::Hostile);
        &HOSTILE
    }

    /// An empty database of `flavor`, used by nobody else.
    ///
    /// # Errors
    /// With the command that installs the server where it is missing.
    pub async fn database(&self, flavor: Flavor) -> Result<Database> {
        self.database_as(flavor, "").await
    }

    /// The same with options of CREATE DATABASE, such as an encoding; an SQLite file has none.
    ///
    /// # Errors
    /// With the command that installs the server where it is missing.
    pub async fn database_as(&self, flavor: Flavor, options: &str) -> Result<Database> {
        if flavor == Flavor::Sqlite {
            return Database::file();
        }
        let name = format!("test{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let server = self.server(flavor)?;
        Database::create(flavor, server, (&name, options)).await
    }

    const fn new(defaults: Defaults) -> Cluster {
        Cluster {
            defaults,
            postgres: OnceLock::new(),
            mysql: OnceLock::new(),
            mariadb: OnceLock::new(),
            databases: AtomicUsize::new(0),
        }
    }

    fn server(&self, flavor: Flavor) -> Result<&Server> {
        let started = match flavor {
            Flavor::Postgres => self.postgres.get_or_init(|| told(postgres::start(self.defaults))),
            Flavor::MySql => self.mysql.get_or_init(|| told(mysql::start_mysql(self.defaults))),
            Flavor::MariaDb => {
                self.mariadb.get_or_init(|| told(mysql::start_mariadb(self.defaults)))
            }
            Flavor::Sqlite => return Err("SQLite is a file, not a server".into()),
        };
        started.as_ref().map_err(|message| message.as_str().into())
    }
}

fn told(started: Result<Server>) -> Started {
    started.map_err(|error| error.to_string())
}
