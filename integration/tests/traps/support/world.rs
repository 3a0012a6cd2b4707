//! What is there: logical tables with their rows, and local tables.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use arrow::{
    array::{ArrayRef, RecordBatch},
    compute::{CastOptions, cast_with_options, concat_batches},
};
use datafusion::catalog::MemoryCatalogProvider;
use futures::TryStreamExt;
use intarsia_catalog::{Catalog, Secrets, Table, TableName};
use intarsia_connectors::Flavor;
use intarsia_engine::{Context, Engine, Session};
use intarsia_integration::{
    Result,
    data::{Rows, schema},
    oracle::oracle,
};

use super::{
    place::{Place, Places},
    pool::{Defaults, Lent, run},
};

/// A logical table `t`, kept whole by one database in several ways; each is a world of its own.
pub(crate) struct Trap<'a> {
    /// Its columns: `id bigint not null, v text`.
    pub(crate) columns: &'a str,
    /// Its rows, as they stand after VALUES; the same text fills the databases unless they say otherwise.
    pub(crate) rows: &'a str,
    /// How databases keep it.
    pub(crate) kept: &'a [Kept<'a>],
}

/// A local table `t`.
#[derive(Clone, Copy)]
pub(crate) struct Kept<'a> {
    node: &'static str,
    before: &'a [&'a str],
    columns: &'a str,
    rows: Option<&'a str>,
}

/// A PostgreSQL table with these column definitions.
pub(crate) const fn postgres(columns: &str) -> Kept<'_> {
    Kept { node: "pg", before: &[], columns, rows: None }
}

/// A MariaDB table with these column definitions.
pub(crate) const fn mariadb(columns: &str) -> Kept<'_> {
    Kept { node: "maria", before: &[], columns, rows: None }
}

/// A MySQL table with these column definitions.
pub(crate) const fn mysql(columns: &str) -> Kept<'_> {
    Kept { node: "my", before: &[], columns, rows: None }
}

/// An SQLite table with these column definitions.
pub(crate) const fn sqlite(columns: &str) -> Kept<'_> {
    Kept { node: "lite", before: &[], columns, rows: None }
}

impl<'a> Kept<'a> {
    /// Statements that come first: types, collations, session settings for the filling.
    pub(crate) const fn before(self, before: &'a [&'a str]) -> Kept<'a> {
        Kept { before, ..self }
    }

    /// Local rows that are spelled otherwise than the logical ones.
    pub(crate) const fn rows(self, rows: &'a str) -> Kept<'a> {
        Kept { rows: Some(rows), ..self }
    }
}

impl Trap<'_> {
    /// Every database with its table, ready to be asked.
    pub(crate) fn open(&self) -> Places {
        let worlds = self.kept.iter().map(|kept| self.world(kept));
        worlds.fold(Places::default(), |all, world| all.and(world.open()))
    }

    fn world(&self, kept: &Kept<'_>) -> World {
        let columns = self.columns.split(", ").map(|column| {
            let (name, ty) = column.split_once(' ').expect("a name and a type");
            format!("      {name}: {ty}\n")
        });
        let columns: String = columns.collect();
        let layout = format!("    layout: {{ stored: {}.t }}", kept.node);
        let mut local: Vec<_> = kept.before.iter().map(ToString::to_string).collect();
        local.push(format!("CREATE TABLE t ({})", kept.columns));
        let rows = kept.rows.unwrap_or(self.rows);
        if !rows.is_empty() {
            local.push(format!("INSERT INTO t VALUES {rows}"));
        }
        let local: Vec<_> = local.iter().map(String::as_str).collect();
        World::new(&format!("  t:\n    columns:\n{columns}{layout}"))
            .local(kept.node, &local)
            .rows("t", self.rows)
            .called(kept.columns)
    }
}

/// Logical tables with their rows, and statements that make the local ones.
#[derive(Debug, Default)]
pub(crate) struct World {
    tables: String,
    local: Vec<(String, Vec<String>)>,
    rows: Vec<(String, String)>,
    /// What stands after CREATE DATABASE, by node.
    created: BTreeMap<String, String>,
    name: String,
}

impl World {
    /// A world of the tables that stand after `tables:` in a catalog. What the name of a node starts with tells its
    /// database: `pg`, `maria`, `my` or `lite`.
    pub(crate) fn new(tables: &str) -> World {
        World { tables: tables.to_owned(), ..World::default() }
    }

    /// Adds a node, on which these statements run.
    pub(crate) fn local(mut self, node: &str, statements: &[&str]) -> World {
        let statements = statements.iter().map(ToString::to_string).collect();
        self.local.push((node.to_owned(), statements));
        self
    }

    /// Gives a node a database with these options of CREATE DATABASE.
    pub(crate) fn created_as(mut self, node: &str, options: &str) -> World {
        self.created.insert(node.to_owned(), options.to_owned());
        self
    }

    /// Adds the rows of a logical table, as they stand after VALUES; none by default.
    pub(crate) fn rows(mut self, table: &str, values: &str) -> World {
        self.rows.push((table.to_owned(), values.to_owned()));
        self
    }

