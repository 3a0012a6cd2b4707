//! A catalog's condition as an expression of a plan.

use std::sync::Arc;

use datafusion::{
    arrow::{
        array::{ArrayRef, UInt32Array},
        datatypes::DataType,
    },
    common::{Column, Result as PlanResult, ScalarValue},
    logical_expr::{
        ColumnarValue, Expr, Operator, Volatility, binary_expr, create_udf, in_list, lit,
    },
};
use intarsia_catalog::{Compare, Predicate, Table, Type, UTC, Value};

use crate::remote::value;

/// TRUE where `predicate` is not, over the columns of `table` in the part that the plan calls `name`.
///
/// No node is asked for `IS NOT TRUE`, but all know `NOT` and `IS NULL`: a condition without NULLs of its own is NULL
/// only where one of its columns is. That goes to the node first.
pub(super) fn outside(predicate: &Predicate, table: &Table, name: &str) -> Expr {
    let condition = Condition { table, name };
    let exact = condition.expression(predicate).is_not_true();
    if has_null(predicate) {
        return exact;
    }
    let columns = predicate.columns();
    let nulls = columns.into_iter().map(|at| condition.column(at).is_null());
    let wide = nulls.fold(Expr::Not(Box::new(condition.expression(predicate))), Expr::or);
    wide.and(exact)
}

/// Whether a condition can be NULL without a NULL in a column.
fn has_null(predicate: &Predicate) -> bool {
    match predicate {
        Predicate::Constant(constant) => constant.is_none(),
        Predicate::In { null, .. } => *null,
        Predicate::And(all) | Predicate::Or(all) => all.iter().any(has_null),
        Predicate::Not(inner) => has_null(inner),
        Predicate::Unknown => true,
        Predicate::Compare(..)
        | Predicate::IsNull(_)
        | Predicate::Column(_)
        | Predicate::Modulo { .. }
        | Predicate::Hash { .. } => false,
    }
}

struct Condition<'a> {
    table: &'a Table,
    name: &'a str,
}

impl Condition<'_> {
    fn expression(&self, predicate: &Predicate) -> Expr {
        match predicate {
            Predicate::Constant(constant) => lit(ScalarValue::Boolean(*constant)),
            Predicate::Unknown => lit(ScalarValue::Boolean(None)),
            Predicate::Compare(at, op, value) => {
                binary_expr(self.column(*at), operator(*op), self.literal(*at, value))
            }
            Predicate::In { column, values, null } => self.list(*column, values, *null),
            Predicate::IsNull(at) => self.column(*at).is_null(),
            Predicate::Column(at) => self.column(*at),
            Predicate::Modulo { column, modulus, residues } => {
                let residue = self.column(*column) % self.whole(*column, i128::from(*modulus));
                let whole = |residue: &i64| self.whole(*column, i128::from(*residue));
                in_list(residue, residues.iter().map(whole).collect(), false)
            }
            Predicate::Hash { column, modulus, residues } => {
                let residues = residues.iter().map(|residue| lit(*residue)).collect();
                in_list(self.hash(*column) % lit(*modulus), residues, false)
            }
            Predicate::And(all) => self.chain(all, Operator::And),
            Predicate::Or(all) => self.chain(all, Operator::Or),
            Predicate::Not(inner) => Expr::Not(Box::new(self.expression(inner))),
        }
    }

    fn column(&self, at: usize) -> Expr {
        Expr::Column(Column::new(Some(self.name), &self.table.columns[at].name))
    }

    fn list(&self, at: usize, values: &[Value], null: bool) -> Expr {
        let mut list: Vec<Expr> = values.iter().map(|value| self.literal(at, value)).collect();
        list.extend(null.then(|| lit(ScalarValue::Null)));
        in_list(self.column(at), list, false)
    }

    fn chain(&self, all: &[Predicate], operator: Operator) -> Expr {
        let all = all.iter().map(|one| self.expression(one));
        let join = |left, right| binary_expr(left, operator, right);
        all.reduce(join).unwrap_or_else(|| lit(operator == Operator::And))
    }

    fn literal(&self, at: usize, value: &Value) -> Expr {
        lit(scalar(value, self.table.columns[at].ty))
    }

    /// A whole number to compute with beside the column.
    fn whole(&self, at: usize, number: i128) -> Expr {
        match (self.table.columns[at].ty, u64::try_from(number), i64::try_from(number)) {
            (Type::BigIntUnsigned, Ok(number), _) => lit(number),
            (_, _, Ok(number)) => lit(number),
            // A modulus has 32 bits, and a residue is less.
            (_, _, Err(_)) => lit(ScalarValue::Null),
        }
    }

    /// The catalog's own function. Known to no session and no node, so it is computed here.
    fn hash(&self, at: usize) -> Expr {
        let ty = self.table.columns[at].ty;
        let hash = move |arguments: &[ColumnarValue]| hashes(arguments, ty);
        let input = vec![ty.arrow()];
        let output = DataType::UInt32;
        create_udf("hash", input, output, Volatility::Immutable, Arc::new(hash))
            .call(vec![self.column(at)])
    }
}

