//! The nodes: a connector for each, and what they have said of their relations so far.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use futures::{StreamExt, TryStreamExt, stream};
use intarsia_catalog::{Catalog, Place, StoredTable};
use intarsia_connectors::{Connector, Error, ErrorKind, Relation, Server};

/// How many relations are described at once, over all nodes.
const DESCRIBED_AT_ONCE: usize = 16;

/// A relation as its node described it, and the server that did.
#[derive(Debug, Clone)]
pub(crate) struct Described {
    pub(crate) server: Server,
    pub(crate) relation: Arc<Relation>,
}

/// Descriptions by place: all that planning knows of the nodes. A plain value, so that planning stays pure.
pub(crate) type Knowledge = HashMap<Place, Described>;

/// Connectors by node, and a cache of descriptions.
#[derive(Debug)]
pub(crate) struct Nodes {
    connectors: BTreeMap<String, Arc<dyn Connector>>,
    cache: Mutex<Knowledge>,
}

impl Nodes {
    /// A connector for each of the catalog's nodes; those in `given` are used as they are.
    pub(crate) fn new(catalog: &Catalog, given: Vec<Arc<dyn Connector>>) -> Nodes {
        let mut connectors: BTreeMap<_, _> =
            given.into_iter().map(|connector| (connector.node().name.clone(), connector)).collect();
        for (name, node) in &catalog.nodes {
            connectors.entry(name.clone()).or_insert_with(|| intarsia_connectors::connect(node));
        }
        Nodes { connectors, cache: Mutex::default() }
    }

    /// The connector of a node.
    pub(crate) fn connector(&self, node: &str) -> Result<&Arc<dyn Connector>, Error> {
        self.connectors
            .get(node)
            .ok_or_else(|| Error::new(ErrorKind::Internal, node, "no such node in the catalog"))
    }

    /// Every connector, by node name.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Arc<dyn Connector>> {
        self.connectors.values()
    }

    /// Describes the replicas of each leaf, those of silent nodes left out.
    ///
    /// # Errors
    /// Where no replica of a leaf answers: the first one's.
    pub(crate) async fn describe(&self, leaves: Vec<Vec<StoredTable>>) -> Result<Knowledge, Error> {
        let described = stream::iter(leaves).map(|replicas| self.describe_leaf(replicas));
        let all: Vec<_> = described.buffer_unordered(DESCRIBED_AT_ONCE).try_collect().await?;
        Ok(all.into_iter().flatten().collect())
    }

    async fn describe_leaf(
        &self,
        replicas: Vec<StoredTable>,
    ) -> Result<Vec<(Place, Described)>, Error> {
        let mut known = Vec::with_capacity(replicas.len());
        let mut silent = None;
        for replica in replicas {
            match self.describe_place(&replica.place).await {
                Ok(described) => known.push((replica.place, described)),
                Err(error) if error.kind() == ErrorKind::Unavailable => {
                    silent = silent.or(Some(error))
                }
                Err(error) => return Err(error),
            }
        }
        match silent {
            Some(error) if known.is_empty() => Err(error),
            _ => Ok(known),
        }
    }

    /// The description of one relation, from the cache or its node.
    pub(crate) async fn describe_place(&self, place: &Place) -> Result<Described, Error> {
        if let Some(known) = self.known(place) {
            return Ok(known);
        }
        let connector = self.connector(&place.node)?;
        let (server, relation) = futures::try_join!(connector.server(), connector.describe(place))?;
        let described = Described { server, relation: Arc::new(relation) };
        self.lock().insert(place.clone(), described.clone());
        Ok(described)
    }

    /// Forgets what was said of these relations: no plan could be made of it, and they may be mended.
    pub(crate) fn forget_places<'a>(&self, places: impl Iterator<Item = &'a Place>) {
        let mut cache = self.lock();
        places.for_each(|place| drop(cache.remove(place)));
    }

    /// Forgets what a node said of its relations: it broke a promise, so they may have changed.
    pub(crate) fn forget(&self, node: &str) {
        self.lock().retain(|place, _| place.node != node);
    }

    fn known(&self, place: &Place) -> Option<Described> {
        self.lock().get(place).cloned()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Knowledge> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