    /// What messages call it.
    pub(crate) fn called(self, name: &str) -> World {
        World { name: name.to_owned(), ..self }
    }

    /// The world on servers as installed and on hostile ones, ready to be asked.
    pub(crate) fn open(&self) -> Places {
        let places = Defaults::ALL.map(|defaults| {
            run(self.place(defaults))
                .unwrap_or_else(|error| panic!("{}: {error}", self.title(defaults)))
        });
        Places::of(places)
    }

    /// Why the catalog is refused.
    pub(crate) fn refused(&self) -> String {
        match run(self.place(Defaults::Usual)) {
            Ok(_) => panic!("the catalog is not refused"),
            Err(error) => error.to_string(),
        }
    }

    fn title(&self, defaults: Defaults) -> String {
        let nodes: Vec<_> = self.local.iter().map(|(node, _)| node.as_str()).collect();
        format!("{defaults:?} {} ({})", nodes.join(", "), self.name)
    }

    async fn place(&self, defaults: Defaults) -> Result<Place> {
        let mut databases = BTreeMap::new();
        for (node, statements) in &self.local {
            let lent = match self.created.get(node) {
                Some(options) => Lent::created(flavor(node), defaults, options).await?,
                None => Lent::new(flavor(node), defaults).await?,
            };
            lent.database().run(statements).await.map_err(|error| format!("{node}: {error}"))?;
            databases.insert(node.clone(), lent);
        }
        let catalog = self.catalog(&databases)?;
        let rows = self.logical(&catalog).await?;
        let oracle = oracle(&catalog, &rows)?;
        let engine = Engine::open(catalog)?;
        Place::new(self.title(defaults), engine, oracle, databases).await
    }

    fn catalog(&self, databases: &BTreeMap<String, Lent>) -> Result<Catalog> {
        let nodes: String = databases
            .iter()
            .map(|(node, lent)| format!("  {node}: {{ url: '{}' }}\n", lent.database().url()))
            .collect();
        let yaml = format!("version: 1\nnodes:\n{nodes}tables:\n{}\n", self.tables);
        Ok(Catalog::parse("catalog.yaml", yaml.as_bytes(), &NoSecrets)
            .map_err(|problems| format!("{problems}\n{yaml}"))?
            .0)
    }

    async fn logical(&self, catalog: &Catalog) -> Result<Rows> {
        let session = Session::over(Context::over(Arc::new(MemoryCatalogProvider::new()))?);
        let known: BTreeSet<_> = catalog.tables.keys().map(|name| name.name.as_str()).collect();
        let strange = self.rows.iter().find(|(table, _)| !known.contains(table.as_str()));
        assert!(strange.is_none(), "rows of no table: {strange:?}");
        let mut rows = Rows::new();
        for (name, table) in &catalog.tables {
            let values = self.rows.iter().find(|(of, _)| *of == name.name);
            let mut batches = Vec::new();
            for row in values.map(|(_, values)| split(values)).unwrap_or_default() {
                let query = session.sql(&format!("VALUES {row}")).await?;
                let untyped: Vec<_> = query.stream()?.try_collect().await?;
                for batch in untyped {
                    batches.push(typed(table, &batch)?);
                }
            }
            let batch = concat_batches(&schema(&table.columns), &batches)?;
            rows.insert(TableName::clone(name), batch);
        }
        Ok(rows)
    }
}

/// Each row of what stands after VALUES by itself, so that a column's literals need not have one type.
fn split(values: &str) -> Vec<&str> {
    let (mut rows, mut start, mut depth, mut quoted) = (Vec::new(), 0, 0, false);
    for (at, letter) in values.char_indices() {
        match letter {
            '\'' => quoted = !quoted,
            '(' if !quoted => {
                start = if depth == 0 { at } else { start };
                depth += 1;
            }
            ')' if !quoted => {
                depth -= 1;
                rows.extend((depth == 0).then(|| &values[start..=at]));
            }
            _ => {}
        }
    }
    rows
}

/// The rows under the columns' types, exactly.
fn typed(table: &Table, rows: &RecordBatch) -> Result<RecordBatch> {
    let strict = CastOptions { safe: false, ..CastOptions::default() };
    let arrays: Result<Vec<ArrayRef>> = rows
        .columns()
        .iter()
        .zip(&table.columns)
        .map(|(array, column)| Ok(cast_with_options(array, &column.ty.arrow(), &strict)?))
        .collect();
    Ok(RecordBatch::try_new(schema(&table.columns), arrays?)?)
}

fn flavor(node: &str) -> Flavor {
    let prefixes = [
        ("pg", Flavor::Postgres),
        ("maria", Flavor::MariaDb),
        ("my", Flavor::MySql),
        ("lite", Flavor::Sqlite),
    ];
    let found = prefixes.iter().find(|(prefix, _)| node.starts_with(prefix));
    found.unwrap_or_else(|| panic!("which database is node `{node}`?")).1
}

struct NoSecrets;

impl Secrets for NoSecrets {
    fn env(&self, name: &str) -> Result<String, String> {
        Err(format!("no variable `{name}`"))
    }

    fn file(&self, path: &str) -> Result<String, String> {
        Err(format!("no file `{path}`"))
    }
}
