//! PostgreSQL: `COLLATE "C"` compares bytes; NaN and infinities are greater than all; `char(n)` pads.

use intarsia_catalog::{Compare, Type, Value};
use intarsia_connectors::{Charset, LocalType};

use super::{
    super::{
        fragment::ScanColumn,
        sql::{Sql, sql},
        verdict::{Verdict, constant},
    },
    Dialect, Form, compares_otherwise, conjunction, date_text, decimal_text, float_text,
    holds_decimal, holds_integer, no_literal, timestamp_text,
};

/// The dialect of PostgreSQL.
#[derive(Debug)]
pub(crate) struct Postgres;

impl Dialect for Postgres {
    fn name(&self, name: &str) -> Sql {
        Sql::quoted(name, '"')
    }

    fn form(&self, column: &ScanColumn) -> Result<Form, String> {
        let sql = self.column(column);
        match (column.ty, &column.local.ty) {
            (Type::Boolean, LocalType::Boolean)
            | (Type::Real, LocalType::Real)
            | (Type::Double, LocalType::Double) => Ok(Form::plain(sql, true)),
            (Type::Double, LocalType::Real) => {
                Ok(Form::plain(sql!["CAST(", sql, " AS float8)"], true))
            }
            (Type::Real, LocalType::Double) => Ok(Form::plain(sql, false)),
            (ty, LocalType::Integer { bits, unsigned, .. }) if is_exact_number(ty) => {
                Ok(Form::plain(sql, holds_integer(ty, *bits, *unsigned)))
            }
            (ty, LocalType::Decimal(local)) if is_exact_number(ty) => {
                Ok(Form::plain(sql, holds_decimal(ty, *local)))
            }
            (Type::Text, _) => text_form(column, sql),
            (Type::Uuid, LocalType::Uuid) => {
                Ok(Form { index: Some(sql.clone()), ..bytes(sql![sql, "::text"]) })
            }
            (Type::Date, LocalType::Date)
            | (Type::Timestamp, LocalType::Timestamp(_))
            | (Type::TimestampTz, LocalType::TimestampTz(_)) => {
                Ok(Form { beside_column: None, ..Form::plain(sql, true) })
            }
            _ => Err(compares_otherwise(column)),
        }
    }

    fn literal(&self, column: &ScanColumn, value: &Value) -> Result<Sql, String> {
        let spelled = match value {
            Value::Boolean(value) => Some(Sql::from(if *value { "TRUE" } else { "FALSE" })),
            Value::Integer(value) => Some(Sql::number(&value.to_string())),
            Value::Decimal(digits) => {
                decimal_text(*digits, column.ty).map(|text| Sql::number(&text))
            }
            Value::Float(value) => Some(float(*value, column)),
            Value::Text(text) if is_encoded_otherwise(column) => Some(hexadecimal(text)),
            // A UUID's column does not tell the database's encoding, which may lack the text.
            Value::Text(text) if column.local.ty == LocalType::Uuid && !text.is_ascii() => None,
            Value::Text(text) => (!text.contains('\0')).then(|| Sql::text(text)),
            Value::Date(days) => date_text(*days).map(|text| sql!["DATE ", Sql::text(&text)]),
            Value::Timestamp(micros) => {
                timestamp_text(*micros).map(|text| timestamp(&text, column.ty))
            }
        };
        spelled.ok_or_else(|| no_literal(column))
    }

    /// Only a UUID has an index form here, and only its canonical text is certain to be the same value.
    fn index_literal(&self, value: &Value) -> Result<Sql, String> {
        match value {
            Value::Text(text) if is_canonical_uuid(text) => {
                Ok(sql!["CAST(", Sql::text(text), " AS uuid)"])
            }
            _ => Err("no canonical UUID".to_owned()),
        }
    }

    /// `numeric` holds NaN, dates hold infinities and years that are taken for none, which are greater or less than
    /// every value: bounded out.
    fn guard(&self, column: &ScanColumn, op: Compare) -> Option<Sql> {
        let sql = self.column(column);
        match (&column.local.ty, op) {
            (
                LocalType::Decimal(_),
                Compare::Greater | Compare::GreaterOrEqual | Compare::NotEqual,
            ) => Some(sql![sql, " <> CAST('NaN' AS numeric)"]),
            (LocalType::Date, op) => in_years("DATE", op, &sql),
            (LocalType::Timestamp(_), op) => in_years("TIMESTAMP", op, &sql),
            (LocalType::TimestampTz(_), op) => in_years("TIMESTAMPTZ", op, &sql),
            _ => None,
        }
    }

