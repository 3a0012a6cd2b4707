//! What is asked of one node, as a value: the logical node [`RemoteQuery`] and its SQL.

use std::{cmp::Ordering, fmt, sync::Arc};

use datafusion::{
    common::{DFSchemaRef, Result as PlanResult, internal_err},
    logical_expr::{Expr, LogicalPlan, SortExpr, UserDefinedLogicalNodeCore},
};
use intarsia_catalog::Compare;
use intarsia_connectors::{Column, Query};

use super::{
    dialect::{Dialect, conjunction, of},
    fragment::{Fragment, ScanColumn},
    sql::{Sql, sql},
    verdict::{self, Verdict},
};

/// `SELECT columns FROM fragment WHERE filters ORDER BY order LIMIT fetch`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Select {
    /// The relation.
    pub(crate) fragment: Arc<Fragment>,
    /// Its scan columns to give, by position; empty to count rows only.
    pub(crate) columns: Vec<usize>,
    /// Conditions over scan columns that are Exact or Superset there.
    pub(crate) filters: Vec<Expr>,
    /// Keys over scan columns.
    pub(crate) order: Vec<SortExpr>,
    /// At most so many rows.
    pub(crate) fetch: Option<usize>,
}

impl Select {
    /// The query for a connector, its text in the node's dialect.
    pub(crate) fn query(&self) -> Query {
        let columns = self.columns.iter().map(|&at| promised(&self.fragment.columns[at])).collect();
        Query { sql: self.sql().into_string(), columns, relation: self.fragment.place.to_string() }
    }

    /// The one place where a query's text is written.
    fn sql(&self) -> Sql {
        let dialect = of(&self.fragment.server);
        let columns = self.columns.iter().map(|&at| dialect.column(&self.fragment.columns[at]));
        let list = if self.columns.is_empty() { Sql::from("1") } else { Sql::join(columns, ", ") };
        let mut text =
            sql!["SELECT ", list, " FROM ", dialect.relation(&self.fragment.place), " AS t"];
        let filters: Vec<_> =
            self.filters.iter().filter_map(|filter| pushed(filter, &self.fragment)).collect();
        if !filters.is_empty() {
            text = sql![text, " WHERE ", conjunction(filters)];
        }
        if !self.order.is_empty() {
            text = sql![text, " ORDER BY ", self.keys(dialect)];
        }
        match self.fetch {
            Some(fetch) => sql![text, " LIMIT ", Sql::number(&fetch.to_string())],
            None => text,
        }
    }

    /// Whether every key is given out in which a local value may break the promise.
    pub(crate) fn shows_its_keys(&self) -> bool {
        let shown = |column: &ScanColumn| {
            self.columns.iter().any(|&at| self.fragment.columns[at].name == column.name)
        };
        self.order.iter().all(|key| match &key.expr {
            Expr::Column(key) => self.fragment.column(&key.name).is_none_or(|column| {
                shown(column) || !may_break(column, of(&self.fragment.server))
            }),
            _ => true,
        })
    }

    fn keys(&self, dialect: &dyn Dialect) -> Sql {
        let key = |sort: &SortExpr| order_key(sort, &self.fragment, dialect);
        Sql::join(self.order.iter().filter_map(key), ", ")
    }
}

/// The node's ORDER BY item for a key, if the node orders the key's values as we do.
pub(crate) fn order_key(
    sort: &SortExpr,
    fragment: &Fragment,
    dialect: &dyn Dialect,
) -> Option<Sql> {
    let Expr::Column(column) = &sort.expr else { return None };
    let column = fragment.column(&column.name)?;
    // Arrow tells -0.0 from 0.0.
    if matches!(column.ty, intarsia_catalog::Type::Real | intarsia_catalog::Type::Double) {
        return None;
    }
    let form = dialect.form(column).ok().filter(|form| form.sorts)?;
    let key = form.order?;
    Some(dialect.order_item(key, !sort.asc, sort.nulls_first))
}

/// Whether a local value may break the promise of its column and be sorted nevertheless.
fn may_break(column: &ScanColumn, dialect: &dyn Dialect) -> bool {
    (column.local.nullable && !column.nullable)
        || dialect.guard(column, Compare::NotEqual).is_some()
        || !dialect.form(column).is_ok_and(|form| form.exact_order)
}

fn pushed(filter: &Expr, fragment: &Fragment) -> Option<Sql> {
    match verdict::filter(filter, fragment) {
        Verdict::Exact(sql) | Verdict::Superset(sql) => Some(sql),
        Verdict::Local(_) => None,
    }
}

fn promised(column: &ScanColumn) -> Column {
    Column {
        name: column.name.clone(),
        ty: column.ty,
        nullable: column.nullable,
        local: column.local.name.clone(),
        encoding: column.encoding,
    }
}

/// A subtree that one node answers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct RemoteQuery {
    /// What is asked.
    pub(crate) select: Select,
    /// The subtree's schema.
    pub(crate) schema: DFSchemaRef,
}

impl PartialOrd for RemoteQuery {
    fn partial_cmp(&self, other: &RemoteQuery) -> Option<Ordering> {
        self.select.fragment.partial_cmp(&other.select.fragment)
    }
}

impl UserDefinedLogicalNodeCore for RemoteQuery {
    fn name(&self) -> &'static str {
        "RemoteQuery"
    }

    fn inputs(&self) -> Vec<&LogicalPlan> {
        Vec::new()
    }

    fn schema(&self) -> &DFSchemaRef {
        &self.schema
    }

    fn expressions(&self) -> Vec<Expr> {
        Vec::new()
    }

    fn fmt_for_explain(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RemoteQuery: {}: {}", self.select.fragment.place.node, self.select.sql())
    }

    fn with_exprs_and_inputs(
        &self,
        expressions: Vec<Expr>,
        inputs: Vec<LogicalPlan>,
    ) -> PlanResult<RemoteQuery> {
        if expressions.is_empty() && inputs.is_empty() {
            Ok(self.clone())
        } else {
            internal_err!("a remote query has no inputs")
        }
    }
}