fn hashes(arguments: &[ColumnarValue], ty: Type) -> PlanResult<ColumnarValue> {
    let arrays = ColumnarValue::values_to_arrays(arguments)?;
    let hash = |row: usize| {
        let scalar = ScalarValue::try_from_array(&arrays[0], row)?;
        Ok(value::of(&scalar, ty).and_then(|value| intarsia_catalog::hash(&value)))
    };
    let hashes: UInt32Array = (0..arrays[0].len()).map(hash).collect::<PlanResult<_>>()?;
    Ok(ColumnarValue::Array(Arc::new(hashes) as ArrayRef))
}

fn operator(op: Compare) -> Operator {
    match op {
        Compare::Equal => Operator::Eq,
        Compare::NotEqual => Operator::NotEq,
        Compare::Less => Operator::Lt,
        Compare::LessOrEqual => Operator::LtEq,
        Compare::Greater => Operator::Gt,
        Compare::GreaterOrEqual => Operator::GtEq,
    }
}

/// A value as a literal of the column's type. A whole number outside of it stays as wide as it is.
fn scalar(value: &Value, ty: Type) -> ScalarValue {
    match (value, ty) {
        (Value::Boolean(value), _) => ScalarValue::Boolean(Some(*value)),
        (Value::Integer(value), Type::BigIntUnsigned) => match u64::try_from(*value) {
            Ok(value) => ScalarValue::UInt64(Some(value)),
            Err(_) => ScalarValue::Decimal128(Some(*value), 38, 0),
        },
        (Value::Integer(value), _) => match i64::try_from(*value) {
            Ok(value) => ScalarValue::Int64(Some(value)),
            Err(_) => ScalarValue::Decimal128(Some(*value), 38, 0),
        },
        (Value::Decimal(digits), Type::Decimal { precision, scale }) => {
            ScalarValue::Decimal128(Some(*digits), precision, scale.cast_signed())
        }
        // Only of a column of another type.
        (Value::Decimal(digits), _) => ScalarValue::Decimal128(Some(*digits), 38, 0),
        (Value::Float(value), _) => ScalarValue::Float64(Some(*value)),
        (Value::Text(text), _) => ScalarValue::Utf8(Some(text.clone())),
        (Value::Date(days), _) => ScalarValue::Date32(Some(*days)),
        (Value::Timestamp(micros), Type::TimestampTz) => {
            ScalarValue::TimestampMicrosecond(Some(*micros), Some(UTC.into()))
        }
        (Value::Timestamp(micros), _) => ScalarValue::TimestampMicrosecond(Some(*micros), None),
    }
}

#[cfg(test)]
mod tests {
    use datafusion::{
        arrow::{
            array::{Array, RecordBatch, StringArray},
            compute::cast,
            datatypes::{Field, Schema},
        },
        prelude::SessionContext,
    };
    use intarsia_catalog::{Catalog, Layout, Secrets};

    use super::*;

    struct NoSecrets;

    impl Secrets for NoSecrets {
        fn env(&self, name: &str) -> Result<String, String> {
            Err(name.to_owned())
        }

        fn file(&self, path: &str) -> Result<String, String> {
            Err(path.to_owned())
        }
    }

