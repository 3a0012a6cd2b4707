//! What a file holds: its tables and views with their columns, keys and collations.

use std::ffi::CString;

use intarsia_catalog::{Node, Place};
use sqlx::sqlite::{LockedSqliteHandle, SqliteConnection};

use super::{
    connect::refused,
    raw::{Connection, Failure, collation},
};
use crate::{Affinity, Charset, Error, ErrorKind, LocalColumn, LocalType, Relation, Result};

/// The schema that relations are in when a place names none.
const MAIN: &str = "main";

/// The relation at `place`, whose name SQLite finds without case.
pub(super) async fn describe(
    node: &Node,
    connection: &Connection,
    place: &Place,
) -> Result<Relation> {
    if place.schema.as_deref().is_some_and(|schema| !schema.eq_ignore_ascii_case(MAIN)) {
        let message = format!("there is no schema but `{MAIN}` in an SQLite file, for `{place}`");
        return Err(Error::new(ErrorKind::Mismatch, &node.name, message));
    }
    let failed = |failure| refused(node, &failure);
    let mut sqlx = connection.sqlx().lock().await;
    let found = table(&mut sqlx, &place.relation).await.map_err(failed)?;
    let Some(found) = found else {
        let message = format!("there is no table or view `{}`", place.relation);
        return Err(Error::new(ErrorKind::Mismatch, &node.name, message));
    };
    let place = Place { schema: Some(MAIN.to_owned()), ..place.clone() };
    relation(&mut sqlx, place, &found).await.map_err(failed)
}

/// Every table and view, by name. A view that SQLite itself cannot read any more is left out.
pub(super) async fn relations(node: &Node, connection: &Connection) -> Result<Vec<Relation>> {
    let failed = |failure| refused(node, &failure);
    let mut sqlx = connection.sqlx().lock().await;
    let mut relations = Vec::new();
    for found in tables(&mut sqlx).await.map_err(failed)? {
        let place = Place {
            node: node.name.clone(),
            schema: Some(MAIN.to_owned()),
            relation: found.name.clone(),
        };
        match relation(&mut sqlx, place, &found).await {
            Ok(relation) => relations.push(relation),
            Err(failure) if found.is_view() && failure.is_of_the_statement() => {}
            Err(failure) => return Err(failed(failure)),
        }
    }
    Ok(relations)
}

/// A line of `pragma_table_list`.
struct Found {
    name: String,
    kind: String,
    without_rowid: bool,
    strict: bool,
}

impl Found {
    fn new((name, kind, without_rowid, strict): (String, String, bool, bool)) -> Found {
        Found { name, kind, without_rowid, strict }
    }

    fn is_view(&self) -> bool {
        self.kind == "view"
    }

    /// Whether SQLite itself stores the values, so that affinities and collations hold for them.
    fn is_table(&self) -> bool {
        self.kind == "table"
    }
}

/// A line of `pragma_table_xinfo`.
struct Info {
    name: String,
    declared: String,
    not_null: bool,
    /// The position in the primary key, from 1; 0 outside of it.
    key: i64,
}

impl Info {
    fn new((name, declared, not_null, key): (String, String, bool, i64)) -> Info {
        Info { name, declared, not_null, key }
    }
}

async fn table(sqlx: &mut SqliteConnection, name: &str) -> Result<Option<Found>, Failure> {
    let sql = "SELECT name, type AS kind, wr AS without_rowid, strict FROM pragma_table_list \
               WHERE schema = 'main' AND name = ?1 COLLATE NOCASE";
    let found = sqlx::query_as(sql).bind(name).fetch_optional(sqlx).await?;
    Ok(found.map(Found::new))
}

async fn tables(sqlx: &mut SqliteConnection) -> Result<Vec<Found>, Failure> {
    let sql = "SELECT name, type AS kind, wr AS without_rowid, strict FROM pragma_table_list \
               WHERE schema = 'main' AND type <> 'shadow' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
               ORDER BY name";
    let found = sqlx::query_as(sql).fetch_all(sqlx).await?;
    Ok(found.into_iter().map(Found::new).collect())
}

