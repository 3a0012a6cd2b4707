//! How each kind of node spells and means things: one file a backend, each with the same functions.

mod mysql;
mod postgres;
mod sqlite;

use datafusion::arrow::{
    datatypes::{Decimal128Type, DecimalType},
    temporal_conversions::{date32_to_datetime, timestamp_us_to_datetime},
};
use intarsia_catalog::{Compare, Place, Type, Value};
use intarsia_connectors::{Flavor, Server};

use super::{
    fragment::ScanColumn,
    sql::{Sql, sql},
    verdict::{Verdict, constant, symbol},
};

/// The dialect of a server.
pub(crate) fn of(server: &Server) -> &'static dyn Dialect {
    match server.flavor {
        Flavor::Postgres => &postgres::Postgres,
        Flavor::MySql | Flavor::MariaDb => &mysql::MySql,
        Flavor::Sqlite => &sqlite::Sqlite,
    }
}

/// A column as a node must be asked to compare it, so that the comparison means what it means here.
#[derive(Debug, Clone)]
pub(crate) struct Form {
    /// The operand of `=`, `<>` and IN.
    pub(crate) equal: Sql,
    /// The operand of `<` and its kin and the key of ORDER BY; `None` if the node orders the values otherwise.
    pub(crate) order: Option<Sql>,
    /// A looser operand of `=` and IN that an index may serve, asked for beside `equal`.
    pub(crate) index: Option<Sql>,
    /// Whether a value that breaks the column's promise can never satisfy `=`.
    pub(crate) exact_equal: bool,
    /// The same for `<>`, `<` and its kin.
    pub(crate) exact_order: bool,
    /// Whether ORDER BY sorts by all of `order`, however long the values are.
    pub(crate) sorts: bool,
    /// The operand beside another column of the same type in such a form; `None` if columns are compared here.
    pub(crate) beside_column: Option<Sql>,
}

impl Form {
    /// The plain column, in which every local value keeps the promise (`total`) or not.
    pub(crate) fn plain(column: Sql, total: bool) -> Form {
        Form {
            equal: column.clone(),
            beside_column: Some(column.clone()),
            order: Some(column),
            index: None,
            exact_equal: total,
            exact_order: total,
            sorts: true,
        }
    }

    /// Whether a comparison with `op` is exact.
    pub(crate) fn exact(&self, op: Compare) -> bool {
        if op == Compare::Equal { self.exact_equal } else { self.exact_order }
    }
}

/// What a backend does its own way. Errors are the reasons why something stays with us.
pub(crate) trait Dialect: Sync {
    /// A quoted name.
    fn name(&self, name: &str) -> Sql;

    /// The column in the form that compares as ours does.
    fn form(&self, column: &ScanColumn) -> Result<Form, String>;

    /// A value of the column's type, spelled so that it is compared with `form`.
    fn literal(&self, column: &ScanColumn, value: &Value) -> Result<Sql, String>;

    /// A value as it stands beside [`Form::index`].
    fn index_literal(&self, value: &Value) -> Result<Sql, String>;

    /// A condition that keeps values which break the promise from satisfying `op`, where the form cannot.
    fn guard(&self, column: &ScanColumn, op: Compare) -> Option<Sql>;

    /// `column LIKE pattern` or its negation; backslashes in `pattern` escape `%`, `_` and themselves only.
    fn like(&self, column: &ScanColumn, pattern: &str, negated: bool) -> Result<Verdict, String>;

    /// `column IS NULL`, or IS NOT NULL.
    fn is_null(&self, column: &ScanColumn, null: bool) -> Verdict;

    /// An ORDER BY item over a key, with the place of NULLs.
    fn order_item(&self, key: Sql, descending: bool, nulls_first: bool) -> Sql;

    /// The local column, qualified by the relation's alias.
    fn column(&self, column: &ScanColumn) -> Sql {
        sql!["t.", self.name(&column.local.name)]
    }

    /// The relation.
    fn relation(&self, place: &Place) -> Sql {
        match &place.schema {
            Some(schema) => sql![self.name(schema), ".", self.name(&place.relation)],
            None => self.name(&place.relation),
        }
    }

    /// `column op value`.
    fn compare(&self, column: &ScanColumn, op: Compare, value: &Value) -> Result<Verdict, String> {
        let form = self.form(column)?;
        let literal = self.literal(column, value)?;
        let operand = match op {
            Compare::Equal | Compare::NotEqual => form.equal.clone(),
            _ => form.order.clone().ok_or_else(|| orders_otherwise(column))?,
        };
        let mut all = Vec::new();
        if let (Compare::Equal, Some(index), Ok(literal)) =
            (op, &form.index, self.index_literal(value))
        {
            all.push(sql![index, " = ", literal]);
        }
        all.push(sql![operand, symbol(op), literal]);
        all.extend(self.guard(column, op));
        Ok(Verdict::new(form.exact(op), conjunction(all)))
    }

