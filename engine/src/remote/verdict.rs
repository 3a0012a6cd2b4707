//! What a node makes of a filter: exactly our answer, too many rows, or nothing we can rely on.
//!
//! Filters are first brought to negation normal form, so that every comparison stands in a positive position
//! and a form that lets too many rows through stays on the safe side.

use datafusion::{
    common::{
        ScalarValue,
        tree_node::{TreeNode, TreeNodeRecursion},
    },
    logical_expr::{Between, BinaryExpr, Expr, Like, Operator, expr::InList},
};
use intarsia_catalog::{Compare, Value};

use super::{
    dialect::{Dialect, of},
    fragment::{Fragment, ScanColumn},
    sql::{Sql, sql},
    value,
};

/// A node's answer to a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The node keeps precisely the rows that we would.
    Exact(Sql),
    /// The node keeps at least the rows that we would: to be checked again above.
    Superset(Sql),
    /// Not on this node, and why.
    Local(String),
}

impl Verdict {
    /// Exact or superset.
    pub(crate) fn new(exact: bool, sql: Sql) -> Verdict {
        if exact { Verdict::Exact(sql) } else { Verdict::Superset(sql) }
    }

    fn sql(self) -> Option<(bool, Sql)> {
        match self {
            Verdict::Exact(sql) => Some((true, sql)),
            Verdict::Superset(sql) => Some((false, sql)),
            Verdict::Local(_) => None,
        }
    }
}

/// The verdict for `filter`, a condition over the fragment's scan columns, as a filter that keeps rows where it is TRUE.
pub(crate) fn filter(filter: &Expr, fragment: &Fragment) -> Verdict {
    if terms(filter) > TERMS {
        return Verdict::Local(format!("more than {TERMS} terms: a node's parser may refuse them"));
    }
    Translator { fragment, dialect: of(&fragment.server) }.truth(filter, true)
}

/// Operators of one filter. SQLite refuses expressions deeper than 1000, and takes a chain of ANDs for a deep one.
const TERMS: usize = 150;

fn terms(filter: &Expr) -> usize {
    let mut terms = 0;
    let counted = filter.apply(|expr| {
        terms += usize::from(matches!(expr, Expr::BinaryExpr(_) | Expr::Between(_) | Expr::Not(_)));
        Ok(TreeNodeRecursion::Continue)
    });
    debug_assert!(counted.is_ok(), "counting cannot fail");
    terms
}

struct Translator<'a> {
    fragment: &'a Fragment,
    dialect: &'a dyn Dialect,
}

type Translated<T> = Result<T, String>;

