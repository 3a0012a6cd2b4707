//! Relations, columns and types: everything that planning finds out, for every replica of every fragment.

use std::{collections::BTreeSet, sync::Arc};

use futures::{StreamExt, stream};
use intarsia_catalog::{Layout, Stored, StoredTable, Table};

use super::{Finding, probe, probe::Probe};
use crate::{ErrorKind, Result};

/// So many relations are compared at once.
const AT_ONCE: usize = 8;

/// What is wrong with the relations of a table, in the order of its parts. Silent nodes are not asked again.
pub(super) async fn relations(
    probe: &Probe,
    table: &Arc<Table>,
    silent: &BTreeSet<String>,
) -> Vec<Finding> {
    let replicas = table.layout.leaves().flat_map(|leaf| {
        let subject = subject(table, &leaf.path);
        let heard = leaf.stored.replicas.iter().filter(|one| !silent.contains(&one.place.node));
        let of = |one: &StoredTable| (Arc::clone(leaf.stored), one.clone(), subject.clone());
        heard.map(of).collect::<Vec<_>>()
    });
    let found = stream::iter(replicas.collect::<Vec<_>>())
        .map(|(stored, replica, subject)| async move {
            relation(probe, table, &stored, &replica, &subject).await
        })
        .buffered(AT_ONCE);
    found.collect::<Vec<_>>().await.concat()
}

/// Whether any row or copy of a table is on one of these nodes.
pub(super) fn uses(table: &Table, nodes: &BTreeSet<String>) -> bool {
    let mut replicas = table.layout.leaves().flat_map(|leaf| &leaf.stored.replicas);
    replicas.any(|replica| nodes.contains(&replica.place.node))
}

/// A part of a table, for people.
pub(super) fn subject(table: &Table, path: &[&str]) -> String {
    match path {
        [] => format!("table `{}`", table.name),
        path => format!("table `{}`, part `{}`", table.name, path.join("/")),
    }
}

/// What is wrong with one relation. If anything is, its columns are tried one by one, so that all are told.
async fn relation(
    probe: &Probe,
    table: &Table,
    stored: &Stored,
    replica: &StoredTable,
    subject: &str,
) -> Vec<Finding> {
    let layout = alone(stored, replica);
    let Err(error) = plan(probe, table, &layout, &stored.columns).await else { return Vec::new() };
    let mut findings = Vec::new();
    if error.kind() != ErrorKind::Unavailable {
        for &column in &stored.columns {
            if let Err(error) = plan(probe, table, &layout, &[column]).await {
                findings.push(Finding::of(&error, subject));
            }
        }
    }
    if findings.is_empty() {
        findings.push(Finding::of(&error, subject));
    }
    findings
}

async fn plan(probe: &Probe, table: &Table, layout: &Layout, columns: &[usize]) -> Result<()> {
    let plan = probe::part("part", table, layout, columns)?.build()?;
    probe.plan(&plan).await.map(|_| ())
}

/// One replica as the only one.
pub(super) fn alone(stored: &Stored, replica: &StoredTable) -> Layout {
    let replicas = vec![replica.clone()];
    Layout::Stored(Arc::new(Stored { columns: stored.columns.clone(), replicas }))
}
