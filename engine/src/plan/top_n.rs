//! top_n: the first rows of a union are among the first rows of each of its inputs.
//!
//! ```text
//! Sort [k] fetch n ← Union(a, b)  ⇒  Sort [k] fetch n ← Union(Sort [k] fetch n ← a, Sort [k] fetch n ← b)
//! ```
//! The sort above stays. Not where a key is volatile.

use std::sync::Arc;

use datafusion::{
    common::{
        Result as PlanResult,
        tree_node::{Transformed, TreeNode, TreeNodeRecursion},
    },
    logical_expr::{Expr, Extension, LogicalPlan, Projection, Sort, SortExpr, Union},
};

use crate::remote::Replicas;

/// Puts a copy of every bounded sort below the unions under it.
pub(crate) fn push(plan: LogicalPlan) -> PlanResult<LogicalPlan> {
    let pushed = plan.transform_down_with_subqueries(|plan| match plan {
        LogicalPlan::Sort(sort)
            if sort.fetch.is_some() && !sort.expr.iter().any(|key| key.expr.is_volatile()) =>
        {
            let input = below(&sort, Arc::unwrap_or_clone(Arc::clone(&sort.input)))?;
            let sort = LogicalPlan::Sort(Sort { input: Arc::new(input), ..sort });
            Ok(Transformed::new(sort, true, TreeNodeRecursion::Continue))
        }
        other => Ok(Transformed::no(other)),
    })?;
    Ok(pushed.data)
}

/// The input of a bounded sort, its union's inputs sorted and bounded.
fn below(sort: &Sort, input: LogicalPlan) -> PlanResult<LogicalPlan> {
    match input {
        LogicalPlan::Union(union) => {
            let inputs = union
                .inputs
                .iter()
                .map(|input| bounded(sort, input, &union))
                .collect::<PlanResult<Vec<_>>>()?;
            Ok(LogicalPlan::Union(Union { inputs, schema: union.schema }))
        }
        LogicalPlan::Projection(projection) => through_projection(sort, projection),
        LogicalPlan::Extension(extension) => through_replicas(sort, extension),
        other => Ok(other),
    }
}

/// Each copy of a fragment may be the one that answers.
fn through_replicas(sort: &Sort, extension: Extension) -> PlanResult<LogicalPlan> {
    let Some(replicas) = extension.node.as_any().downcast_ref::<Replicas>() else {
        return Ok(LogicalPlan::Extension(extension));
    };
    let sorted = |input: &LogicalPlan| {
        LogicalPlan::Sort(Sort { input: Arc::new(input.clone()), ..sort.clone() })
    };
    Ok(Replicas::plan(replicas.inputs.iter().map(sorted).collect()))
}

/// Through a projection whose sort keys are columns of its input under other names.
fn through_projection(sort: &Sort, projection: Projection) -> PlanResult<LogicalPlan> {
    let Some(keys) = keys_below(sort, &projection) else {
        return Ok(LogicalPlan::Projection(projection));
    };
    let inner = Sort { expr: keys, input: Arc::clone(&projection.input), fetch: sort.fetch };
    let input = below(&inner, Arc::unwrap_or_clone(projection.input))?;
    Ok(LogicalPlan::Projection(Projection::try_new_with_schema(
        projection.expr,
        Arc::new(input),
        projection.schema,
    )?))
}

fn keys_below(sort: &Sort, projection: &Projection) -> Option<Vec<SortExpr>> {
    let key = |key: &SortExpr| {
        let column = key.expr.try_as_col()?;
        let at = projection.schema.maybe_index_of_column(column)?;
        let below = projection.expr[at].clone().unalias_nested().data;
        below.try_as_col().is_some().then(|| key.with_expr(below))
    };
    sort.expr.iter().map(key).collect()
}

/// One input of the union under the same sort; columns are found by position, as a union matches them.
fn bounded(sort: &Sort, input: &Arc<LogicalPlan>, union: &Union) -> PlanResult<Arc<LogicalPlan>> {
    let mut keys = Vec::with_capacity(sort.expr.len());
    for key in &sort.expr {
        let renamed = key.expr.clone().transform(|expr| match &expr {
            Expr::Column(column) => match union.schema.maybe_index_of_column(column) {
                Some(at) => {
                    Ok(Transformed::yes(Expr::Column(input.schema().columns()[at].clone())))
                }
                None => Ok(Transformed::no(expr)),
            },
            _ => Ok(Transformed::no(expr)),
        })?;
        keys.push(key.with_expr(renamed.data));
    }
    Ok(Arc::new(LogicalPlan::Sort(Sort {
        expr: keys,
        input: Arc::clone(input),
        fetch: sort.fetch,
    })))
}
