//! `intarsia query`: runs statements and prints their answers.

use std::{
    io::{self, BufWriter, IsTerminal, Read},
    path::{Path, PathBuf},
};

use clap::Args;
use futures::StreamExt;
use intarsia_engine::session;

use crate::{
    catalog::Opened,
    progress::Progress,
    render::{Format, Out},
    source::{Answer, Source, Target},
    status::{Failure, Result, Status},
    tell,
};

/// Runs statements and prints their answers
#[derive(Debug, Args)]
pub(crate) struct Query {
    #[command(flatten)]
    target: Target,
    /// How answers are written
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// A file with statements
    #[arg(short = 'f', long = "file", value_name = "SCRIPT", conflicts_with = "sql")]
    script: Option<PathBuf>,
    /// Statements; `-` or nothing reads them from standard input
    #[arg(value_name = "SQL")]
    sql: Option<String>,
}

impl Query {
    /// Runs the statements one after another. The first error stops; what is written by then stays.
    pub(crate) async fn run(self, opened: &Opened) -> Result<Status> {
        if self.format.is_binary() && io::stdout().is_terminal() {
            return Err(Failure::usage(format!(
                "{} is no text for a terminal; send it to a file or a pipe",
                self.format.name()
            )));
        }
        let source = self.target.open(opened).await?;
        let statements = session::split(&self.text()?)?;
        if self.format.separator().is_none() && statements.len() != 1 {
            return Err(Failure::usage(format!(
                "this format holds the answer of one statement, and there are {}",
                statements.len()
            )));
        }
        let mut out = BufWriter::new(io::stdout());
        let mut separator = "";
        for sql in &statements {
            let written = answer(&source, sql, (self.format, separator), &mut out).await?;
            if written {
                separator = self.format.separator().unwrap_or_default();
            }
        }
        Ok(Status::Done)
    }

    /// The statements' text, from where the command line says.
    fn text(&self) -> Result<String> {
        match (&self.sql, &self.script) {
            (Some(sql), _) if sql != "-" => Ok(sql.clone()),
            (_, Some(script)) if script != Path::new("-") => {
                let text = std::fs::read_to_string(script);
                text.map_err(|e| Failure::usage(format!("{}: {e}", script.display())))
            }
            _ => {
                if io::stdin().is_terminal() {
                    tell("statements from the terminal, up to Ctrl-D:");
                }
                let mut text = String::new();
                let read = io::stdin().lock().read_to_string(&mut text);
                read.map_err(|e| Failure::usage(format!("standard input: {e}")))?;
                Ok(text)
            }
        }
    }
}

/// Runs one statement and writes its answer, if it has one (SET has none), behind a separator. Dropped, it stops the
/// statement wherever it runs.
pub(crate) async fn answer(
    source: &Source,
    sql: &str,
    (format, separator): (Format, &str),
    out: Out<'_>,
) -> Result<bool> {
    let mut progress = Progress::start();
    let Answer { schema, scans, mut rows } = progress.wait(source.sql(sql)).await?;
    progress.watch(scans);
    if schema.fields().is_empty() {
        while let Some(batch) = rows.next().await {
            batch?;
        }
        return Ok(false);
    }
    out.write_all(separator.as_bytes())?;
    let mut writer = format.start(&schema, out)?;
    while let Some(batch) = progress.wait(rows.next()).await {
        let batch = batch?;
        progress.add(batch.num_rows());
        writer.batch(&batch)?;
    }
    writer.finish()?;
    Ok(true)
}
