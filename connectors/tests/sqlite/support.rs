//! A file of its own for each test.

use std::sync::Arc;

use arrow_array::RecordBatch;
use futures::TryStreamExt;
use intarsia_catalog::{Address, Backend, Encoding, Node, Place, Type};
use intarsia_connectors::{Column, Connector, Error, Query, Reads, Result, connect};
use tempfile::TempDir;

/// One read of one relation.
pub(crate) const ONCE: Reads = Reads { streams: 1, repeats: false };

/// A file that goes with the test.
pub(crate) struct File {
    pub(crate) dir: TempDir,
    pub(crate) connector: Arc<dyn Connector>,
}

impl File {
    /// A file in which `statements` have been run.
    pub(crate) async fn new(statements: &[&str]) -> File {
        File::with_connections(8, statements).await
    }

    /// The same for a node that allows so many connections.
    pub(crate) async fn with_connections(connections: usize, statements: &[&str]) -> File {
        let dir = tempfile::tempdir().unwrap();
        let connector = connect(&node(dir.path().join("node.db"), connections));
        let file = File { dir, connector };
        file.run(statements).await;
        file
    }

    pub(crate) async fn run(&self, statements: &[&str]) {
        let statements: Vec<_> = statements.iter().map(|sql| (*sql).to_owned()).collect();
        self.connector.run(&statements).await.unwrap();
    }

    pub(crate) fn path(&self) -> std::path::PathBuf {
        self.dir.path().join("node.db")
    }

    pub(crate) fn place(&self, relation: &str) -> Place {
        Place { node: "archive".to_owned(), schema: None, relation: relation.to_owned() }
    }

    /// All rows of a query, in one read.
    pub(crate) async fn rows(&self, query: Query) -> Result<Vec<RecordBatch>> {
        self.connector.reading(ONCE).open(query).await?.try_collect().await
    }

    /// How a query fails.
    pub(crate) async fn fails(&self, query: Query) -> Error {
        self.rows(query).await.expect_err("the query was answered")
    }
}

pub(crate) fn node(path: std::path::PathBuf, connections: usize) -> Arc<Node> {
    Arc::new(Node {
        name: "archive".to_owned(),
        backend: Backend::Sqlite,
        address: Address::File(path),
        password: None,
        zone: None,
        connections,
    })
}

/// A query of nullable columns without encodings.
pub(crate) fn query(sql: &str, columns: &[(&str, Type)]) -> Query {
    let columns = columns.iter().map(|(name, ty)| column(name, *ty, None)).collect();
    Query { sql: sql.to_owned(), columns, relation: "main.t".to_owned() }
}

pub(crate) fn column(name: &str, ty: Type, encoding: Option<Encoding>) -> Column {
    Column { name: name.to_owned(), ty, nullable: true, local: name.to_owned(), encoding }
}
