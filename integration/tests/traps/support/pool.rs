//! The runtime and the databases of all traps.

use std::{
    future::Future,
    sync::{LazyLock, Mutex},
};

use intarsia_connectors::Flavor;
use intarsia_integration::{
    Result,
    cluster::{Cluster, Database},
};
use tokio::runtime::{Builder, Runtime};

/// Connections belong to a runtime, and databases are used by one test after another: so there is one for all.
static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap());

/// Runs `future` to its end.
pub(crate) fn run<T>(future: impl Future<Output = T>) -> T {
    RUNTIME.block_on(future)
}

/// The servers' defaults.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Defaults {
    Usual,
    Hostile,
}

impl Defaults {
    pub(crate) const ALL: [Defaults; 2] = [Defaults::Usual, Defaults::Hostile];

    fn cluster(self) -> &'static Cluster {
        match self {
            Defaults::Usual => Cluster::shared(),
            Defaults::Hostile => Cluster::hostile(),
        }
    }

    /// PostgreSQL databases that no test uses now: each costs 7 MB of disk and a tenth of a second.
    fn idle(self) -> &'static Mutex<Vec<Database>> {
        static USUAL: Mutex<Vec<Database>> = Mutex::new(Vec::new());
        static HOSTILE: Mutex<Vec<Database>> = Mutex::new(Vec::new());
        match self {
            Defaults::Usual => &USUAL,
            Defaults::Hostile => &HOSTILE,
        }
    }
}

/// An empty database, held until this is dropped.
#[derive(Debug)]
pub(crate) struct Lent {
    database: Option<Database>,
    defaults: Defaults,
    /// Whether others may have it afterwards.
    again: bool,
}

const EMPTY: &str = "DO $$ DECLARE s text; BEGIN
    FOR s IN SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' LOOP
        EXECUTE format('DROP SCHEMA %I CASCADE', s);
    END LOOP;
    CREATE SCHEMA public;
END $$";

impl Lent {
    pub(crate) async fn new(flavor: Flavor, defaults: Defaults) -> Result<Lent> {
        let idle =
            if flavor == Flavor::Postgres { defaults.idle().lock().unwrap().pop() } else { None };
        let database = match idle {
            Some(database) => {
                database.run(&[EMPTY.to_owned()]).await?;
                database
            }
            None => defaults.cluster().database(flavor).await?,
        };
        Ok(Lent { database: Some(database), defaults, again: flavor == Flavor::Postgres })
    }

    /// A database of its own, made with these options.
    pub(crate) async fn created(flavor: Flavor, defaults: Defaults, options: &str) -> Result<Lent> {
        let database = defaults.cluster().database_as(flavor, options).await?;
        Ok(Lent { database: Some(database), defaults, again: false })
    }

    pub(crate) fn database(&self) -> &Database {
        self.database.as_ref().expect("taken away in drop only")
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(database) = self.database.take()
            && self.again
            && let Ok(mut idle) = self.defaults.idle().lock()
        {
            idle.push(database);
        }
    }
}
