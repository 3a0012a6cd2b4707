//! A fragment as one relation of one node: its columns under local names, in local types.

use arrow::array::{ArrayRef, RecordBatch};
use intarsia_catalog::{Column, Encoding, Local, Place, Stored, StoredTable, Table, Type};
use intarsia_connectors::Flavor;

use super::{Fragment, inverse, literal::Writer, spelling};
use crate::Result;

/// Rows per INSERT.
const ROWS: usize = 500;

/// A relation to be made and filled.
#[derive(Debug)]
pub(super) struct LocalRelation {
    flavor: Flavor,
    place: Place,
    columns: Vec<LocalColumn>,
    rows: usize,
    /// The position of the column that `rows` asks about, and what it says of rows that do not belong.
    strangers: Option<(usize, Vec<String>)>,
}

#[derive(Debug)]
struct LocalColumn {
    name: String,
    definition: String,
    values: Values,
}

#[derive(Debug)]
enum Values {
    /// One value per row.
    Each { array: ArrayRef, ty: Type, encoding: Option<Encoding> },
    /// The same literal in every row.
    Same(String),
}

/// What `fragment` is on the node of its replica number `replica`.
pub(super) fn relation(
    table: &Table,
    fragment: &Fragment,
    replica: usize,
    flavor: Flavor,
    variety: u64,
) -> Result<LocalRelation> {
    let stored = &fragment.stored.replicas[replica];
    let mut columns = columns(table, &fragment.stored, stored, &fragment.rows)?;
    let mut strangers = None;
    if let Some(rows) = &stored.rows {
        let filter = inverse::filter(rows)?;
        let at = columns.iter().position(|column| column.name == filter.column);
        let at = at.unwrap_or_else(|| {
            columns.push(Source::same(filter.column.clone(), filter.ty, filter.belongs));
            columns.len() - 1
        });
        strangers = Some((at, filter.strangers));
    }
    let spell = Spell { flavor, variety, place: &stored.place };
    let columns = columns.into_iter().enumerate().map(|(at, column)| spell.column(at, column));
    Ok(LocalRelation {
        flavor,
        place: stored.place.clone(),
        columns: columns.collect(),
        rows: fragment.rows.num_rows(),
        strangers,
    })
}

/// A local column before it is spelled for one database.
#[derive(Debug)]
pub(super) struct Source {
    /// Its name, and whether the catalog says its case.
    pub(super) name: String,
    pub(super) exact: bool,
    /// Whether an expression reads it, so that its natural type must be `ty`.
    pub(super) natural: bool,
    pub(super) ty: Type,
    pub(super) encoding: Option<Encoding>,
    pub(super) nullable: bool,
    /// Its values; of `Err` the same literal everywhere.
    pub(super) values: Result<ArrayRef, String>,
}

impl Source {
    fn same(name: String, ty: Type, literal: String) -> Source {
        Source {
            name,
            exact: true,
            natural: true,
            ty,
            encoding: None,
            nullable: true,
            values: Err(literal),
        }
    }
}

fn columns(
    table: &Table,
    fragment: &Stored,
    stored: &StoredTable,
    rows: &RecordBatch,
) -> Result<Vec<Source>> {
    let mut sources: Vec<Source> = Vec::new();
    for (at, position) in fragment.columns.iter().enumerate() {
        let (column, array) = (&table.columns[*position], rows.column(at));
        let local = &stored.columns[position];
        let encoding = stored.encodings.get(position).copied();
        for source in sources_of(column, local, encoding, array)? {
            if sources.iter().all(|known| known.name != source.name) {
                sources.push(source);
            }
        }
    }
    Ok(sources)
}

fn sources_of(
    column: &Column,
    local: &Local,
    encoding: Option<Encoding>,
    array: &ArrayRef,
) -> Result<Vec<Source>> {
    match local {
        Local::Column { name, exact } => Ok(vec![Source {
            name: name.clone(),
            exact: *exact,
            natural: false,
            ty: column.ty,
            encoding,
            nullable: column.nullable,
            values: Ok(ArrayRef::clone(array)),
        }]),
        Local::Expression(expression) => inverse::sources(column, expression, encoding, array),
    }
}

struct Spell<'a> {
    flavor: Flavor,
    variety: u64,
    place: &'a Place,
}

