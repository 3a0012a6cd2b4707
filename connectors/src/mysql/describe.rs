//! Relations from `information_schema`: exact types, character sets and collations.

use std::collections::BTreeMap;

use intarsia_catalog::Place;
use mysql_async::{Conn, FromRowError, Params, Row, from_row_opt, prelude::Queryable};

use crate::{Charset, Error, ErrorKind, LocalColumn, LocalType, Relation, Result, TextRules};

use super::error::driver;

/// The aliases matter: MySQL 8 names the columns of `information_schema` in capitals.
const COLUMNS: &str = "SELECT c.TABLE_SCHEMA AS `schema`, c.TABLE_NAME AS `relation`, c.COLUMN_NAME AS `name`, \
     c.DATA_TYPE AS `type`, c.COLUMN_TYPE AS `declared`, c.IS_NULLABLE = 'YES' AS `nullable`, \
     c.CHARACTER_MAXIMUM_LENGTH AS `length`, c.NUMERIC_PRECISION AS `precision`, c.NUMERIC_SCALE AS `scale`, \
     c.DATETIME_PRECISION AS `digits`, c.CHARACTER_SET_NAME AS `charset`, c.COLLATION_NAME AS `collation` \
     FROM information_schema.COLUMNS AS c";

/// `COLUMNS.COLUMN_KEY` does not tell: it says PRI also of a unique index, and not in which order.
const KEYS: &str = "SELECT s.TABLE_SCHEMA AS `schema`, s.TABLE_NAME AS `relation`, s.COLUMN_NAME AS `name` \
     FROM information_schema.STATISTICS AS s WHERE s.INDEX_NAME = 'PRIMARY'";

/// Not sequences of MariaDB, which are tables too.
const READABLE: &str = " JOIN information_schema.TABLES AS t \
     ON t.TABLE_SCHEMA = c.TABLE_SCHEMA AND t.TABLE_NAME = c.TABLE_NAME \
     WHERE t.TABLE_TYPE IN ('BASE TABLE', 'VIEW', 'SYSTEM VERSIONED') AND c.TABLE_SCHEMA NOT IN \
     ('information_schema', 'mysql', 'performance_schema', 'sys')";

const IN_ORDER: &str = " ORDER BY c.TABLE_SCHEMA, c.TABLE_NAME, c.ORDINAL_POSITION";
const IN_KEY_ORDER: &str = " ORDER BY s.TABLE_SCHEMA, s.TABLE_NAME, s.SEQ_IN_INDEX";

/// The relation at `place`, whose schema is filled in; `None` if there is none that this user may see.
pub(super) async fn describe(conn: &mut Conn, place: &Place) -> Result<Option<Relation>> {
    let schema = place.schema.clone().unwrap_or_default();
    let here = || Params::from((schema.as_str(), place.relation.as_str()));
    let columns = format!("{COLUMNS} WHERE c.TABLE_SCHEMA = ? AND c.TABLE_NAME = ?{IN_ORDER}");
    let keys = format!("{KEYS} AND s.TABLE_SCHEMA = ? AND s.TABLE_NAME = ?{IN_KEY_ORDER}");
    let found = Found {
        columns: rows(conn, &place.node, columns, here()).await?,
        keys: rows(conn, &place.node, keys, here()).await?,
    };
    let mut relations = found.relations(&place.node)?;
    // Names of relations have no case where the server's file system has none.
    let exact = relations.iter().position(|found| found.place.relation == place.relation);
    Ok((!relations.is_empty()).then(|| relations.swap_remove(exact.unwrap_or(0))))
}

/// Every relation outside the system's schemas.
pub(super) async fn relations(conn: &mut Conn, node: &str) -> Result<Vec<Relation>> {
    let columns = rows(conn, node, format!("{COLUMNS}{READABLE}{IN_ORDER}"), Params::Empty).await?;
    let keys = rows(conn, node, format!("{KEYS}{IN_KEY_ORDER}"), Params::Empty).await?;
    Found { columns, keys }.relations(node)
}