impl Translator<'_> {
    /// SQL that is TRUE where `expr` is TRUE (`wanted`) or where it is FALSE (not `wanted`).
    fn truth(&self, expr: &Expr, wanted: bool) -> Verdict {
        match self.try_truth(expr, wanted) {
            Ok(verdict) => verdict,
            Err(reason) => Verdict::Local(reason),
        }
    }

    fn try_truth(&self, expr: &Expr, wanted: bool) -> Translated<Verdict> {
        match expr {
            Expr::Not(inner) => Ok(self.truth(inner, !wanted)),
            Expr::BinaryExpr(BinaryExpr { left, op: Operator::And, right }) => {
                Ok(self.both(left, right, wanted, wanted))
            }
            Expr::BinaryExpr(BinaryExpr { left, op: Operator::Or, right }) => {
                Ok(self.both(left, right, wanted, !wanted))
            }
            Expr::BinaryExpr(BinaryExpr { left, op, right }) => {
                self.comparison(left, *op, right, wanted)
            }
            Expr::Between(between) => self.between(between, wanted),
            Expr::InList(list) => self.in_list(list, wanted),
            Expr::Like(like) => self.like(like, wanted),
            Expr::IsNull(inner) => self.is_null(inner, wanted),
            Expr::IsNotNull(inner) => self.is_null(inner, !wanted),
            Expr::Column(_) => self.boolean(expr, wanted),
            Expr::IsTrue(inner) => self.is(inner, true, wanted),
            Expr::IsFalse(inner) => self.is(inner, false, wanted),
            Expr::IsNotTrue(inner) => self.is(inner, true, !wanted),
            Expr::IsNotFalse(inner) => self.is(inner, false, !wanted),
            Expr::IsUnknown(inner) => self.is_null(inner, wanted),
            Expr::IsNotUnknown(inner) => self.is_null(inner, !wanted),
            Expr::Literal(ScalarValue::Boolean(value), _) => {
                Ok(Verdict::Exact(constant(*value == Some(wanted))))
            }
            other => Err(format!("`{}` is not pushed down", other.schema_name())),
        }
    }

    /// AND (`all`) or OR of both sides.
    fn both(&self, left: &Expr, right: &Expr, wanted: bool, all: bool) -> Verdict {
        let (left, right) = (self.truth(left, wanted), self.truth(right, wanted));
        match (left, right) {
            (Verdict::Local(reason), other) | (other, Verdict::Local(reason)) => {
                match other.sql() {
                    Some((_, sql)) if all => Verdict::Superset(sql),
                    _ => Verdict::Local(reason),
                }
            }
            (left, right) => match (left.sql(), right.sql()) {
                (Some((exact, left)), Some((too, right))) => Verdict::new(
                    exact && too,
                    sql!["(", left, if all { " AND " } else { " OR " }, right, ")"],
                ),
                _ => Verdict::Local("not pushed down".to_owned()),
            },
        }
    }

    fn column(&self, expr: &Expr) -> Translated<&ScanColumn> {
        match expr {
            Expr::Column(column) => self
                .fragment
                .column(&column.name)
                .ok_or_else(|| format!("`{}` is not a column of the relation", column.name)),
            other => Err(format!("`{}` is computed here", other.schema_name())),
        }
    }

    fn comparison(
        &self,
        left: &Expr,
        op: Operator,
        right: &Expr,
        wanted: bool,
    ) -> Translated<Verdict> {
        let op = comparison(op).ok_or_else(|| format!("operator `{op}` is not pushed down"))?;
        let op = if wanted { op } else { op.negated() };
        match (left, right) {
            (column, Expr::Literal(value, _)) => self.compare(self.column(column)?, op, value),
            (Expr::Literal(value, _), column) => {
                self.compare(self.column(column)?, op.flipped(), value)
            }
            (left, right) => self.compare_columns(self.column(left)?, op, self.column(right)?),
        }
    }

    fn compare(
        &self,
        column: &ScanColumn,
        op: Compare,
        value: &ScalarValue,
    ) -> Translated<Verdict> {
        if value.is_null() {
            return Ok(Verdict::Exact(constant(false)));
        }
        let value = value::of(value, column.ty)
            .ok_or_else(|| format!("a value of another type than column `{}`", column.name))?;
        if let Value::Float(float) = value
            && float == 0.0
        {
            return self.compare_zero(column, op);
        }
        self.dialect.compare(column, op, &value)
    }

    /// Arrow tells `-0.0` from `0.0` and orders them; databases do not: only a superset can be asked for.
    fn compare_zero(&self, column: &ScanColumn, op: Compare) -> Translated<Verdict> {
        let wider = match op {
            Compare::Equal => Compare::Equal,
            Compare::Less | Compare::LessOrEqual => Compare::LessOrEqual,
            Compare::Greater | Compare::GreaterOrEqual => Compare::GreaterOrEqual,
            Compare::NotEqual => return Err("-0.0 differs from 0.0 here".to_owned()),
        };
        let verdict = self.dialect.compare(column, wider, &Value::Float(0.0))?;
        verdict
            .sql()
            .map(|(_, sql)| Verdict::Superset(sql))
            .ok_or_else(|| "-0.0 differs from 0.0 here".to_owned())
    }

    fn compare_columns(
        &self,
        left: &ScanColumn,
        op: Compare,
        right: &ScanColumn,
    ) -> Translated<Verdict> {
        if left.ty != right.ty
            || matches!(
                left.ty.arrow(),
                arrow::datatypes::DataType::Float32 | arrow::datatypes::DataType::Float64
            )
        {
            return Err("columns of different or inexact types are compared here".to_owned());
        }
        let (left, right) = (self.dialect.form(left)?, self.dialect.form(right)?);
        let ordered = !matches!(op, Compare::Equal | Compare::NotEqual);
        if ordered && (left.order.is_none() || right.order.is_none()) {
            return Err("the node orders these values its own way".to_owned());
        }
        let exact = left.exact(op) && right.exact(op);
        let (Some(left), Some(right)) = (left.beside_column, right.beside_column) else {
            return Err("columns are compared here".to_owned());
        };
        Ok(Verdict::new(exact, sql!["(", left, symbol(op), right, ")"]))
    }

    fn between(&self, between: &Between, wanted: bool) -> Translated<Verdict> {
        let (low, high) = if wanted != between.negated {
            (Operator::GtEq, Operator::LtEq)
        } else {
            (Operator::Lt, Operator::Gt)
        };
        let bound = |op, value: &Expr| {
            Expr::BinaryExpr(BinaryExpr::new(between.expr.clone(), op, Box::new(value.clone())))
        };
        let (low, high) = (bound(low, &between.low), bound(high, &between.high));
        Ok(self.both(&low, &high, true, wanted != between.negated))
    }

    fn in_list(&self, list: &InList, wanted: bool) -> Translated<Verdict> {
        let column = self.column(&list.expr)?;
        let negated = list.negated == wanted;
        let mut values = Vec::with_capacity(list.list.len());
        for item in &list.list {
            match item {
                Expr::Literal(value, _) if value.is_null() && negated => {
                    return Ok(Verdict::Exact(constant(false)));
                }
                Expr::Literal(value, _) if value.is_null() => {}
                Expr::Literal(value, _) => {
                    values.push(value::of(value, column.ty).ok_or_else(|| {
                        format!("a value of another type than column `{}`", column.name)
                    })?)
                }
                _ => return Err("a list of other than constants".to_owned()),
            }
        }
        if values.iter().any(|value| matches!(value, Value::Float(float) if *float == 0.0)) {
            return Err("-0.0 differs from 0.0 here".to_owned());
        }
        if values.is_empty() {
            return Ok(Verdict::Exact(constant(negated)));
        }
        self.dialect.in_list(column, &values, negated)
    }

    fn like(&self, like: &Like, wanted: bool) -> Translated<Verdict> {
        let column = self.column(&like.expr)?;
        let pattern = match &*like.pattern {
            Expr::Literal(value, _) => value
                .try_as_str()
                .flatten()
                .ok_or_else(|| "a pattern that is no text".to_owned())?,
            _ => return Err("a pattern that is not constant".to_owned()),
        };
        if like.case_insensitive {
            return Err("databases fold case their own way".to_owned());
        }
        if like.escape_char.is_some_and(|escape| escape != '\\') || !plain_escapes(pattern) {
            return Err("the pattern's escapes mean something else there".to_owned());
        }
        self.dialect.like(column, pattern, like.negated == wanted)
    }

    fn is_null(&self, expr: &Expr, wanted: bool) -> Translated<Verdict> {
        let column = self.column(expr)?;
        Ok(self.dialect.is_null(column, wanted))
    }

    /// SQL that is TRUE where `expr` is of this truth (`wanted`), or where it is not. The latter are also the rows
    /// whose values break their promise, which satisfy no comparison: so that is checked again.
    fn is(&self, expr: &Expr, truth: bool, wanted: bool) -> Translated<Verdict> {
        match (self.try_truth(expr, truth)?, wanted) {
            (verdict, true) => Ok(verdict),
            (Verdict::Exact(sql), false) => {
                Ok(Verdict::Superset(sql!["((", sql, ") IS NOT TRUE)"]))
            }
            (Verdict::Superset(_), false) => {
                Err("the node may let more rows through, and these are the others".to_owned())
            }
            (Verdict::Local(reason), false) => Err(reason),
        }
    }

    fn boolean(&self, expr: &Expr, wanted: bool) -> Translated<Verdict> {
        self.dialect.compare(self.column(expr)?, Compare::Equal, &Value::Boolean(wanted))
    }
}

