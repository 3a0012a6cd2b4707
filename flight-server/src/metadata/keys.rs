//! Primary keys, and the foreign keys that layouts follow.
//!
//! The catalog names no constraint. Tools group columns by their key's name, so that each has one here, made as
//! PostgreSQL makes them.

use std::sync::{Arc, LazyLock};

use arrow::{
    array::{ArrayRef, Int32Array, RecordBatch, StringArray, UInt8Array},
    datatypes::{DataType, Field, Schema, SchemaRef},
};
use arrow_flight::{
    error::FlightError,
    sql::{
        CommandGetCrossReference, CommandGetExportedKeys, CommandGetImportedKeys,
        CommandGetPrimaryKeys, UpdateDeleteRules,
    },
};
use intarsia_catalog::{Catalog, Follows, Table};
use intarsia_engine::CATALOG;

type Rows = Result<RecordBatch, FlightError>;

/// Which tables are meant: a catalog and a schema, any where there is none, and a table by its exact name.
struct Wanted<'a> {
    catalog: &'a Option<String>,
    schema: &'a Option<String>,
    table: &'a str,
}

impl Wanted<'_> {
    fn is(&self, table: &Table) -> bool {
        self.catalog.as_deref().is_none_or(|catalog| catalog == CATALOG)
            && self.schema.as_deref().is_none_or(|schema| schema == table.name.schema)
            && self.table == table.name.name
    }
}

/// The columns of primary keys.
pub(super) struct PrimaryKeys;

static PRIMARY_KEYS: LazyLock<SchemaRef> = LazyLock::new(|| {
    Arc::new(Schema::new(vec![
        Field::new("catalog_name", DataType::Utf8, true),
        Field::new("db_schema_name", DataType::Utf8, true),
        Field::new("table_name", DataType::Utf8, false),
        Field::new("column_name", DataType::Utf8, false),
        Field::new("key_sequence", DataType::Int32, false),
        Field::new("key_name", DataType::Utf8, true),
    ]))
});

impl PrimaryKeys {
    pub(super) fn schema() -> SchemaRef {
        Arc::clone(&PRIMARY_KEYS)
    }

    /// A row for each column, by table and place in the key.
    pub(super) fn of(asked: &CommandGetPrimaryKeys, catalog: &Catalog) -> Rows {
        let wanted =
            Wanted { catalog: &asked.catalog, schema: &asked.db_schema, table: &asked.table };
        let tables = catalog.tables.values().filter(|table| wanted.is(table));
        let columns: Vec<_> = tables
            .flat_map(|table| numbered(&table.primary_key).map(move |(at, it)| (table, at, *it)))
            .collect();
        let texts = |text: &dyn Fn(&Table, usize) -> String| -> ArrayRef {
            let texts = columns.iter().map(|(table, _, column)| text(table, *column));
            Arc::new(StringArray::from_iter_values(texts))
        };
        let sequence = Int32Array::from_iter_values(columns.iter().map(|(_, at, _)| *at));
        let columns = vec![
            texts(&|_, _| CATALOG.to_owned()),
            texts(&|table, _| table.name.schema.clone()),
            texts(&|table, _| table.name.name.clone()),
            texts(&|table, column| table.columns[column].name.clone()),
            Arc::new(sequence),
            texts(&|table, _| primary_key_name(table)),
        ];
        Ok(RecordBatch::try_new(PrimaryKeys::schema(), columns)?)
    }
}

/// The columns of foreign keys.
pub(super) struct ForeignKeys;

static FOREIGN_KEYS: LazyLock<SchemaRef> = LazyLock::new(|| {
    Arc::new(Schema::new(vec![
        Field::new("pk_catalog_name", DataType::Utf8, true),
        Field::new("pk_db_schema_name", DataType::Utf8, true),
        Field::new("pk_table_name", DataType::Utf8, false),
        Field::new("pk_column_name", DataType::Utf8, false),
        Field::new("fk_catalog_name", DataType::Utf8, true),
        Field::new("fk_db_schema_name", DataType::Utf8, true),
        Field::new("fk_table_name", DataType::Utf8, false),
        Field::new("fk_column_name", DataType::Utf8, false),
        Field::new("key_sequence", DataType::Int32, false),
        Field::new("fk_key_name", DataType::Utf8, true),
        Field::new("pk_key_name", DataType::Utf8, true),
        Field::new("update_rule", DataType::UInt8, false),
        Field::new("delete_rule", DataType::UInt8, false),
    ]))
});

/// One table's key that refers to another's.
struct ForeignKey<'a> {
    parent: &'a Table,
    child: &'a Table,
    follows: &'a Follows,
}

impl ForeignKeys {
    pub(super) fn schema() -> SchemaRef {
        Arc::clone(&FOREIGN_KEYS)
    }

