//! SQLite: each cell has a storage class of its own. Numbers sort below texts, texts below blobs, so a
//! comparison needs `typeof` beside it to be exact; dates are texts or numbers.

use intarsia_catalog::{Compare, Encoding, Type, Value};
use intarsia_connectors::{Affinity, Charset, LocalType};

use super::{
    super::{
        fragment::ScanColumn,
        sql::{Sql, sql},
        verdict::{Verdict, constant, symbol},
    },
    Dialect, Form, compares_otherwise, conjunction, date_text, decimal_text, float_text,
    no_literal, whole_range,
};

/// The dialect of SQLite.
#[derive(Debug)]
pub(crate) struct Sqlite;

const DAY_MICROS: i64 = 86_400_000_000;

/// SQLite reads a decimal of so many digits into the nearest double.
const EXACT_DIGITS: usize = 15;

/// … with so many digits after the point at most.
const EXACT_SCALE: u8 = 12;

impl Dialect for Sqlite {
    fn name(&self, name: &str) -> Sql {
        Sql::quoted(name, '"')
    }

    fn form(&self, column: &ScanColumn) -> Result<Form, String> {
        let LocalType::Affinity(affinity, charset) = &column.local.ty else {
            return Err(compares_otherwise(column));
        };
        let sql = self.column(column);
        let plain = Form { beside_column: None, ..Form::plain(sql.clone(), false) };
        match column.ty {
            _ if column.encoding.is_some() => encoded_form(column, plain),
            Type::Boolean if is_whole(*affinity, *charset) => {
                Ok(Form { exact_equal: true, ..plain })
            }
            // A whole number kept in an INTEGER or NUMERIC column is always of class integer.
            ty if whole_range(ty).is_some()
                && ty != Type::BigIntUnsigned
                && is_whole(*affinity, *charset) =>
            {
                Ok(Form { exact_equal: true, exact_order: true, ..plain })
            }
            // A view may show a decimal as a text, which sorts above every number.
            Type::Decimal { .. } if *charset != Charset::Utf8 => Err(compares_otherwise(column)),
            ty if is_number(ty) && is_numeric(*affinity) => Ok(plain),
            Type::Text if is_textual(*affinity) => Ok(text_form(*charset, sql)),
            Type::Uuid if is_textual(*affinity) => {
                let lower = sql!["lower(", sql, ")"];
                Ok(Form {
                    equal: sql![&lower, " COLLATE BINARY"],
                    order: Some(sql![lower, " COLLATE BINARY"]),
                    ..plain
                })
            }
            // One text a day, in the order of days.
            Type::Date => {
                Ok(Form { exact_equal: *charset == Charset::Utf8, ..text_form(*charset, sql) }
                    .loose_order())
            }
            _ => Err(compares_otherwise(column)),
        }
    }

    fn literal(&self, column: &ScanColumn, value: &Value) -> Result<Sql, String> {
        if let Some(encoding) = column.encoding {
            return encoded(encoding, value).ok_or_else(|| no_literal(column));
        }
        let spelled = match value {
            Value::Boolean(value) => Some(Sql::from(if *value { "1" } else { "0" })),
            Value::Integer(value) => {
                i64::try_from(*value).ok().map(|value| Sql::number(&value.to_string()))
            }
            Value::Decimal(digits) => {
                exact_decimal(*digits, column.ty).map(|text| Sql::number(&text))
            }
            Value::Float(value) => exact_float(*value).map(|text| Sql::number(&text)),
            // SQLite's own parser ends a statement at NUL.
            Value::Text(text) => (!text.contains('\0')).then(|| Sql::text(text)),
            Value::Date(days) => date_text(*days).map(|text| Sql::text(&text)),
            Value::Timestamp(_) => None,
        };
        spelled.ok_or_else(|| no_literal(column))
    }

    fn index_literal(&self, _: &Value) -> Result<Sql, String> {
        Err("there is no index form".to_owned())
    }

    fn guard(&self, column: &ScanColumn, op: Compare) -> Option<Sql> {
        let LocalType::Affinity(affinity, charset) = column.local.ty else { return None };
        let sql = self.column(column);
        match column.ty {
            _ if column.encoding.is_some() => None,
            Type::Boolean => Some(is_class(&sql, "'integer'")),
            Type::Text if op != Compare::Equal => Some(is_class(&sql, "'text'")),
            ty if whole_range(ty).is_some()
                && ty != Type::BigIntUnsigned
                && is_whole(affinity, charset) =>
            {
                Some(in_range(ty, op, &sql))
            }
            _ => None,
        }
    }

