//! MySQL and MariaDB: collations fold case and pad; a binary string compares by bytes. Every session is pinned
//! to NO_BACKSLASH_ESCAPES, utf8mb4 and UTC.

use intarsia_catalog::{Compare, Type, Value};
use intarsia_connectors::{Charset, LocalType, TextRules};

use super::{
    super::{
        fragment::ScanColumn,
        sql::{Sql, sql},
        verdict::{Verdict, constant},
    },
    Dialect, Form, compares_otherwise, date_text, decimal_text, float_text, holds_decimal,
    holds_integer, no_literal, timestamp_text,
};

/// The dialect of MySQL and MariaDB.
#[derive(Debug)]
pub(crate) struct MySql;

impl Dialect for MySql {
    fn name(&self, name: &str) -> Sql {
        Sql::quoted(name, '`')
    }

    fn form(&self, column: &ScanColumn) -> Result<Form, String> {
        let sql = self.column(column);
        match (column.ty, &column.local.ty) {
            // A boolean is compared as the number it is: 2 is neither.
            (Type::Boolean, LocalType::Integer { .. }) => {
                Ok(Form { order: None, exact_order: false, ..Form::plain(sql, true) })
            }
            (Type::Real, LocalType::Real) | (Type::Double, LocalType::Real | LocalType::Double) => {
                Ok(Form::plain(sql, true))
            }
            (Type::Real, LocalType::Double) => Ok(Form::plain(sql, false)),
            (ty, LocalType::Integer { bits, unsigned, .. }) if is_exact_number(ty) => {
                Ok(Form::plain(sql, holds_integer(ty, *bits, *unsigned)))
            }
            (ty, LocalType::Decimal(local)) if is_exact_number(ty) => {
                Ok(Form::plain(sql, holds_decimal(ty, *local)))
            }
            (Type::Text, LocalType::Text(rules) | LocalType::Char(rules)) => {
                Ok(Form { sorts: !is_long(column), ..text_form(rules, sql) })
            }
            (Type::Text, LocalType::Enum(_) | LocalType::Set)
            | (Type::Text | Type::Uuid, LocalType::Uuid) => {
                Ok(bytes(sql!["CAST(", sql, " AS CHAR CHARACTER SET utf8mb4)"]))
            }
            // Zero and partial dates are less or more than a date, and never equal to one.
            (Type::Date, LocalType::Date)
            | (Type::Timestamp, LocalType::Timestamp(_) | LocalType::DateTime(_))
            | (Type::TimestampTz, LocalType::TimestampTz(_) | LocalType::DateTime(_)) => {
                Ok(Form { exact_order: false, beside_column: None, ..Form::plain(sql, true) })
            }
            _ => Err(compares_otherwise(column)),
        }
    }

    fn literal(&self, column: &ScanColumn, value: &Value) -> Result<Sql, String> {
        let spelled = match value {
            Value::Boolean(value) => Some(Sql::from(if *value { "1" } else { "0" })),
            Value::Integer(value) => Some(Sql::number(&value.to_string())),
            Value::Decimal(digits) => {
                decimal_text(*digits, column.ty).map(|text| Sql::number(&text))
            }
            Value::Float(value) => Some(Sql::number(&float_text(*value))),
            Value::Text(text) if plain_text(column) => Some(Sql::text(text)),
            Value::Text(text) => Some(sql!["CAST(", Sql::text(text), " AS BINARY)"]),
            Value::Date(days) => date_text(*days).map(|text| sql!["DATE ", Sql::text(&text)]),
            Value::Timestamp(micros) => {
                timestamp_text(*micros).map(|text| sql!["TIMESTAMP ", Sql::text(&text)])
            }
        };
        spelled.ok_or_else(|| no_literal(column))
    }

    fn index_literal(&self, value: &Value) -> Result<Sql, String> {
        match value {
            Value::Text(text) => Ok(Sql::text(text)),
            _ => Err("only texts have an index form".to_owned()),
        }
    }

    fn guard(&self, _: &ScanColumn, _: Compare) -> Option<Sql> {
        None
    }

    /// LIKE compares character by character under the pattern's collation, without padding; `utf8mb4_bin` makes it exact.
    fn like(&self, column: &ScanColumn, pattern: &str, negated: bool) -> Result<Verdict, String> {
        let (Type::Text, LocalType::Text(_) | LocalType::Char(_)) = (column.ty, &column.local.ty)
        else {
            return Err(compares_otherwise(column));
        };
        let operand = sql!["CONVERT(", self.column(column), " USING utf8mb4) COLLATE utf8mb4_bin"];
        let like = if negated { " NOT LIKE " } else { " LIKE " };
        Ok(Verdict::Exact(sql![operand, like, Sql::text(pattern), " ESCAPE '\\'"]))
    }

    /// `IS NULL` finds zero dates in a NOT NULL date column, so such a column is not asked.
    fn is_null(&self, column: &ScanColumn, null: bool) -> Verdict {
        if !column.local.nullable {
            return Verdict::Exact(constant(!null));
        }
        Verdict::Exact(sql![self.column(column), if null { " IS NULL" } else { " IS NOT NULL" }])
    }

    /// There is no NULLS FIRST: a key of its own puts NULLs in place.
    fn order_item(&self, key: Sql, descending: bool, nulls_first: bool) -> Sql {
        let nulls = sql![&key, if nulls_first { " IS NULL DESC, " } else { " IS NULL, " }];
        sql![nulls, key, if descending { " DESC" } else { " ASC" }]
    }
}

fn is_exact_number(ty: Type) -> bool {
    !matches!(ty, Type::Boolean | Type::Real | Type::Double | Type::Text)
}

/// MariaDB (10.11) sorts by `max_sort_length` bytes, which sessions pin to 64 KiB: less than these types hold.
fn is_long(column: &ScanColumn) -> bool {
    let declared = column.local.declared.to_ascii_lowercase();
    declared.starts_with("longtext") || declared.starts_with("mediumtext")
}

/// A text compared by its UTF-8 bytes.
fn bytes(sql: Sql) -> Form {
    Form::plain(sql!["CAST(", sql, " AS BINARY)"], true)
}

fn text_form(rules: &TextRules, sql: Sql) -> Form {
    if rules.exact_equality && rules.byte_order {
        // Two collations beside each other are an error (1267), even of one character set.
        return Form { beside_column: bytes(sql.clone()).beside_column, ..Form::plain(sql, true) };
    }
    match rules.charset {
        // Equal bytes are equal under every collation, so an index on the column may narrow the search first.
        Charset::Utf8 => Form { index: Some(sql.clone()), ..bytes(sql) },
        // A literal outside the column's character set is an error beside the plain column (1267).
        Charset::Utf8Mb3 | Charset::Other | Charset::Collated | Charset::Utf16 => {
            bytes(sql!["CONVERT(", sql, " USING utf8mb4)"])
        }
    }
}

/// Whether the column is compared as it stands.
fn plain_text(column: &ScanColumn) -> bool {
    match &column.local.ty {
        LocalType::Text(rules) | LocalType::Char(rules) => rules.exact_equality && rules.byte_order,
        _ => false,
    }
}