async fn rows(conn: &mut Conn, node: &str, sql: String, params: Params) -> Result<Vec<Row>> {
    conn.exec(sql, params).await.map_err(|e| driver(node, e))
}

/// Rows of [`COLUMNS`] and [`KEYS`].
struct Found {
    columns: Vec<Row>,
    keys: Vec<Row>,
}

/// A schema and a relation.
type Name = (String, String);

impl Found {
    fn relations(self, node: &str) -> Result<Vec<Relation>> {
        let strange = |FromRowError(row)| {
            let message = format!("information_schema has a row that makes no sense: {row:?}");
            Error::new(ErrorKind::Mismatch, node, message)
        };
        let mut keys: BTreeMap<Name, Vec<String>> = BTreeMap::new();
        for row in self.keys {
            let (schema, relation, name) = from_row_opt(row).map_err(strange)?;
            keys.entry((schema, relation)).or_default().push(name);
        }
        let mut relations: Vec<Relation> = vec![];
        for row in self.columns {
            let column = Described::from(row).map_err(strange)?;
            let place = column.place(node);
            match relations.last_mut() {
                Some(last) if last.place == place => last.columns.push(column.into_local()),
                _ => {
                    let name = (column.schema.clone(), column.relation.clone());
                    let primary_key = keys.remove(&name).unwrap_or_default();
                    relations.push(Relation {
                        place,
                        columns: vec![column.into_local()],
                        primary_key,
                    });
                }
            }
        }
        Ok(relations)
    }
}

/// A column as `information_schema` has it.
#[derive(Debug, Default)]
struct Described {
    schema: String,
    relation: String,
    name: String,
    /// The word of the type.
    ty: String,
    /// The whole type, with length, sign and labels.
    declared: String,
    nullable: bool,
    length: Option<u64>,
    precision: Option<u64>,
    scale: Option<u64>,
    /// Of the fraction of a second.
    digits: Option<u64>,
    charset: Option<String>,
    collation: Option<String>,
}

impl Described {
    fn from(row: Row) -> Result<Described, FromRowError> {
        let (
            schema,
            relation,
            name,
            ty,
            declared,
            nullable,
            length,
            precision,
            scale,
            digits,
            charset,
            collation,
        ) = from_row_opt(row)?;
        Ok(Described {
            schema,
            relation,
            name,
            ty,
            declared,
            nullable,
            length,
            precision,
            scale,
            digits,
            charset,
            collation,
        })
    }

    fn place(&self, node: &str) -> Place {
        Place {
            node: node.to_owned(),
            schema: Some(self.schema.clone()),
            relation: self.relation.clone(),
        }
    }

    fn into_local(self) -> LocalColumn {
        LocalColumn {
            ty: self.local_type(),
            name: self.name,
            declared: self.declared,
            nullable: self.nullable,
        }
    }

    fn local_type(&self) -> LocalType {
        match self.ty.as_str() {
            "tinyint" => self.integer(8),
            "smallint" => self.integer(16),
            "mediumint" => self.integer(24),
            "int" => self.integer(32),
            "bigint" => self.integer(64),
            "year" => LocalType::Year,
            "float" => LocalType::Real,
            "double" => LocalType::Double,
            "decimal" => LocalType::Decimal(Some((small(self.precision), small(self.scale)))),
            "bit" => LocalType::Bit(small(self.precision)),
            "char" => LocalType::Char(self.text()),
            "varchar" | "tinytext" | "text" | "mediumtext" | "longtext" => {
                LocalType::Text(self.text())
            }
            "enum" => LocalType::Enum(labels(&self.declared)),
            "set" => LocalType::Set,
            "json" => LocalType::Json,
            "uuid" => LocalType::Uuid,
            "binary" => LocalType::Binary { fixed: Some(small(self.length)) },
            "varbinary" | "tinyblob" | "blob" | "mediumblob" | "longblob" => {
                LocalType::Binary { fixed: None }
            }
            "date" => LocalType::Date,
            "time" => LocalType::Time(small(self.digits)),
            "datetime" => LocalType::DateTime(small(self.digits)),
            "timestamp" => LocalType::TimestampTz(small(self.digits)),
            _ => LocalType::Other, // geometry, vector, inet4, inet6 and what is yet to come
        }
    }

