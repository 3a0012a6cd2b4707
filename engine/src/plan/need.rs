//! need: what a query wants of one table: the columns it uses, and a condition that its filters imply.
//!
//! What a filter says in terms that the catalog's algebra does not know becomes
//! [`Unknown`](Predicate::Unknown), so that no part which might hold a matching row is ever dropped. The
//! filters themselves are still applied.

use std::collections::BTreeSet;

use datafusion::{
    common::ScalarValue,
    logical_expr::{Between, BinaryExpr, Expr, Operator, TableScan, expr::InList},
};
use intarsia_catalog::{Compare, Need, Predicate, Table, Type, Value};

use crate::remote::{comparison, value};

/// What `scan` needs of `table`.
pub(crate) fn need(table: &Table, scan: &TableScan) -> Need {
    let columns = used(table, scan);
    let condition =
        Predicate::And(scan.filters.iter().map(|filter| predicate(filter, table)).collect());
    Need { columns, condition }
}

/// The columns that are given out or filtered by.
pub(crate) fn used(table: &Table, scan: &TableScan) -> BTreeSet<usize> {
    let mut columns: BTreeSet<usize> = match &scan.projection {
        Some(projection) => projection.iter().copied().collect(),
        None => (0..table.columns.len()).collect(),
    };
    for filter in &scan.filters {
        columns
            .extend(filter.column_refs().iter().filter_map(|column| position(table, &column.name)));
    }
    columns
}

fn position(table: &Table, name: &str) -> Option<usize> {
    table.columns.iter().position(|column| column.name == name)
}

fn predicate(expr: &Expr, table: &Table) -> Predicate {
    translate(expr, table).unwrap_or(Predicate::Unknown)
}

fn translate(expr: &Expr, table: &Table) -> Option<Predicate> {
    match expr {
        Expr::Not(inner) => Some(Predicate::Not(Box::new(predicate(inner, table)))),
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::And, right }) => {
            Some(Predicate::And(vec![predicate(left, table), predicate(right, table)]))
        }
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::Or, right }) => {
            Some(Predicate::Or(vec![predicate(left, table), predicate(right, table)]))
        }
        Expr::BinaryExpr(BinaryExpr { left, op, right }) => {
            comparison_of(left, comparison(*op)?, right, table)
        }
        Expr::Between(between) => between_of(between, table),
        Expr::InList(list) => in_list(list, table),
        Expr::IsNull(inner) => Some(Predicate::IsNull(column(inner, table)?)),
        Expr::IsNotNull(inner) => {
            Some(Predicate::Not(Box::new(Predicate::IsNull(column(inner, table)?))))
        }
        Expr::Column(_) => column(expr, table)
            .filter(|&at| table.columns[at].ty == Type::Boolean)
            .map(Predicate::Column),
        Expr::Literal(ScalarValue::Boolean(value), _) => Some(Predicate::Constant(*value)),
        _ => None,
    }
}

fn column(expr: &Expr, table: &Table) -> Option<usize> {
    match expr {
        Expr::Column(column) => position(table, &column.name),
        _ => None,
    }
}

fn comparison_of(left: &Expr, op: Compare, right: &Expr, table: &Table) -> Option<Predicate> {
    match (left, right) {
        (left, Expr::Literal(value, _)) => compare(left, op, value, table),
        (Expr::Literal(value, _), right) => compare(right, op.flipped(), value, table),
        _ => None,
    }
}

fn compare(left: &Expr, op: Compare, value: &ScalarValue, table: &Table) -> Option<Predicate> {
    if let Expr::BinaryExpr(BinaryExpr { left, op: Operator::Modulo, right }) = left {
        return modulo(left, right, op, value, table);
    }
    let at = column(left, table)?;
    if value.is_null() {
        return Some(Predicate::Constant(None));
    }
    Some(Predicate::Compare(at, op, literal(value, table.columns[at].ty)?))
}

/// A literal as the catalog's algebra compares it. It takes `-0.0` and `0.0` for equal, Arrow orders them.
fn literal(value: &ScalarValue, ty: Type) -> Option<Value> {
    value::of(value, ty).filter(|value| *value != Value::Float(0.0))
}

/// `column % N = K`.
fn modulo(
    dividend: &Expr,
    divisor: &Expr,
    op: Compare,
    residue: &ScalarValue,
    table: &Table,
) -> Option<Predicate> {
    let (Expr::Literal(divisor, _), Compare::Equal) = (divisor, op) else { return None };
    let modulus = u32::try_from(whole(divisor)?).ok().filter(|&modulus| modulus > 0)?;
    let residue = whole(residue)?;
    if residue.unsigned_abs() >= u64::from(modulus) {
        return Some(Predicate::Constant(Some(false)));
    }
    Some(Predicate::Modulo { column: column(dividend, table)?, modulus, residues: vec![residue] })
}

fn whole(value: &ScalarValue) -> Option<i64> {
    match value::of(value, Type::BigInt)? {
        Value::Integer(value) => i64::try_from(value).ok(),
        _ => None,
    }
}

fn between_of(between: &Between, table: &Table) -> Option<Predicate> {
    let low = comparison_of(&between.expr, Compare::GreaterOrEqual, &between.low, table)
        .unwrap_or(Predicate::Unknown);
    let high = comparison_of(&between.expr, Compare::LessOrEqual, &between.high, table)
        .unwrap_or(Predicate::Unknown);
    let both = Predicate::And(vec![low, high]);
    Some(if between.negated { Predicate::Not(Box::new(both)) } else { both })
}

fn in_list(list: &InList, table: &Table) -> Option<Predicate> {
    let at = column(&list.expr, table)?;
    let mut values = Vec::with_capacity(list.list.len());
    let mut null = false;
    for item in &list.list {
        let Expr::Literal(item, _) = item else { return None };
        if item.is_null() { null = true } else { values.push(literal(item, table.columns[at].ty)?) }
    }
    let inside = Predicate::In { column: at, values, null };
    Some(if list.negated { Predicate::Not(Box::new(inside)) } else { inside })
}