    /// GLOB is LIKE with case; it stops at a NUL character, so texts that hold one are let through.
    fn like(&self, column: &ScanColumn, pattern: &str, negated: bool) -> Result<Verdict, String> {
        let LocalType::Affinity(affinity, _) = &column.local.ty else {
            return Err(compares_otherwise(column));
        };
        if column.ty != Type::Text || !is_textual(*affinity) || pattern.contains('\0') {
            return Err(compares_otherwise(column));
        }
        let sql = self.column(column);
        let glob = if negated { " NOT GLOB " } else { " GLOB " };
        let matches = sql![&sql, glob, Sql::text(&glob_pattern(pattern))];
        Ok(Verdict::Superset(sql!["(", matches, " OR instr(", sql, ", char(0)) > 0)"]))
    }

    fn is_null(&self, column: &ScanColumn, null: bool) -> Verdict {
        Verdict::Exact(sql![self.column(column), if null { " IS NULL" } else { " IS NOT NULL" }])
    }

    fn order_item(&self, key: Sql, descending: bool, nulls_first: bool) -> Sql {
        sql![
            key,
            if descending { " DESC" } else { " ASC" },
            if nulls_first { " NULLS FIRST" } else { " NULLS LAST" }
        ]
    }

    fn compare(&self, column: &ScanColumn, op: Compare, value: &Value) -> Result<Verdict, String> {
        match (value, column.encoding) {
            (Value::Timestamp(micros), None) => {
                days_around(column, op, *micros, &self.column(column))
            }
            (Value::Timestamp(_) | Value::Date(_), Some(encoding)) => {
                self.compare_encoded(column, op, value, encoding)
            }
            _ => {
                let form = self.form(column)?;
                let operand = match op {
                    Compare::Equal | Compare::NotEqual => form.equal.clone(),
                    _ => form.order.clone().ok_or_else(|| super::orders_otherwise(column))?,
                };
                let comparison = sql![operand, symbol(op), self.literal(column, value)?];
                Ok(Verdict::new(
                    form.exact(op),
                    conjunction(
                        [Some(comparison), self.guard(column, op)].into_iter().flatten().collect(),
                    ),
                ))
            }
        }
    }
}

impl Sqlite {
    /// Whole numbers around the value: a superset, since the column's unit may be coarser than the value.
    fn compare_encoded(
        &self,
        column: &ScanColumn,
        op: Compare,
        value: &Value,
        encoding: Encoding,
    ) -> Result<Verdict, String> {
        let (unit, micros) = unit(encoding).zip(micros(value)).ok_or_else(|| no_literal(column))?;
        let (low, high) = (
            micros.div_euclid(unit),
            micros.div_euclid(unit) + i64::from(micros.rem_euclid(unit) != 0),
        );
        let sql = self.column(column);
        let bound = |op, bound: i64| sql![&sql, symbol(op), Sql::number(&bound.to_string())];
        match op {
            Compare::Equal if low == high => Ok(Verdict::Superset(bound(Compare::Equal, low))),
            Compare::Equal => Ok(Verdict::Exact(constant(false))),
            Compare::Less | Compare::LessOrEqual => {
                Ok(Verdict::Superset(bound(Compare::LessOrEqual, high)))
            }
            Compare::Greater | Compare::GreaterOrEqual => {
                Ok(Verdict::Superset(bound(Compare::GreaterOrEqual, low)))
            }
            Compare::NotEqual => Err(compares_otherwise(column)),
        }
    }
}

impl Form {
    fn loose_order(self) -> Form {
        Form { exact_order: false, ..self }
    }
}

/// Whether a whole number in the column is always of class integer. A view's column has an affinity, but its
/// values need not have taken it: 6.0 stays a REAL there.
fn is_whole(affinity: Affinity, charset: Charset) -> bool {
    matches!(affinity, Affinity::Integer | Affinity::Numeric) && charset == Charset::Utf8
}

fn is_numeric(affinity: Affinity) -> bool {
    matches!(affinity, Affinity::Integer | Affinity::Numeric | Affinity::Real)
}

fn is_textual(affinity: Affinity) -> bool {
    !is_numeric(affinity)
}

fn is_number(ty: Type) -> bool {
    matches!(ty, Type::Real | Type::Double | Type::Decimal { .. }) || whole_range(ty).is_some()
}

fn text_form(charset: Charset, sql: Sql) -> Form {
    let sql = if charset == Charset::Utf8 { sql } else { sql![sql, " COLLATE BINARY"] };
    let form = Form { beside_column: None, ..Form::plain(sql, true) };
    if charset == Charset::Utf16 { Form { order: None, ..form } } else { form }
}

/// Seconds and their kin sort as the times do; a Julian day is a float and is compared here.
fn encoded_form(column: &ScanColumn, plain: Form) -> Result<Form, String> {
    match column.encoding.and_then(unit) {
        Some(_) => Ok(plain),
        None => Err(compares_otherwise(column)),
    }
}

