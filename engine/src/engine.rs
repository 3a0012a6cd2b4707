//! The engine: a catalog and a connector for each of its nodes.

use std::sync::Arc;

use intarsia_catalog::Catalog;
use intarsia_connectors::Connector;

use crate::{Result, Session};

/// A catalog, ready to be asked. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Engine {
    catalog: Arc<Catalog>,
    connectors: Arc<[Arc<dyn Connector>]>,
}

impl Engine {
    /// An engine over `catalog`. No node is asked yet.
    pub fn open(catalog: Catalog) -> Result<Engine> {
        Engine::with_connectors(catalog, Vec::new())
    }

    /// An engine over `catalog` with a connector for each of its nodes, for callers with connectors of their own.
    pub fn with_connectors(
        catalog: Catalog,
        connectors: Vec<Arc<dyn Connector>>,
    ) -> Result<Engine> {
        Ok(Engine { catalog: Arc::new(catalog), connectors: connectors.into() })
    }

    /// The catalog.
    pub fn catalog(&self) -> &Arc<Catalog> {
        &self.catalog
    }

    /// The connectors, in the order of the catalog's nodes.
    pub fn connectors(&self) -> &[Arc<dyn Connector>] {
        &self.connectors
    }

    /// A session with settings of its own.
    pub fn session(&self) -> Session {
        Session::new(self.clone())
    }
}
