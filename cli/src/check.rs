//! `intarsia check`: is the catalog sound, and are the nodes as it says?

use std::io::{self, Write};

use clap::Args;
use intarsia_connectors::{LoadError, load};
use intarsia_engine::{Engine, check::Finding};

use crate::{
    catalog::{CatalogFile, Opened},
    render::{Format, Out},
    status::{Result, Status},
};

/// Says whether the catalog is sound, and whether the nodes are as it says
#[derive(Debug, Args)]
pub(crate) struct Check {
    #[command(flatten)]
    catalog: CatalogFile,
    /// Ask for rows that break a promise, too: rows outside their part's condition, duplicate keys, keys missing from
    /// a vertical part, rows without a parent, replicas that differ
    #[arg(long)]
    data: bool,
}

impl Check {
    /// Tells everything that is wrong: first with the file, and if it is sound, with the nodes.
    pub(crate) async fn run(self, opened: &Opened) -> Result<Status> {
        let mut out = io::stdout();
        let file = self.catalog.path.display().to_string();
        let (catalog, warnings) = match load(&self.catalog.path) {
            Ok(loaded) => loaded,
            Err(LoadError::Faulty(problems)) => {
                writeln!(out, "{problems}")?;
                return Ok(Status::Fault);
            }
            Err(error) => return Err(error.into()),
        };
        for warning in warnings {
            writeln!(out, "{}", warning.in_file(&format!("warning: {file}")))?;
        }
        let engine = opened.keep(Engine::open(catalog)?);
        let report = if self.data { engine.check_data().await? } else { engine.check().await? };
        for asked in &report.nodes {
            if let Some(server) = &asked.server {
                writeln!(out, "node `{}` is {server}", asked.node)?;
            }
        }
        report.findings.iter().try_for_each(|finding| show(finding, &mut out))?;
        if report.findings.is_empty() {
            let rows = if self.data { ", and so are their rows" } else { "" };
            let count = engine.catalog().tables.len();
            writeln!(out, "{count} tables are as {file} says{rows}")?;
        }
        Ok(status(&report.findings))
    }
}

/// A finding, and below it the rows at fault.
fn show(finding: &Finding, out: Out<'_>) -> Result<()> {
    writeln!(out, "{}", finding.message)?;
    if let Some(rows) = &finding.rows {
        let mut table = Vec::new();
        let mut writer = Format::Table.start(&rows.schema(), &mut table)?;
        writer.batch(rows)?;
        writer.finish()?;
        drop(writer);
        let table = String::from_utf8_lossy(&table);
        // The last line counts the rows, which the finding has done.
        let lines: Vec<&str> = table.lines().collect();
        lines.iter().take(lines.len() - 1).try_for_each(|line| writeln!(out, "   {line}"))?;
    }
    Ok(())
}

/// Silence alone is told apart from faults: it may pass.
fn status(findings: &[Finding]) -> Status {
    let statuses: Vec<Status> = findings.iter().map(|finding| finding.kind.into()).collect();
    let worst = [Status::Bug, Status::Fault, Status::Unreachable, Status::Interrupted];
    worst.into_iter().find(|status| statuses.contains(status)).unwrap_or(Status::Done)
}
