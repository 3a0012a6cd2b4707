//! A database of its own for each test, and short ways to ask it.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use arrow::util::display::{ArrayFormatter, FormatOptions};
use arrow_array::RecordBatch;
use futures::TryStreamExt;
use intarsia_catalog::{Address, Backend, Node, Place, Type};
use intarsia_connectors::{Column, Connector, Error, Query, Reads, Result, connect};

use crate::server::Server;

/// One read.
pub(crate) const ONCE: Reads = Reads { streams: 1, repeats: false };

/// A database, as a node called `eu`.
pub(crate) struct Database {
    pub(crate) node: Node,
    pub(crate) connector: Arc<dyn Connector>,
}

impl Database {
    /// A new database in which `statements` have been run.
    pub(crate) async fn new(statements: &[&str]) -> Database {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let name = format!("test{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let all = node("postgres");
        connect(&Arc::new(all)).run(&[format!("CREATE DATABASE {name}")]).await.unwrap();
        let database = Database::of(node(&name));
        database.run(statements).await;
        database
    }

    fn of(node: Node) -> Database {
        let connector = connect(&Arc::new(node.clone()));
        Database { node, connector }
    }

    /// The same database by another node.
    pub(crate) fn with(&self, change: impl FnOnce(&mut Node)) -> Database {
        let mut node = self.node.clone();
        change(&mut node);
        Database::of(node)
    }

    pub(crate) async fn run(&self, statements: &[&str]) {
        let statements: Vec<_> = statements.iter().map(|sql| (*sql).to_owned()).collect();
        self.connector.run(&statements).await.unwrap();
    }

    pub(crate) fn place(&self, relation: &str) -> Place {
        Place { node: "eu".to_owned(), schema: None, relation: relation.to_owned() }
    }

    /// All rows of a query, in one read.
    pub(crate) async fn rows(&self, query: Query) -> Result<Vec<RecordBatch>> {
        self.connector.reading(ONCE).open(query).await?.try_collect().await
    }

    /// How a query fails.
    pub(crate) async fn fails(&self, query: Query) -> Error {
        self.rows(query).await.expect_err("the query was answered")
    }

    /// One number.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        let shown = self.rows(query(sql, &[("n", Type::BigInt)])).await.unwrap();
        texts(&shown)[0].parse().unwrap()
    }
}

/// A node of the shared server; who it is for may do anything.
pub(crate) fn node(database: &str) -> Node {
    Node {
        name: "eu".to_owned(),
        backend: Backend::Postgres,
        address: Address::Server {
            host: "127.0.0.1".to_owned(),
            port: Server::shared().port,
            user: Some("app".to_owned()),
            database: database.to_owned(),
            parameters: BTreeMap::new(),
        },
        password: None,
        zone: None,
        connections: 8,
    }
}

/// Sets a parameter of a node's URL.
pub(crate) fn parameter(node: &mut Node, name: &str, value: &str) {
    let Address::Server { parameters, .. } = &mut node.address else { panic!("a server") };
    parameters.insert(name.to_owned(), value.to_owned());
}

/// A query of nullable columns.
pub(crate) fn query(sql: &str, columns: &[(&str, Type)]) -> Query {
    let column = |(name, ty): &(&str, Type)| Column {
        name: (*name).to_owned(),
        ty: *ty,
        nullable: true,
        local: (*name).to_owned(),
        encoding: None,
    };
    Query {
        sql: sql.to_owned(),
        columns: columns.iter().map(column).collect(),
        relation: "public.t".to_owned(),
    }
}

/// The values of the first column, as Arrow shows them; NULL as `NULL`.
pub(crate) fn texts(batches: &[RecordBatch]) -> Vec<String> {
    let options = FormatOptions::new().with_null("NULL");
    let shown = |batch: &RecordBatch| {
        let formatter = ArrayFormatter::try_new(batch.column(0), &options).unwrap();
        (0..batch.num_rows()).map(|row| formatter.value(row).to_string()).collect::<Vec<_>>()
    };
    batches.iter().flat_map(shown).collect()
}
