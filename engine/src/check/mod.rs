//! Whether the nodes are as the catalog says: what only they can tell.
//!
//! Each part of a table is taken as a table of its own and asked through the engine, by the same planning and with
//! the same conversions as a query's. So a check cannot be of another opinion than a query.

mod condition;
mod data;
mod nodes;
mod probe;

use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
};

use datafusion::arrow::array::RecordBatch;
use futures::future::join_all;
use intarsia_catalog::Table;
use intarsia_connectors::Server;

use self::probe::Probe;
use crate::{Engine, Error, ErrorKind, Result};

/// At most so many of the rows at fault are kept.
pub const SHOWN_ROWS: usize = 10;

/// Something that is not as the catalog says.
#[derive(Debug, Clone)]
pub struct Finding {
    /// [`ErrorKind::Unavailable`] if a node was silent; else the catalog or a node's owner is at fault.
    pub kind: ErrorKind,
    /// What it is about, and what is wrong.
    pub message: String,
    /// Some of the rows at fault, at most [`SHOWN_ROWS`].
    pub rows: Option<RecordBatch>,
}

impl Finding {
    fn of(error: &Error, subject: &str) -> Finding {
        let message = match error.kind() {
            // It is about the node, not about what was asked of it.
            ErrorKind::Unavailable => error.to_string(),
            _ => format!("{subject}: {error}"),
        };
        Finding { kind: error.kind(), message, rows: None }
    }
}

/// A node, and the server that answered for it; `None` if none did.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The node's name.
    pub node: String,
    /// What answered.
    pub server: Option<Server>,
}

/// What the nodes said.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Every node, whether a table uses it or not.
    pub nodes: Vec<Asked>,
    /// Everything that is wrong, each thing once.
    pub findings: Vec<Finding>,
}

impl Engine {
    /// Asks every node who it is, and compares the relations, columns and types of every fragment, every replica
    /// included, with what the catalog says. No rows are read.
    ///
    /// # Errors
    /// Only if nothing can be asked at all.
    pub async fn check(&self) -> Result<Report> {
        let (report, _) = self.structure(&Probe::new(self)?).await;
        Ok(report.distinct())
    }

    /// The same, and looks in every table of which nothing is wrong so far for rows that break a promise: rows outside
    /// their part's condition, duplicate keys, keys that a vertical part lacks, rows of a derived table without a
    /// parent in their part, replicas that differ.
    ///
    /// # Errors
    /// Only if nothing can be asked at all.
    pub async fn check_data(&self) -> Result<Report> {
        let probe = Probe::new(self)?;
        let (mut report, tables) = self.structure(&probe).await;
        for table in tables {
            report.findings.extend(data::rows(&probe, self.catalog(), &table).await);
        }
        Ok(report.distinct())
    }

    /// What is wrong with nodes and relations, and the tables of which nothing is.
    async fn structure(&self, probe: &Probe) -> (Report, Vec<Arc<Table>>) {
        let mut report = self.ask_nodes().await;
        let silent = report.silent();
        let mut sound = Vec::new();
        for table in self.catalog().tables.values() {
            let found = nodes::relations(probe, table, &silent).await;
            if found.is_empty() && !nodes::uses(table, &silent) {
                sound.push(Arc::clone(table));
            }
            report.findings.extend(found);
        }
        (report, sound)
    }

    async fn ask_nodes(&self) -> Report {
        let asked = self
            .connectors()
            .map(|connector| async { (connector.node().name.clone(), connector.server().await) });
        let mut report = Report::default();
        for (node, answer) in join_all(asked).await {
            let server = answer.map_err(|error| {
                let subject = format!("node `{node}`");
                report.findings.push(Finding::of(&Error::from(error), &subject));
            });
            report.nodes.push(Asked { node, server: server.ok() });
        }
        report
    }
}

impl Report {
    fn silent(&self) -> BTreeSet<String> {
        let silent = self.nodes.iter().filter(|asked| asked.server.is_none());
        silent.map(|asked| asked.node.clone()).collect()
    }

    /// What is wrong with a node is found by everything that asks it.
    fn distinct(mut self) -> Report {
        let mut told = HashSet::new();
        self.findings.retain(|finding| told.insert(finding.message.clone()));
        self
    }
}
