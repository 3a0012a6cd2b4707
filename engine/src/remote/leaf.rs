//! A stored fragment as a plan: a scan of the local relation, the rows that belong to it, and local columns
//! turned into global ones.

use std::{collections::BTreeSet, sync::Arc};

use datafusion::{
    arrow::datatypes::{Field, Schema},
    common::{
        Column, DFSchema, Result as PlanResult, internal_err,
        tree_node::{Transformed, TreeNode},
    },
    logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder},
    sql::sqlparser::ast::{Expr as SqlExpr, ExprWithAlias},
};
use intarsia_catalog::{Local, Stored, StoredTable, Table};
use intarsia_connectors::{Error, ErrorKind, LocalColumn, fits, natural};

use super::{
    conform::conform,
    fragment::{Fragment, ScanColumn},
    replicas::Replicas,
    source::FragmentSource,
};
use crate::{error::external, nodes::Described, plan::Known};

/// Where a leaf stands, and what is known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Leaf<'a> {
    /// The table and the part names on the way to it.
    pub(crate) path: &'a [String],
    /// What planning knows.
    pub(crate) known: &'a Known<'a>,
}

/// How local columns are called in a fragment's scan where they stand for themselves, in expressions.
const NATURAL: &str = "local:";

/// A plan that gives the global columns `wanted`, unqualified, ascending: of the replicas that answered.
///
/// # Errors
/// Mismatch if the relation lacks a column or a type does not convert; Invalid if an expression does not plan.
pub(crate) fn plan(
    table: &Table,
    stored: &Stored,
    wanted: &BTreeSet<usize>,
    leaf: &Leaf<'_>,
) -> PlanResult<LogicalPlan> {
    let described = |replica: &StoredTable| leaf.known.knowledge.contains_key(&replica.place);
    let answered = stored.replicas.iter().filter(|replica| described(replica));
    let plans = answered
        .map(|replica| copy(table, replica, wanted, leaf))
        .collect::<PlanResult<Vec<_>>>()?;
    if plans.is_empty() {
        return internal_err!("no replica of `{}` was described", leaf.path.join("/"));
    }
    Ok(Replicas::plan(plans))
}

/// The plan of one replica.
fn copy(
    table: &Table,
    replica: &StoredTable,
    wanted: &BTreeSet<usize>,
    leaf: &Leaf<'_>,
) -> PlanResult<LogicalPlan> {
    let described = &leaf.known.knowledge[&replica.place];
    let mut scan = Scan { table, replica, described, leaf, columns: Vec::new() };
    let outputs = wanted.iter().map(|&at| scan.output(at)).collect::<PlanResult<Vec<_>>>()?;
    let rows = replica.rows.as_ref().map(|rows| scan.expression(rows)).transpose()?;
    let mut plan = scan.source()?;
    if let Some(rows) = rows {
        plan = plan.filter(rows)?;
    }
    let plan = plan.project(outputs)?.build()?;
    let state = leaf.known.state;
    state.analyzer().execute_and_check(plan, state.config_options(), |_, _| {})
}

struct Scan<'a> {
    table: &'a Table,
    replica: &'a StoredTable,
    described: &'a Described,
    leaf: &'a Leaf<'a>,
    columns: Vec<ScanColumn>,
}