impl Spell<'_> {
    fn column(&self, at: usize, source: Source) -> LocalColumn {
        let variety = mix(self.variety, &format!("{}.{at}", self.place));
        let ty = {
            let variety = if source.natural { 0 } else { variety };
            spelling::local_type(self.flavor, source.ty, source.encoding, variety)
        };
        let not_null = if source.nullable || variety & 64 == 0 { "" } else { " NOT NULL" };
        let any_case = !source.exact && self.flavor != Flavor::Postgres;
        let name =
            if any_case && variety & 128 != 0 { source.name.to_uppercase() } else { source.name };
        let definition = format!("{} {ty}{not_null}", spelling::name(self.flavor, &name));
        let values = match source.values {
            Ok(array) => Values::Each { array, ty: source.ty, encoding: source.encoding },
            Err(literal) => Values::Same(literal),
        };
        LocalColumn { name, definition, values }
    }
}

impl LocalRelation {
    /// The statements that make the relation; a column more than the catalog knows is always there.
    pub(super) fn create(&self) -> Vec<String> {
        let mut columns: Vec<_> =
            self.columns.iter().map(|column| column.definition.clone()).collect();
        columns.push(match self.flavor {
            Flavor::Postgres => "zz_unused point".to_owned(),
            Flavor::MySql | Flavor::MariaDb => "zz_unused geometry".to_owned(),
            Flavor::Sqlite => "zz_unused".to_owned(),
        });
        let create = format!("CREATE TABLE {} ({})", self.name(), columns.join(", "));
        match (&self.place.schema, self.flavor) {
            (Some(schema), Flavor::Postgres) if schema != "public" => {
                let schema = spelling::name(self.flavor, schema);
                vec![format!("CREATE SCHEMA IF NOT EXISTS {schema}"), create]
            }
            _ => vec![create],
        }
    }

    /// The statements that fill it.
    pub(super) fn inserts(&self) -> Result<Vec<String>> {
        let mut statements = Vec::new();
        for start in (0..self.rows).step_by(ROWS) {
            let rows = self.literals(start, ROWS.min(self.rows - start))?;
            statements.push(self.insert(&rows));
        }
        if let Some((column, values)) = &self.strangers {
            let mut strangers = self.literals(0, 5.min(self.rows))?;
            for (row, value) in strangers.iter_mut().zip(values.iter().cycle()) {
                row[*column].clone_from(value);
            }
            if !strangers.is_empty() {
                statements.push(self.insert(&strangers));
            }
        }
        Ok(statements)
    }

    fn insert(&self, rows: &[Vec<String>]) -> String {
        let names: Vec<_> =
            self.columns.iter().map(|column| spelling::name(self.flavor, &column.name)).collect();
        let rows: Vec<_> = rows.iter().map(|row| format!("({})", row.join(", "))).collect();
        format!("INSERT INTO {} ({}) VALUES {}", self.name(), names.join(", "), rows.join(",\n"))
    }

    /// The literals of some rows.
    fn literals(&self, start: usize, count: usize) -> Result<Vec<Vec<String>>> {
        let mut rows = vec![Vec::with_capacity(self.columns.len()); count];
        for column in &self.columns {
            let values = match &column.values {
                Values::Same(literal) => vec![literal.clone(); count],
                Values::Each { array, ty, encoding } => {
                    let array = array.slice(start, count);
                    let (ty, encoding) = (*ty, *encoding);
                    Writer { flavor: self.flavor, ty, encoding, array: &array }.all()?
                }
            };
            rows.iter_mut().zip(values).for_each(|(row, value)| row.push(value));
        }
        Ok(rows)
    }

    fn name(&self) -> String {
        full_name(self.flavor, &self.place)
    }
}

/// The statement that takes a relation away.
pub(super) fn drop(flavor: Flavor, place: &Place) -> String {
    format!("DROP TABLE IF EXISTS {}", full_name(flavor, place))
}

fn full_name(flavor: Flavor, place: &Place) -> String {
    let relation = spelling::name(flavor, &place.relation);
    match &place.schema {
        Some(schema) => format!("{}.{relation}", spelling::name(flavor, schema)),
        None => relation,
    }
}

/// A number that depends on all of its input (FNV-1a).
fn mix(seed: u64, text: &str) -> u64 {
    let start = seed ^ 0xcbf2_9ce4_8422_2325;
    let hash = text
        .bytes()
        .fold(start, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    hash ^ (hash >> 29)
}