/// A condition that is always TRUE or never, on every node.
pub(crate) fn constant(truth: bool) -> Sql {
    Sql::from(if truth { "1 = 1" } else { "1 = 0" })
}

/// ` = ` and its kin.
pub(crate) fn symbol(op: Compare) -> &'static str {
    match op {
        Compare::Equal => " = ",
        Compare::NotEqual => " <> ",
        Compare::Less => " < ",
        Compare::LessOrEqual => " <= ",
        Compare::Greater => " > ",
        Compare::GreaterOrEqual => " >= ",
    }
}

/// The catalog's name of a comparison operator.
pub(crate) fn comparison(op: Operator) -> Option<Compare> {
    match op {
        Operator::Eq => Some(Compare::Equal),
        Operator::NotEq => Some(Compare::NotEqual),
        Operator::Lt => Some(Compare::Less),
        Operator::LtEq => Some(Compare::LessOrEqual),
        Operator::Gt => Some(Compare::Greater),
        Operator::GtEq => Some(Compare::GreaterOrEqual),
        _ => None,
    }
}

/// Whether every backslash of a LIKE pattern escapes `%`, `_` or a backslash. Arrow takes any other backslash
/// as itself, PostgreSQL and MySQL drop it, and a last one is an error in PostgreSQL.
fn plain_escapes(pattern: &str) -> bool {
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        if c == '\\' && !matches!(chars.next(), Some('%' | '_' | '\\')) {
            return false;
        }
    }
    true
}
