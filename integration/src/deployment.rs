//! A catalog whose nodes are real databases that hold its rows.

use std::collections::{BTreeMap, BTreeSet};

use intarsia_catalog::{Catalog, Secrets};
use intarsia_connectors::Flavor;
use intarsia_engine::Engine;

use crate::{
    Result,
    cluster::{Cluster, Database},
    data::{self, Rows},
};

/// Databases by the name of their node.
pub type Nodes = BTreeMap<String, Database>;

/// A catalog whose nodes are databases, filled with rows.
#[derive(Debug)]
pub struct Deployment {
    catalog: Catalog,
    nodes: Nodes,
}

impl Deployment {
    /// Reads a catalog in which the URL of each node is `${env:NODE}`, the node's name in upper case, makes a
    /// database for each of them, and spreads the rows over them as the layouts say. What the name of a node
    /// starts with tells its database: `pg`, `maria`, `my` or `lite`.
    pub async fn new(
        cluster: &Cluster,
        yaml: &str,
        rows: &dyn Fn(&Catalog) -> Result<Rows>,
        variety: u64,
    ) -> Result<Deployment> {
        let nodes = databases(cluster, &node_names(yaml)).await?;
        let catalog = parse(yaml, &nodes)?;
        data::load(&catalog, &rows(&catalog)?, &nodes, variety).await?;
        Ok(Deployment { catalog, nodes })
    }

    /// The same over databases that are there already, and empty.
    pub async fn over(nodes: Nodes, yaml: &str, rows: &Rows, variety: u64) -> Result<Deployment> {
        let catalog = parse(yaml, &nodes)?;
        data::load(&catalog, rows, &nodes, variety).await?;
        Ok(Deployment { catalog, nodes })
    }

    /// Takes the relations away again.
    pub async fn clear(self) -> Result<Nodes> {
        data::unload(&self.catalog, &self.nodes).await?;
        Ok(self.nodes)
    }

    /// The catalog.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// An engine over the catalog, with connections of its own.
    pub fn engine(&self) -> Result<Engine> {
        Ok(Engine::open(self.catalog.clone())?)
    }
}

/// A database for each name of a node.
pub async fn databases<S: AsRef<str> + Ord>(
    cluster: &Cluster,
    names: &BTreeSet<S>,
) -> Result<Nodes> {
    let mut nodes = Nodes::new();
    for name in names {
        let name = name.as_ref();
        nodes.insert(name.to_owned(), cluster.database(flavor(name)?).await?);
    }
    Ok(nodes)
}

/// Reads a catalog over `nodes`.
pub fn parse(yaml: &str, nodes: &Nodes) -> Result<Catalog> {
    Ok(Catalog::parse("catalog.yaml", yaml.as_bytes(), &Urls(nodes))?.0)
}

/// The nodes whose URL a catalog's text asks for.
fn node_names(yaml: &str) -> BTreeSet<String> {
    let asked = yaml.split("${env:").skip(1).filter_map(|rest| Some(rest.split_once('}')?.0));
    asked.map(str::to_lowercase).collect()
}

fn flavor(node: &str) -> Result<Flavor> {
    let prefixes = [
        ("pg", Flavor::Postgres),
        ("maria", Flavor::MariaDb),
        ("my", Flavor::MySql),
        ("lite", Flavor::Sqlite),
    ];
    let found = prefixes.iter().find(|(prefix, _)| node.starts_with(prefix));
    found
        .map(|(_, flavor)| *flavor)
        .ok_or_else(|| format!("which database is node `{node}`?").into())
}

struct Urls<'a>(&'a Nodes);

impl Secrets for Urls<'_> {
    fn env(&self, name: &str) -> Result<String, String> {
        let database = self.0.get(&name.to_lowercase());
        database.map(|database| database.url().to_owned()).ok_or_else(|| format!("no `{name}`"))
    }

    fn file(&self, path: &str) -> Result<String, String> {
        Err(format!("no file `{path}`"))
    }
}