    /// The keys that refer to a table, by the tables that they are of.
    pub(super) fn exported(asked: &CommandGetExportedKeys, catalog: &Catalog) -> Rows {
        let parent =
            Wanted { catalog: &asked.catalog, schema: &asked.db_schema, table: &asked.table };
        ForeignKeys::rows(all(catalog).filter(|key| parent.is(key.parent)).collect())
    }

    /// The keys of a table, by the tables that they refer to.
    pub(super) fn imported(asked: &CommandGetImportedKeys, catalog: &Catalog) -> Rows {
        let child =
            Wanted { catalog: &asked.catalog, schema: &asked.db_schema, table: &asked.table };
        ForeignKeys::rows(all(catalog).filter(|key| child.is(key.child)).collect())
    }

    /// The keys of one table that refer to another.
    pub(super) fn between(asked: &CommandGetCrossReference, catalog: &Catalog) -> Rows {
        let parent = Wanted {
            catalog: &asked.pk_catalog,
            schema: &asked.pk_db_schema,
            table: &asked.pk_table,
        };
        let child = Wanted {
            catalog: &asked.fk_catalog,
            schema: &asked.fk_db_schema,
            table: &asked.fk_table,
        };
        let keys = all(catalog).filter(|key| parent.is(key.parent) && child.is(key.child));
        ForeignKeys::rows(keys.collect())
    }

    /// A row for each pair of columns. The order serves all three commands: keys of one table differ in what they refer
    /// to, and keys that refer to one table in whose they are.
    fn rows(mut keys: Vec<ForeignKey<'_>>) -> Rows {
        keys.sort_by_key(|key| (&key.parent.name, &key.child.name, key.name()));
        let pairs: Vec<_> =
            keys.iter().flat_map(|key| key.pairs().map(move |pair| (key, pair))).collect();
        let texts = |text: &dyn Fn(&ForeignKey<'_>, &Pair<'_>) -> String| -> ArrayRef {
            let texts = pairs.iter().map(|(key, pair)| text(key, pair));
            Arc::new(StringArray::from_iter_values(texts))
        };
        let sequence = Int32Array::from_iter_values(pairs.iter().map(|(_, pair)| pair.sequence));
        // What the databases do when a parent changes is their own affair, and not known here.
        let rule = UInt8Array::from(vec![UpdateDeleteRules::NoAction as u8; pairs.len()]);
        let columns = vec![
            texts(&|_, _| CATALOG.to_owned()),
            texts(&|key, _| key.parent.name.schema.clone()),
            texts(&|key, _| key.parent.name.name.clone()),
            texts(&|_, pair| pair.parent.to_owned()),
            texts(&|_, _| CATALOG.to_owned()),
            texts(&|key, _| key.child.name.schema.clone()),
            texts(&|key, _| key.child.name.name.clone()),
            texts(&|_, pair| pair.child.to_owned()),
            Arc::new(sequence),
            texts(&|key, _| key.name()),
            texts(&|key, _| primary_key_name(key.parent)),
            Arc::new(rule.clone()),
            Arc::new(rule),
        ];
        Ok(RecordBatch::try_new(ForeignKeys::schema(), columns)?)
    }
}

/// The foreign keys of all tables.
fn all(catalog: &Catalog) -> impl Iterator<Item = ForeignKey<'_>> {
    catalog.tables.values().flat_map(|child| {
        child.layout.follows().into_iter().filter_map(|follows| {
            let parent = catalog.tables.get(&follows.table)?;
            Some(ForeignKey { parent, child, follows })
        })
    })
}

/// One column of a foreign key.
struct Pair<'a> {
    sequence: i32,
    parent: &'a str,
    child: &'a str,
}

impl<'a> ForeignKey<'a> {
    /// In the order of the parent's primary key.
    fn pairs(&self) -> impl Iterator<Item = Pair<'a>> {
        let ForeignKey { parent, child, follows } = *self;
        numbered(&parent.primary_key).filter_map(move |(sequence, theirs)| {
            let (own, _) = follows.key.iter().find(|(_, to)| to == theirs)?;
            let (parent, child) = (&parent.columns[*theirs].name, &child.columns[*own].name);
            Some(Pair { sequence, parent, child })
        })
    }

    fn name(&self) -> String {
        let columns: Vec<_> = self.pairs().map(|pair| pair.child).collect();
        format!("{}_{}_fkey", self.child.name.name, columns.join("_"))
    }
}

fn primary_key_name(table: &Table) -> String {
    format!("{}_pkey", table.name.name)
}

/// Counted from 1.
fn numbered<T>(items: &[T]) -> impl Iterator<Item = (i32, &T)> {
    (1..).zip(items)
}