fn is_class(sql: &Sql, class: &'static str) -> Sql {
    sql!["typeof(", sql, ") = ", class]
}

/// Class integer, and not beyond the type on the side to which `op` is open.
fn in_range(ty: Type, op: Compare, sql: &Sql) -> Sql {
    let class = is_class(sql, "'integer'");
    let Some((least, most)) = whole_range(ty).filter(|_| ty != Type::BigInt) else { return class };
    let bound = |op, bound: i128| sql![sql, symbol(op), Sql::number(&bound.to_string())];
    match op {
        Compare::Equal => class,
        Compare::Less | Compare::LessOrEqual => {
            conjunction(vec![class, bound(Compare::GreaterOrEqual, least)])
        }
        Compare::Greater | Compare::GreaterOrEqual => {
            conjunction(vec![class, bound(Compare::LessOrEqual, most)])
        }
        Compare::NotEqual => conjunction(vec![
            class,
            bound(Compare::GreaterOrEqual, least),
            bound(Compare::LessOrEqual, most),
        ]),
    }
}

/// ISO texts differ in `T`, fraction and offset but begin with the day: whole days around the instant, one more
/// on each side where an offset may shift them.
fn days_around(
    column: &ScanColumn,
    op: Compare,
    micros: i64,
    sql: &Sql,
) -> Result<Verdict, String> {
    let slack = i32::from(column.ty == Type::TimestampTz);
    let day = i32::try_from(micros.div_euclid(DAY_MICROS)).map_err(|_| no_literal(column))?;
    let text = |day| date_text(day).map(|text| Sql::text(&text)).ok_or_else(|| no_literal(column));
    let from = |day| text(day).map(|text| sql![sql, " >= ", text]);
    let until = |day| text(day).map(|text| sql![sql, " < ", text]);
    match op {
        Compare::Greater | Compare::GreaterOrEqual => Ok(Verdict::Superset(from(day - slack)?)),
        Compare::Less | Compare::LessOrEqual => Ok(Verdict::Superset(until(day + 1 + slack)?)),
        Compare::Equal => {
            Ok(Verdict::Superset(conjunction(vec![from(day - slack)?, until(day + 1 + slack)?])))
        }
        Compare::NotEqual => Err(compares_otherwise(column)),
    }
}

/// Microseconds in the unit of an encoding by whole numbers.
fn unit(encoding: Encoding) -> Option<i64> {
    match encoding {
        Encoding::UnixSeconds => Some(1_000_000),
        Encoding::UnixMillis => Some(1_000),
        Encoding::UnixMicros => Some(1),
        Encoding::JulianDay => None,
    }
}

fn micros(value: &Value) -> Option<i64> {
    match value {
        Value::Timestamp(micros) => Some(*micros),
        Value::Date(days) => i64::from(*days).checked_mul(DAY_MICROS),
        _ => None,
    }
}

fn encoded(encoding: Encoding, value: &Value) -> Option<Sql> {
    let (unit, micros) = unit(encoding).zip(micros(value))?;
    (micros.rem_euclid(unit) == 0).then(|| Sql::number(&micros.div_euclid(unit).to_string()))
}

/// The text of a decimal that SQLite reads into the double nearest to it, and back.
fn exact_decimal(digits: i128, ty: Type) -> Option<String> {
    let Type::Decimal { scale, .. } = ty else { return None };
    let short = digits.unsigned_abs().to_string().len() <= EXACT_DIGITS && scale <= EXACT_SCALE;
    short.then(|| decimal_text(digits, ty)).flatten()
}

/// The same for a double.
fn exact_float(value: f64) -> Option<String> {
    let text = float_text(value);
    let (digits, exponent) = text.split_once('e')?;
    let short = digits.bytes().filter(u8::is_ascii_digit).count() <= EXACT_DIGITS;
    (short
        && exponent.parse::<i32>().is_ok_and(|exponent| exponent.abs() <= i32::from(EXACT_SCALE)))
    .then_some(text)
}

/// LIKE's pattern as GLOB's.
fn glob_pattern(like: &str) -> String {
    let mut glob = String::with_capacity(like.len());
    let mut chars = like.chars();
    while let Some(c) = chars.next() {
        match c {
            '%' => glob.push('*'),
            '_' => glob.push('?'),
            '\\' => push_plain(&mut glob, chars.next().unwrap_or('\\')),
            c => push_plain(&mut glob, c),
        }
    }
    glob
}

fn push_plain(glob: &mut String, c: char) {
    match c {
        '*' | '?' | '[' => glob.extend(['[', c, ']']),
        c => glob.push(c),
    }
}