async fn relation(
    sqlx: &mut SqliteConnection,
    place: Place,
    found: &Found,
) -> Result<Relation, Failure> {
    // Hidden columns (1) are a virtual table's parameters; generated ones (2 and 3) are columns like others.
    let sql = "SELECT name, type AS declared, \"notnull\" AS not_null, pk AS key \
               FROM pragma_table_xinfo(?1, 'main') WHERE hidden <> 1 ORDER BY cid";
    let infos = sqlx::query_as(sql).bind(&found.name).fetch_all(&mut *sqlx).await?;
    let infos: Vec<_> = infos.into_iter().map(Info::new).collect();
    let rowid = rowid_alias(sqlx, found, &infos).await?;
    let charsets = charsets(sqlx, found, &infos).await?;
    let column = |(info, charset): (&Info, Charset)| LocalColumn {
        name: info.name.clone(),
        ty: LocalType::Affinity(affinity(&info.declared, found.strict), charset),
        declared: info.declared.clone(),
        // Of a key, only the rowid is never NULL by itself: SQLite lets NULL into other keys of rowid tables.
        nullable: !info.not_null && rowid != Some(&info.name),
    };
    let columns = infos.iter().zip(charsets).map(column).collect();
    Ok(Relation { place, columns, primary_key: key(&infos) })
}

fn key(infos: &[Info]) -> Vec<String> {
    let mut key: Vec<_> = infos.iter().filter(|info| info.key > 0).collect();
    key.sort_by_key(|info| info.key);
    key.into_iter().map(|info| info.name.clone()).collect()
}

/// The column that is another name of the rowid: a primary key of the one type INTEGER for which SQLite keeps
/// no index (as it does, by an old mistake, for `INTEGER PRIMARY KEY DESC`).
async fn rowid_alias<'a>(
    sqlx: &mut SqliteConnection,
    found: &Found,
    infos: &'a [Info],
) -> Result<Option<&'a String>, Failure> {
    let mut key = infos.iter().filter(|info| info.key > 0);
    let (Some(only), None) = (key.next(), key.next()) else { return Ok(None) };
    if found.without_rowid || !only.declared.eq_ignore_ascii_case("INTEGER") {
        return Ok(None);
    }
    let sql = "SELECT count(*) FROM pragma_index_list(?1, 'main') WHERE origin = 'pk'";
    let indexes: i64 = sqlx::query_scalar(sql).bind(&found.name).fetch_one(sqlx).await?;
    Ok((indexes == 0).then_some(&only.name))
}

/// SQLite does not tell the collation of a view's column, which may come from a table below, nor does it keep what
/// a virtual table gives to its declared types: such columns are taken for ones that need care.
async fn charsets(
    sqlx: &mut SqliteConnection,
    found: &Found,
    infos: &[Info],
) -> Result<Vec<Charset>, Failure> {
    let encoding: String = sqlx::query_scalar("PRAGMA encoding").fetch_one(&mut *sqlx).await?;
    if encoding != "UTF-8" {
        return Ok(vec![Charset::Utf16; infos.len()]);
    }
    if !found.is_table() {
        return Ok(vec![Charset::Collated; infos.len()]);
    }
    let mut locked = sqlx.lock_handle().await?;
    infos.iter().map(|info| charset(&mut locked, &found.name, &info.name)).collect()
}

fn charset(
    locked: &mut LockedSqliteHandle<'_>,
    table: &str,
    column: &str,
) -> Result<Charset, Failure> {
    let (Ok(table), Ok(column)) = (CString::new(table), CString::new(column)) else {
        return Ok(Charset::Collated);
    };
    let binary = collation(locked, &table, &column)?.eq_ignore_ascii_case("BINARY");
    Ok(if binary { Charset::Utf8 } else { Charset::Collated })
}

/// The affinity of a declared type, by the rules of <https://www.sqlite.org/datatype3.html> section 3.1 in
/// their order.
fn affinity(declared: &str, strict: bool) -> Affinity {
    let declared = declared.to_ascii_uppercase();
    let has = |words: &[&str]| words.iter().any(|word| declared.contains(word));
    if declared.is_empty() || strict && declared == "ANY" {
        Affinity::None
    } else if has(&["INT"]) {
        Affinity::Integer
    } else if has(&["CHAR", "CLOB", "TEXT"]) {
        Affinity::Text
    } else if has(&["BLOB"]) {
        Affinity::Blob
    } else if has(&["REAL", "FLOA", "DOUB"]) {
        Affinity::Real
    } else {
        Affinity::Numeric
    }
}
