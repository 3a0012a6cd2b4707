//! A subquery in the place of a value is NULL if it has no row.
//!
//! ```text
//! (SELECT name FROM t WHERE id = -1) IS NULL  →  (SELECT nullable(name) FROM t WHERE id = -1) IS NULL
//! ```
//! DataFusion (55.2) takes the subquery to be NULL only where its column may be, and so makes FALSE of the condition for a
//! `name` that is NOT NULL.

use std::sync::Arc;

use datafusion::{
    arrow::datatypes::{DataType, FieldRef},
    common::{
        Column, Result,
        config::ConfigOptions,
        tree_node::{Transformed, TreeNode},
    },
    logical_expr::{
        ColumnarValue, Expr, LogicalPlan, LogicalPlanBuilder, ReturnFieldArgs, ScalarFunctionArgs,
        ScalarUDF, ScalarUDFImpl, Signature, Volatility, expr::ScalarFunction,
    },
    optimizer::AnalyzerRule,
};

use super::rewrite;

/// Lets the column of a subquery that may have no row be NULL.
#[derive(Debug)]
pub(super) struct Rowless;

impl AnalyzerRule for Rowless {
    fn name(&self) -> &'static str {
        "rowless"
    }

    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        rewrite::expressions(plan, |expr, _| expr.transform_up(nullable))
    }
}

fn nullable(expr: Expr) -> Result<Transformed<Expr>> {
    let Expr::ScalarSubquery(mut subquery) = expr else { return Ok(Transformed::no(expr)) };
    let Some(column) = not_null(&subquery.subquery) else {
        return Ok(Transformed::no(Expr::ScalarSubquery(subquery)));
    };
    let name = column.name.clone();
    let call = ScalarFunction::new_udf(function(), vec![Expr::Column(column)]);
    let projected = [Expr::ScalarFunction(call).alias(name)];
    let plan = LogicalPlanBuilder::from(Arc::unwrap_or_clone(subquery.subquery));
    subquery.subquery = Arc::new(plan.project(projected)?.build()?);
    Ok(Transformed::yes(Expr::ScalarSubquery(subquery)))
}

/// The column of a plan that may have no row, if it is NOT NULL.
fn not_null(plan: &LogicalPlan) -> Option<Column> {
    let [column] = &plan.schema().columns()[..] else { return None };
    let lacks = !has_a_row(plan) && !plan.schema().field(0).is_nullable();
    lacks.then(|| column.clone())
}

/// Whether a plan has a row whatever the tables hold: an aggregate without groups has.
fn has_a_row(plan: &LogicalPlan) -> bool {
    match plan {
        LogicalPlan::Aggregate(aggregate) => aggregate.group_expr.is_empty(),
        LogicalPlan::Projection(projection) => has_a_row(&projection.input),
        LogicalPlan::SubqueryAlias(alias) => has_a_row(&alias.input),
        LogicalPlan::EmptyRelation(empty) => empty.produce_one_row,
        _ => false,
    }
}

fn function() -> Arc<ScalarUDF> {
    // A literal must not become one again: it would be NOT NULL.
    let signature = Signature::any(1, Volatility::Volatile);
    Arc::new(ScalarUDF::from(Nullable { signature }))
}

/// Its argument, which may be NULL.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Nullable {
    signature: Signature,
}

impl ScalarUDFImpl for Nullable {
    fn name(&self) -> &'static str {
        "nullable"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        Ok(types.first().cloned().unwrap_or(DataType::Null))
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        Ok(Arc::new(args.arg_fields[0].as_ref().clone().with_nullable(true)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        Ok(args.args[0].clone())
    }
}
