//! Relations as the system catalogs describe them, by one statement.

use std::sync::Arc;

use intarsia_catalog::{DEFAULT_SCHEMA, Place};
use tokio_postgres::{Row, types::Type as PgType};

use crate::{
    Charset, Error, ErrorKind, Flavor, LocalColumn, LocalType, Relation, Result, Server, TextRules,
    pool::Pool,
};

use super::{
    connect::Manager,
    error::told,
    session::{self, Sight},
};

/// One row per column of each relation, in order; a relation without columns has one row without a column.
///
/// Domains are followed to their base type, whose modifier counts. What newer versions call otherwise is read
/// through `to_jsonb`, so that one text serves them all.
const COLUMNS: &str = include_str!("describe.sql");

/// The place of a relation by name.
const ONE: &str = "n.nspname = $1 AND c.relname = $2";

/// What the user can read, without the parts of partitioned tables, which their parent holds.
const ALL: &str =
    "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND NOT c.relispartition
  AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
  AND (pg_catalog.has_table_privilege(c.oid, 'SELECT')
    OR pg_catalog.has_any_column_privilege(c.oid, 'SELECT'))";

/// What answers, by asking it.
pub(super) async fn server(pool: &Arc<Pool<Manager>>) -> Result<Server> {
    let rows =
        ask(pool, "SELECT pg_catalog.current_setting('server_version_num')::int4", &[]).await?;
    let number: i32 = value(pool, rows.first(), 0)?;
    let number = u32::try_from(number).unwrap_or(0);
    // Two numbers since version 10: 15.2 is 150002.
    let version = (number / 10_000, number % 10_000, 0);
    Ok(Server { flavor: Flavor::Postgres, version })
}

/// The relation at `place`.
pub(super) async fn relation(pool: &Arc<Pool<Manager>>, place: &Place) -> Result<Relation> {
    let schema = place.schema.as_deref().unwrap_or(DEFAULT_SCHEMA);
    let rows = ask(pool, &COLUMNS.replace("{which}", ONE), &[schema, &place.relation]).await?;
    let wrong = |kind, message| Err(Error::new(kind, &pool.node().name, message));
    let name = format!("`{schema}.{}`", place.relation);
    let Some(relation) = collect(pool, &rows)?.pop() else {
        return wrong(ErrorKind::Mismatch, format!("there is no relation {name}"));
    };
    if !value::<bool>(pool, rows.first(), 3)? {
        return wrong(ErrorKind::Refused, format!("the user may not read relation {name}"));
    }
    Ok(relation)
}

/// Every relation that the user can read.
pub(super) async fn relations(pool: &Arc<Pool<Manager>>) -> Result<Vec<Relation>> {
    let rows = ask(pool, &COLUMNS.replace("{which}", ALL), &[]).await?;
    collect(pool, &rows)
}

/// Asks the system catalogs, in a transaction of its own whose end is sent along.
async fn ask(pool: &Arc<Pool<Manager>>, sql: &str, texts: &[&str]) -> Result<Vec<Row>> {
    let (held, _) = session::begin(pool, &Sight::Now).await?;
    let texts = texts.iter().map(|text| (*text, PgType::TEXT));
    let rows = async {
        let rows = held.client.query_typed_raw(sql, texts).await?;
        futures::TryStreamExt::try_collect(rows).await
    };
    let (rows, committed) = tokio::join!(rows, held.client.batch_execute("COMMIT"));
    let rows = rows.map_err(|e| told(pool.node(), &e))?;
    committed.map_err(|e| told(pool.node(), &e))?;
    held.keep();
    Ok(rows)
}

/// The rows of one relation after another as relations.
fn collect(pool: &Pool<Manager>, rows: &[Row]) -> Result<Vec<Relation>> {
    let mut relations: Vec<Relation> = Vec::new();
    let mut keys: Vec<(i32, String)> = Vec::new();
    for row in rows {
        let place = Place {
            node: pool.node().name.clone(),
            schema: Some(value(pool, Some(row), 0)?),
            relation: value(pool, Some(row), 1)?,
        };
        if relations.last().is_none_or(|last| last.place != place) {
            finish(relations.last_mut(), &mut keys);
            relations.push(Relation { place, columns: Vec::new(), primary_key: Vec::new() });
        }
        let Some(name) = value::<Option<String>>(pool, Some(row), 4)? else {
            continue;
        };
        if let Some(position) = value::<Option<i32>>(pool, Some(row), 7)? {
            keys.push((position, name.clone()));
        }
        let column = LocalColumn {
            name,
            ty: local_type(pool, row)?,
            declared: value(pool, Some(row), 5)?,
            nullable: value(pool, Some(row), 6)?,
        };
        if let Some(relation) = relations.last_mut() {
            relation.columns.push(column);
        }
    }
    finish(relations.last_mut(), &mut keys);
    Ok(relations)
}