    /// MySQL (8.0.19) shows the display width of `tinyint(1)` alone, and not if it is unsigned.
    fn integer(&self, bits: u8) -> LocalType {
        LocalType::Integer {
            bits,
            unsigned: self.declared.contains("unsigned"),
            boolean: self.declared.starts_with("tinyint(1)"),
        }
    }

    fn text(&self) -> TextRules {
        let charset = self.charset.as_deref().unwrap_or_default();
        let collation = self.collation.clone().unwrap_or_default();
        let exact = compares_bytes(&collation);
        let utf8 = matches!(charset, "utf8mb4" | "utf8mb3" | "utf8" | "ascii");
        TextRules {
            charset: match charset {
                "utf8mb4" => Charset::Utf8,
                "utf8mb3" | "utf8" => Charset::Utf8Mb3,
                _ => Charset::Other,
            },
            exact_equality: exact,
            byte_order: exact && utf8,
            collation,
        }
    }
}

/// Whether a collation compares bytes and nothing else. `utf8mb4_bin` does not: it pads with spaces.
fn compares_bytes(collation: &str) -> bool {
    collation.ends_with("_nopad_bin") || collation == "utf8mb4_0900_bin"
}

/// A number of `information_schema` that the protocol keeps small.
fn small<T: TryFrom<u64> + Default>(number: Option<u64>) -> T {
    number.and_then(|number| T::try_from(number).ok()).unwrap_or_default()
}

/// The labels in `enum('a','it''s')`. Backslashes are doubled and ends of line escaped there, whatever the
/// session's `sql_mode` (MySQL 9.7, MariaDB 10.11).
fn labels(declared: &str) -> Vec<String> {
    let mut labels = vec![];
    let mut rest = declared.chars().peekable();
    while rest.by_ref().any(|c| c == '\'') {
        let mut label = String::new();
        while let Some(c) = rest.next() {
            match c {
                '\'' if rest.next_if_eq(&'\'').is_none() => break,
                '\\' => label.extend(rest.next().map(unescaped)),
                other => label.push(other),
            }
        }
        labels.push(label);
    }
    labels
}

fn unescaped(c: char) -> char {
    match c {
        'n' => '\n',
        'r' => '\r',
        '0' => '\0',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_unquoted() {
        let declared = r#"enum('a','b''c','d\\e','f\ng','"q','x,y')"#;
        assert_eq!(labels(declared), ["a", "b'c", "d\\e", "f\ng", "\"q", "x,y"]);
        assert_eq!(labels("enum('')"), [""]);
    }

    #[test]
    fn only_collations_that_do_not_pad_compare_bytes() {
        for exact in ["utf8mb4_0900_bin", "utf8mb4_nopad_bin", "latin1_nopad_bin"] {
            assert!(compares_bytes(exact), "{exact}");
        }
        for loose in ["utf8mb4_bin", "utf8mb4_general_ci", "utf8mb4_0900_as_cs"] {
            assert!(!compares_bytes(loose), "{loose}");
        }
    }

    #[test]
    fn latin1_is_exact_but_sorts_in_an_order_of_its_own() {
        let rules = |charset: &str, collation: &str| {
            let (charset, collation) = (Some(charset.into()), Some(collation.into()));
            let rules = Described { charset, collation, ..Described::default() }.text();
            (rules.exact_equality, rules.byte_order)
        };
        assert_eq!(rules("utf8mb4", "utf8mb4_nopad_bin"), (true, true));
        assert_eq!(rules("latin1", "latin1_nopad_bin"), (true, false));
        assert_eq!(rules("utf8mb4", "utf8mb4_bin"), (false, false));
    }
}
