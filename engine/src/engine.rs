//! The engine: a catalog and a connector for each of its nodes.

use std::sync::Arc;

use datafusion::execution::context::QueryPlanner;
use intarsia_catalog::Catalog;
use intarsia_connectors::Connector;

use crate::{
    Context, Parts, Result, Session, Settings, nodes::Nodes, plan::Planner, session::Memory, tables,
};

/// A catalog, ready to be asked. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Engine {
    catalog: Arc<Catalog>,
    nodes: Arc<Nodes>,
    planner: Arc<Planner>,
    context: Arc<Context>,
}

impl Engine {
    /// An engine over `catalog`. No node is asked yet.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) if a setting of the catalog does not read.
    pub fn open(catalog: Catalog) -> Result<Engine> {
        Engine::with_connectors(catalog, Vec::new())
    }

    /// The same with some connectors of the caller's own, each for the node that it names.
    pub fn with_connectors(
        catalog: Catalog,
        connectors: Vec<Arc<dyn Connector>>,
    ) -> Result<Engine> {
        let nodes = Arc::new(Nodes::new(&catalog, connectors));
        let planner = Arc::new(Planner::new(Arc::clone(&nodes)));
        let settings = Settings::from_catalog(&catalog.settings)?;
        let memory = Memory::new(settings.limits()?.memory);
        let tables = tables::provider(&catalog)?;
        let query_planner: Arc<dyn QueryPlanner + Send + Sync> = Arc::clone(&planner) as _;
        let parts = Parts { catalog: tables, planner: Some(query_planner), settings, memory };
        let context = Arc::new(Context::build(parts)?);
        Ok(Engine { catalog: Arc::new(catalog), nodes, planner, context })
    }

    /// The catalog.
    pub fn catalog(&self) -> &Arc<Catalog> {
        &self.catalog
    }

    /// The connectors, by node name.
    pub fn connectors(&self) -> impl Iterator<Item = &Arc<dyn Connector>> {
        self.nodes.all()
    }

    /// A session with settings of its own.
    pub fn session(&self) -> Session {
        Session::new(self.clone(), self.context())
    }

    /// What a session begins with.
    pub(crate) fn context(&self) -> Context {
        Context::clone(&self.context).over_nodes(self.clone())
    }

    pub(crate) fn nodes(&self) -> &Arc<Nodes> {
        &self.nodes
    }

    pub(crate) fn planner(&self) -> &Arc<Planner> {
        &self.planner
    }
}