/// Puts the key's columns, found in the order of the relation, into the order of the key.
fn finish(relation: Option<&mut Relation>, keys: &mut Vec<(i32, String)>) {
    keys.sort_unstable();
    let names = keys.drain(..).map(|(_, name)| name).collect();
    if let Some(relation) = relation {
        relation.primary_key = names;
    }
}

fn local_type(pool: &Pool<Manager>, row: &Row) -> Result<LocalType> {
    let name: String = value(pool, Some(row), 8)?;
    let modifier: i32 = value(pool, Some(row), 9)?;
    let integer = |bits| LocalType::Integer { bits, unsigned: false, boolean: false };
    Ok(match name.as_str() {
        "bool" => LocalType::Boolean,
        "int2" => integer(16),
        "int4" => integer(32),
        "int8" => integer(64),
        "float4" => LocalType::Real,
        "float8" => LocalType::Double,
        "numeric" => LocalType::Decimal(digits(modifier)),
        "text" | "varchar" | "name" => LocalType::Text(rules(pool, row)?),
        "bpchar" => LocalType::Char(rules(pool, row)?),
        "bytea" => LocalType::Binary { fixed: None },
        "uuid" => LocalType::Uuid,
        "json" | "jsonb" => LocalType::Json,
        "bit" => LocalType::Bit(u32::try_from(modifier).unwrap_or(1)),
        "date" => LocalType::Date,
        "time" => LocalType::Time(fraction(modifier)),
        "timestamp" => LocalType::Timestamp(fraction(modifier)),
        "timestamptz" => LocalType::TimestampTz(fraction(modifier)),
        // In another encoding than UTF-8 they are to be compared as any text is.
        "an extension's citext" | "an enumeration" if is_encoded_otherwise(pool, row)? => {
            LocalType::Text(rules(pool, row)?)
        }
        "an extension's citext" => LocalType::CiText,
        "an enumeration" => LocalType::Enum(value(pool, Some(row), 10)?),
        _ => LocalType::Other,
    })
}

/// Precision and scale from a numeric's modifier; the scale has 11 bits and a sign since version 15.
fn digits(modifier: i32) -> Option<(u16, i16)> {
    let packed = u32::try_from(modifier.checked_sub(4)?).ok()?;
    let scale = i16::try_from(packed & 0x7ff).ok()?;
    let scale = if scale > 1023 { scale - 2048 } else { scale };
    Some((u16::try_from(packed >> 16).ok()?, scale))
}

fn fraction(modifier: i32) -> u8 {
    u8::try_from(modifier).unwrap_or(6)
}

fn is_encoded_otherwise(pool: &Pool<Manager>, row: &Row) -> Result<bool> {
    value::<String>(pool, Some(row), 11).map(|encoding| encoding != "UTF8")
}

fn rules(pool: &Pool<Manager>, row: &Row) -> Result<TextRules> {
    let other = is_encoded_otherwise(pool, row)?;
    let charset = if other { Charset::Other } else { Charset::Utf8 };
    let bytewise: bool = value(pool, Some(row), 14)?;
    Ok(TextRules {
        charset,
        collation: value(pool, Some(row), 12)?,
        exact_equality: value(pool, Some(row), 13)?,
        byte_order: bytewise && charset == Charset::Utf8,
    })
}

/// A value of a row of the system catalogs.
fn value<'a, T>(pool: &Pool<Manager>, row: Option<&'a Row>, at: usize) -> Result<T>
where
    T: tokio_postgres::types::FromSql<'a>,
{
    let node = &pool.node().name;
    match row.map(|row| row.try_get(at)) {
        Some(Ok(value)) => Ok(value),
        Some(Err(e)) => Err(Error::new(ErrorKind::Unavailable, node, format!("pg_catalog: {e}"))),
        None => Err(Error::new(ErrorKind::Unavailable, node, "pg_catalog answered with no row")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_modifier_holds_precision_and_scale() {
        assert_eq!(digits(-1), None);
        assert_eq!(digits((12 << 16 | 2) + 4), Some((12, 2)));
        assert_eq!(digits((5 << 16 | (2048 - 2)) + 4), Some((5, -2)));
        assert_eq!(digits((1000 << 16 | 1000) + 4), Some((1000, 1000)));
    }
}