    /// A table of one column `c` with a part of that condition, and a part for the rest.
    fn split(ty: &str, condition: &str) -> (Arc<Table>, Predicate) {
        let text = format!(
            "version: 1\nnodes: {{ n: {{ url: 'sqlite:n.db' }} }}\ntables:\n  t:\n    \
             columns: {{ c: \"{ty}\" }}\n    layout:\n      horizontal:\n        \
             - {{ where: \"{condition}\", stored: n.a }}\n        \
             - {{ where: \"NOT ({condition}) OR c IS NULL\", stored: n.b }}\n"
        );
        let parsed = Catalog::parse("t.yaml", text.as_bytes(), &NoSecrets);
        let (catalog, _) = parsed.unwrap_or_else(|problems| panic!("{problems}"));
        let table = Arc::clone(catalog.tables.values().next().unwrap());
        let Layout::Horizontal(parts) = &table.layout else { panic!("not split") };
        let domain = parts.parts[0].domain.clone();
        (table, domain)
    }

    /// Of `values` (texts, cast to the column's type) and NULL, those outside `condition` by a plan are those
    /// outside it by the catalog's own rules; there are `expected` of them.
    async fn outside_is(ty: &str, condition: &str, values: &[&str], expected: usize) {
        let (table, domain) = split(ty, condition);
        let mut texts: Vec<Option<&str>> = values.iter().copied().map(Some).collect();
        texts.push(None);
        let texts = StringArray::from(texts);
        let column = cast(&texts, &table.columns[0].ty.arrow()).unwrap();
        assert_eq!(column.null_count(), 1, "a value of {values:?} is no {ty}");
        let schema = Schema::new(vec![Field::new("c", column.data_type().clone(), true)]);
        let batch = RecordBatch::try_new(Arc::new(schema), vec![column]).unwrap();

        let context = SessionContext::new();
        let rows = context.read_batch(batch.clone()).unwrap().alias("part").unwrap();
        let rows = rows.filter(outside(&domain, &table, "part")).unwrap();
        let by_plan = rows.count().await.unwrap();
        let value = |row| {
            let scalar = ScalarValue::try_from_array(batch.column(0), row).unwrap();
            value::of(&scalar, table.columns[0].ty)
        };
        let by_rule = (0..batch.num_rows())
            .filter(|row| domain.matches(&|_| value(*row)) != Some(true))
            .count();
        assert_eq!((by_plan, by_rule), (expected, expected), "{ty}: {condition}");
    }

    #[tokio::test]
    async fn a_plan_finds_the_rows_that_the_catalog_finds() {
        let numbers = ["-4", "0", "5", "6", "100"];
        for ty in ["smallint", "integer", "bigint", "decimal(12,2)"] {
            outside_is(ty, "c >= 5 AND c < 100", &numbers, 4).await;
            outside_is(ty, "c IN (0, 5) OR c IN (6, 7)", &numbers, 3).await;
            outside_is(ty, "NOT c BETWEEN 0 AND 6", &numbers, 4).await;
        }
        outside_is("bigint", "c % 4 = 0", &numbers, 3).await;
        outside_is("smallint", "c % 100000 IN (5, -4)", &numbers, 4).await;
        outside_is("bigint unsigned", "c % 4 = 1", &["1", "18446744073709551613", "2"], 2).await;
        outside_is(
            "bigint unsigned",
            "c > 18446744073709551614",
            &["18446744073709551615", "1"],
            2,
        )
        .await;
        outside_is("double", "c > 0.5", &["0.5", "0.75", "-0.0"], 3).await;
        outside_is("real", "c <= 0.25", &["0.25", "0.5"], 2).await;
        // The real that is nearest to 0.1 is above it.
        outside_is("real", "c <= 0.1", &["0.1"], 2).await;
        outside_is("boolean", "c", &["true", "false"], 2).await;
        outside_is("date", "c < DATE '2024-01-01'", &["2023-12-31", "2024-01-01"], 2).await;
    }

    #[tokio::test]
    async fn texts_and_instants_too() {
        outside_is("text", "c > 'b' AND c <> 'z'", &["a", "b", "c", "z", "ä"], 4).await;
        outside_is("text", "c = 'it''s'", &["it's", "its"], 2).await;
        outside_is("text", "hash(c) % 2 = 0", &["a", "b"], 2).await;
        outside_is("bigint", "hash(c) % 3 IN (0, 1)", &["1", "2", "3", "4"], 3).await;
        for ty in ["timestamp", "timestamptz"] {
            let times = ["2024-01-01T00:00:00", "2024-01-01T00:00:00.000001"];
            outside_is(ty, "c > '2024-01-01 00:00:00'", &times, 2).await;
        }
    }
}
