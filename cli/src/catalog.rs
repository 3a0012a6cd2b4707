//! What a command works on, and what has to be ended with it.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use clap::Args;
use futures::future::join_all;
use intarsia_catalog::Problem;
use intarsia_connectors::load;
use intarsia_engine::Engine;
use intarsia_flight_server::client::Client;

use crate::{status::Result, tell};

/// Holds the catalog's path where the command line does not.
pub(crate) const CATALOG: &str = "INTARSIA_CATALOG";

/// Where the catalog is.
#[derive(Debug, Clone, Args)]
pub(crate) struct CatalogFile {
    /// The catalog
    #[arg(short = 'c', long = "catalog", value_name = "FILE", env = CATALOG)]
    pub(crate) path: PathBuf,
}

/// The engine or the client that a command opened: what it leaves running on the nodes or on the server is ended
/// through it, also when the command itself was interrupted.
#[derive(Debug, Clone, Default)]
pub(crate) struct Opened {
    engine: Arc<OnceLock<Engine>>,
    client: Arc<OnceLock<Client>>,
}

impl Opened {
    /// An engine over the catalog at `path`. Warnings are told.
    pub(crate) fn open(&self, path: &Path) -> Result<&Engine> {
        let (catalog, warnings) = load(path)?;
        warn(path, &warnings);
        Ok(self.keep(Engine::open(catalog)?))
    }

    /// Keeps the engine of this command.
    pub(crate) fn keep(&self, engine: Engine) -> &Engine {
        self.engine.get_or_init(|| engine)
    }

    /// Keeps the client of this command.
    pub(crate) fn keep_client(&self, client: Client) -> &Client {
        self.client.get_or_init(|| client)
    }

    /// Waits until nothing that was dropped still runs on a node.
    pub(crate) async fn settle_nodes(&self) {
        if let Some(engine) = self.engine.get() {
            join_all(engine.connectors().map(|node| node.settle())).await;
        }
    }

    /// The same, and ends the session on the server.
    pub(crate) async fn settle(&self) {
        self.settle_nodes().await;
        if let Some(client) = self.client.get() {
            // The server forgets it by itself after a while.
            let _lost = client.clone().close().await;
        }
    }
}

/// Tells a catalog's warnings.
fn warn(path: &Path, warnings: &[Problem]) {
    for warning in warnings {
        tell(&format!("warning: {}", warning.in_file(&path.display().to_string())));
    }
}