    fn like(&self, column: &ScanColumn, pattern: &str, negated: bool) -> Result<Verdict, String> {
        if column.ty != Type::Text || pattern.contains('\0') || is_encoded_otherwise(column) {
            return Err(compares_otherwise(column));
        }
        let form = self.form(column)?;
        let like = if negated { " NOT LIKE " } else { " LIKE " };
        Ok(Verdict::Exact(sql![form.equal, like, Sql::text(pattern), " ESCAPE '\\'"]))
    }

    fn is_null(&self, column: &ScanColumn, null: bool) -> Verdict {
        if !column.local.nullable {
            return Verdict::Exact(constant(!null));
        }
        Verdict::Exact(sql![self.column(column), if null { " IS NULL" } else { " IS NOT NULL" }])
    }

    fn order_item(&self, key: Sql, descending: bool, nulls_first: bool) -> Sql {
        sql![
            key,
            if descending { " DESC" } else { " ASC" },
            if nulls_first { " NULLS FIRST" } else { " NULLS LAST" }
        ]
    }
}

/// The first day that is taken, and the one after the last.
const YEARS: [&str; 2] = ["0001-01-01", "262143-01-01"];

/// That `sql` lies within [`YEARS`], as far as it can satisfy `op` and not do so.
fn in_years(ty: &'static str, op: Compare, sql: &Sql) -> Option<Sql> {
    let bound = |op, at: usize| sql![sql, op, ty, " ", Sql::text(YEARS[at])];
    let (from, to) = (bound(" >= ", 0), bound(" < ", 1));
    match op {
        Compare::Equal => None,
        Compare::Less | Compare::LessOrEqual => Some(from),
        Compare::Greater | Compare::GreaterOrEqual => Some(to),
        Compare::NotEqual => Some(conjunction(vec![from, to])),
    }
}

fn is_exact_number(ty: Type) -> bool {
    !matches!(ty, Type::Real | Type::Double | Type::Text)
}

/// A column compared by bytes.
fn bytes(sql: Sql) -> Form {
    Form::plain(sql!["(", sql, " COLLATE \"C\")"], true)
}

/// A column of a database in another encoding than UTF-8, whose bytes order otherwise there. A literal is sent as its
/// UTF-8 bytes: what the encoding lacks would be an error (22P05).
fn utf8(sql: Sql) -> Form {
    Form::plain(sql!["convert_to(", sql, "::text, 'UTF8')"], true)
}

fn is_encoded_otherwise(column: &ScanColumn) -> bool {
    match &column.local.ty {
        LocalType::Text(rules) | LocalType::Char(rules) => rules.charset != Charset::Utf8,
        _ => false,
    }
}

fn hexadecimal(text: &str) -> Sql {
    let digits: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    sql!["decode(", Sql::text(&digits), ", 'hex')"]
}

fn text_form(column: &ScanColumn, sql: Sql) -> Result<Form, String> {
    match &column.local.ty {
        _ if is_encoded_otherwise(column) => Ok(utf8(sql)),
        // Beside a column of another collation, which is an error (42P22), the collation is said.
        LocalType::Text(rules) if rules.byte_order => {
            Ok(Form { equal: sql.clone(), order: Some(sql.clone()), ..bytes(sql) })
        }
        LocalType::Text(rules) if rules.exact_equality => {
            Ok(Form { equal: sql.clone(), ..bytes(sql) })
        }
        LocalType::Text(_) => Ok(bytes(sql)),
        // Casting char(n) to text drops the padding; citext and enum become what they read as.
        LocalType::Char(_) | LocalType::CiText | LocalType::Enum(_) | LocalType::Uuid => {
            Ok(bytes(sql![sql, "::text"]))
        }
        _ => Err(compares_otherwise(column)),
    }
}

fn float(value: f64, column: &ScanColumn) -> Sql {
    let real = column.local.ty == LocalType::Real && column.ty == Type::Real;
    sql!["CAST(", Sql::text(&float_text(value)), if real { " AS float4)" } else { " AS float8)" }]
}

fn timestamp(text: &str, ty: Type) -> Sql {
    if ty == Type::TimestampTz {
        sql!["TIMESTAMPTZ ", Sql::text(&format!("{text}+00"))]
    } else {
        sql!["TIMESTAMP ", Sql::text(text)]
    }
}

fn is_canonical_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
        })
}
