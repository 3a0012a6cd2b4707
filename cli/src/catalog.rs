//! The catalog that a command works on.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use clap::Args;
use futures::future::join_all;
use intarsia_catalog::Problem;
use intarsia_connectors::load;
use intarsia_engine::Engine;

use crate::{status::Result, tell};

/// Where the catalog is.
#[derive(Debug, Clone, Args)]
pub(crate) struct CatalogFile {
    /// The catalog
    #[arg(short = 'c', long = "catalog", value_name = "FILE", env = "INTARSIA_CATALOG")]
    pub(crate) path: PathBuf,
}

/// The engine that a command opened: what it leaves running on the nodes is ended through it, also when the command
/// itself was interrupted.
#[derive(Debug, Clone, Default)]
pub(crate) struct Opened(Arc<OnceLock<Engine>>);

impl Opened {
    /// An engine over the catalog at `path`. Warnings are told.
    pub(crate) fn open(&self, path: &Path) -> Result<&Engine> {
        let (catalog, warnings) = load(path)?;
        warn(path, &warnings);
        Ok(self.keep(Engine::open(catalog)?))
    }

    /// Keeps the engine of this command.
    pub(crate) fn keep(&self, engine: Engine) -> &Engine {
        self.0.get_or_init(|| engine)
    }

    /// Waits until nothing that was dropped still runs on a node.
    pub(crate) async fn settle(&self) {
        if let Some(engine) = self.0.get() {
            join_all(engine.connectors().map(|node| node.settle())).await;
        }
    }
}

/// Tells a catalog's warnings.
fn warn(path: &Path, warnings: &[Problem]) {
    for warning in warnings {
        tell(&format!("warning: {}", warning.in_file(&path.display().to_string())));
    }
}