    /// `column IN (values)` or NOT IN; at least one value.
    fn in_list(
        &self,
        column: &ScanColumn,
        values: &[Value],
        negated: bool,
    ) -> Result<Verdict, String> {
        let form = self.form(column)?;
        let op = if negated { Compare::NotEqual } else { Compare::Equal };
        let list = |spell: &dyn Fn(&Value) -> Result<Sql, String>| {
            values.iter().map(spell).collect::<Result<Vec<_>, _>>().map(|all| Sql::join(all, ", "))
        };
        let mut all = Vec::new();
        if let (false, Some(index), Ok(literals)) =
            (negated, &form.index, list(&|value| self.index_literal(value)))
        {
            all.push(sql![index, " IN (", literals, ")"]);
        }
        let literals = list(&|value| self.literal(column, value))?;
        all.push(sql![&form.equal, if negated { " NOT IN (" } else { " IN (" }, literals, ")"]);
        all.extend(self.guard(column, op));
        Ok(Verdict::new(form.exact(op), conjunction(all)))
    }
}

/// AND of all.
pub(crate) fn conjunction(mut all: Vec<Sql>) -> Sql {
    match all.len() {
        0 => constant(true),
        1 => all.swap_remove(0),
        _ => sql!["(", Sql::join(all, " AND "), ")"],
    }
}

/// The reason for a column whose local order is not ours.
pub(crate) fn orders_otherwise(column: &ScanColumn) -> String {
    format!(
        "the node orders column `{}` ({}) its own way",
        column.local.name, column.local.declared
    )
}

/// The reason for a column whose local form is not comparable there.
pub(crate) fn compares_otherwise(column: &ScanColumn) -> String {
    format!(
        "the node compares column `{}` ({}) its own way",
        column.local.name, column.local.declared
    )
}

/// The reason for a literal that cannot be spelled.
pub(crate) fn no_literal(column: &ScanColumn) -> String {
    format!(
        "the value cannot be written for column `{}` ({})",
        column.local.name, column.local.declared
    )
}

/// A decimal's digits as text, for a column of type `ty`.
pub(crate) fn decimal_text(digits: i128, ty: Type) -> Option<String> {
    match ty {
        Type::Decimal { precision, scale } => {
            Some(Decimal128Type::format_decimal(digits, precision, scale.cast_signed()))
        }
        _ => None,
    }
}

/// `YYYY-MM-DD`, for the years that every database takes.
pub(crate) fn date_text(days: i32) -> Option<String> {
    let text = date32_to_datetime(days)?.format("%Y-%m-%d").to_string();
    (text.len() == 10 && text.as_bytes()[0] != b'-' && !text.starts_with("0000")).then_some(text)
}

/// `YYYY-MM-DD hh:mm:ss[.ffffff]`, for the years that every database takes.
pub(crate) fn timestamp_text(micros: i64) -> Option<String> {
    let time = timestamp_us_to_datetime(micros)?;
    let date = time.format("%Y-%m-%d").to_string();
    let plain = date.len() == 10 && !date.starts_with('-') && !date.starts_with("0000");
    let fraction = if micros.rem_euclid(1_000_000) == 0 { "%H:%M:%S" } else { "%H:%M:%S%.6f" };
    plain.then(|| format!("{date} {}", time.format(fraction)))
}

/// A float's shortest text that reads back as the same value, in exponent form.
pub(crate) fn float_text(value: f64) -> String {
    format!("{value:e}")
}

/// How many whole-number bits (sign apart) a type holds, and whether it has a sign.
pub(crate) fn whole_range(ty: Type) -> Option<(i128, i128)> {
    match ty {
        Type::SmallInt => Some((i16::MIN.into(), i16::MAX.into())),
        Type::SmallIntUnsigned => Some((0, u16::MAX.into())),
        Type::Integer => Some((i32::MIN.into(), i32::MAX.into())),
        Type::IntegerUnsigned => Some((0, u32::MAX.into())),
        Type::BigInt => Some((i64::MIN.into(), i64::MAX.into())),
        Type::BigIntUnsigned => Some((0, u64::MAX.into())),
        _ => None,
    }
}

/// Whether every whole number of `bits` bits is a value of `ty`.
pub(crate) fn holds_integer(ty: Type, bits: u8, unsigned: bool) -> bool {
    let (low, high) = if unsigned {
        (0, (1_i128 << bits) - 1)
    } else {
        (-(1_i128 << (bits - 1)), (1_i128 << (bits - 1)) - 1)
    };
    match ty {
        Type::Decimal { precision, scale } => 10_i128
            .checked_pow(u32::from(precision - scale))
            .is_some_and(|limit| high < limit && low > -limit),
        _ => whole_range(ty).is_some_and(|(least, most)| least <= low && high <= most),
    }
}

/// Whether every `decimal(p,s)` is a value of `ty`.
pub(crate) fn holds_decimal(ty: Type, local: Option<(u16, i16)>) -> bool {
    match (ty, local) {
        (Type::Decimal { precision, scale }, Some((p, s))) => {
            s >= 0
                && s <= i16::from(scale)
                && i32::from(p) - i32::from(s) <= i32::from(precision) - i32::from(scale)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