impl Scan<'_> {
    /// The global column at `at`, as an expression over the scan.
    fn output(&mut self, at: usize) -> PlanResult<Expr> {
        let column = &self.table.columns[at];
        let local = match self.replica.columns.get(&at) {
            Some(Local::Column { name, exact }) => {
                let local = self.local(name, *exact)?.clone();
                self.mapped(at, local)?;
                // Under an alias without a qualifier, so that all parts of a union have the same schema.
                return Ok(Expr::Column(Column::new_unqualified(&column.name)).alias(&column.name));
            }
            Some(Local::Expression(local)) => local,
            None => {
                return Err(self.mismatch(&format!("nothing stands for column `{}`", column.name)));
            }
        };
        let value = self.expression(local)?;
        Ok(conform(value, column, self.replica.encodings.get(&at).copied(), &self.replica.place)
            .alias(&column.name))
    }

    /// Adds a local column under the promise of a global one.
    fn mapped(&mut self, at: usize, local: LocalColumn) -> PlanResult<()> {
        let column = &self.table.columns[at];
        let encoding = self.replica.encodings.get(&at).copied();
        fits(&local.ty, column.ty, encoding).map_err(|reason| {
            self.mismatch(&format!("column `{}` is {}; {reason}", local.name, local.declared))
        })?;
        let scan = ScanColumn {
            name: column.name.clone(),
            ty: column.ty,
            nullable: column.nullable,
            local,
            encoding,
        };
        self.columns.push(scan);
        Ok(())
    }

    /// An expression of the catalog over local columns in their natural types.
    fn expression(&mut self, sql: &SqlExpr) -> PlanResult<Expr> {
        let relation = Arc::clone(&self.described.relation);
        let natural_field = |column: &LocalColumn| {
            natural(&column.ty).map(|ty| Field::new(&column.name, ty.arrow(), column.nullable))
        };
        let fields: Vec<Field> = relation.columns.iter().filter_map(natural_field).collect();
        let schema = DFSchema::try_from(Schema::new(fields))?;
        let expr = ExprWithAlias { expr: sql.clone(), alias: None };
        let expr = self.leaf.known.state.create_logical_expr_from_sql_expr(expr, &schema)?;
        // In an order of their own: that of a hash set would give the same query another text each time.
        for column in BTreeSet::from_iter(expr.column_refs()) {
            self.natural(&column.name)?;
        }
        let renamed = expr.transform(|expr| match expr {
            Expr::Column(column) => Ok(Transformed::yes(Expr::Column(Column::new_unqualified(
                format!("{NATURAL}{}", column.name),
            )))),
            other => Ok(Transformed::no(other)),
        })?;
        Ok(renamed.data)
    }

    /// Adds a local column in its natural type.
    fn natural(&mut self, name: &str) -> PlanResult<()> {
        let scan_name = format!("{NATURAL}{name}");
        if self.columns.iter().any(|column| column.name == scan_name) {
            return Ok(());
        }
        let local = self.local(name, true)?.clone();
        let ty = natural(&local.ty).ok_or_else(|| {
            self.mismatch(&format!(
                "column `{name}` ({}) is of no type that can be computed with",
                local.declared
            ))
        })?;
        self.columns.push(ScanColumn {
            name: scan_name,
            ty,
            nullable: local.nullable,
            local,
            encoding: None,
        });
        Ok(())
    }

    /// The local column of that name; without regard to case where the catalog does not name it exactly.
    fn local(&self, name: &str, exact: bool) -> PlanResult<&LocalColumn> {
        let columns = &self.described.relation.columns;
        let same = columns.iter().find(|column| column.name == name);
        let alike =
            || columns.iter().find(|column| !exact && column.name.eq_ignore_ascii_case(name));
        same.or_else(alike).ok_or_else(|| {
            let names: Vec<_> =
                columns.iter().take(20).map(|column| format!("`{}`", column.name)).collect();
            self.mismatch(&format!("there is no column `{name}`; it has {}", names.join(", ")))
        })
    }

    fn mismatch(&self, what: &str) -> datafusion::error::DataFusionError {
        let place = &self.replica.place;
        external(Error::new(
            ErrorKind::Mismatch,
            &place.node,
            format!("relation `{place}`: {what}"),
        ))
    }

    fn source(&mut self) -> PlanResult<LogicalPlanBuilder> {
        let place = self.described.relation.place.clone();
        let columns = std::mem::take(&mut self.columns);
        let fragment = Arc::new(Fragment::new(
            self.leaf.path.join("/"),
            place,
            self.described.server.clone(),
            columns,
        ));
        let source = Arc::new(FragmentSource { fragment, filters: self.leaf.known.rules.filter });
        LogicalPlanBuilder::scan("fragment", source, None)
    }
}
