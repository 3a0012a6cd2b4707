//! Constants that are folded before the analyzer sees them, or must be literals behind it.

use std::sync::Arc;

use datafusion::{
    arrow::{array::RecordBatch, record_batch::RecordBatchOptions},
    common::{
        DFSchema, Result, ScalarValue,
        tree_node::{Transformed, TreeNode, TreeNodeRecursion},
    },
    execution::context::ExecutionProps,
    logical_expr::{
        BinaryExpr, ColumnarValue, Expr, ExprSchemable, Limit, LogicalPlan, Operator,
        physical_planning_context::PhysicalPlanningContext,
        planner::{ExprPlanner, PlannerResult, RawBinaryExpr},
    },
    physical_expr::create_physical_expr,
    sql::sqlparser::ast::BinaryOperator,
};

use super::{arithmetic, parameters};

/// Checks operations on whole constants that overflow, where they are planned: the arguments of a table function
/// are folded on the spot.
#[derive(Debug)]
pub(super) struct Constants;

impl ExprPlanner for Constants {
    fn plan_binary_op(
        &self,
        expr: RawBinaryExpr,
        schema: &DFSchema,
    ) -> Result<PlannerResult<RawBinaryExpr>> {
        if expr.op == BinaryOperator::StringConcat {
            return concatenation(expr, schema);
        }
        let operator = match expr.op {
            BinaryOperator::Plus => Operator::Plus,
            BinaryOperator::Minus => Operator::Minus,
            BinaryOperator::Multiply => Operator::Multiply,
            _ => return Ok(PlannerResult::Original(expr)),
        };
        let (Some(left), Some(right)) = (whole(&expr.left), whole(&expr.right)) else {
            return Ok(PlannerResult::Original(expr));
        };
        Ok(match fold(left, operator, right) {
            Some(_) => PlannerResult::Original(expr),
            None => {
                PlannerResult::Planned(arithmetic::checked_bigint(expr.left, operator, expr.right))
            }
        })
    }
}

/// A chain of `||` that is of texts so far, and goes on with another: DataFusion would look at all of it again to
/// find out whether it is of lists.
fn concatenation(expr: RawBinaryExpr, schema: &DFSchema) -> Result<PlannerResult<RawBinaryExpr>> {
    let RawBinaryExpr { left, right, .. } = &expr;
    let of_texts = matches!(left, Expr::BinaryExpr(BinaryExpr { op: Operator::StringConcat, .. }));
    if !of_texts || !right.get_type(schema)?.is_string() {
        return Ok(PlannerResult::Original(expr));
    }
    let chain = BinaryExpr::new(Box::new(expr.left), Operator::StringConcat, Box::new(expr.right));
    Ok(PlannerResult::Planned(Expr::BinaryExpr(chain)))
}

fn fold(left: i64, operator: Operator, right: i64) -> Option<i64> {
    match operator {
        Operator::Plus => left.checked_add(right),
        Operator::Minus => left.checked_sub(right),
        Operator::Multiply => left.checked_mul(right),
        _ => None,
    }
}

/// The value of an expression of bigint literals, those that parameters will be among them.
fn whole(expr: &Expr) -> Option<i64> {
    match expr {
        Expr::Literal(ScalarValue::Int64(value), _) => *value,
        Expr::ScalarFunction(function) => match parameters::value(function)? {
            ScalarValue::Int64(value) => value,
            _ => None,
        },
        Expr::BinaryExpr(BinaryExpr { left, op, right }) => fold(whole(left)?, *op, whole(right)?),
        _ => None,
    }
}

/// Makes literals of LIMIT and OFFSET. What cannot be evaluated is told, where DataFusion would only say that it
/// is no literal.
pub(super) fn evaluate_limits(plan: LogicalPlan) -> Result<LogicalPlan> {
    plan.transform_up_with_subqueries(|node| match node {
        LogicalPlan::Limit(Limit { skip, fetch, input }) => {
            let skip = skip.map(evaluate).transpose()?;
            let fetch = fetch.map(evaluate).transpose()?;
            Ok(Transformed::yes(LogicalPlan::Limit(Limit { skip, fetch, input })))
        }
        other => Ok(Transformed::no(other)),
    })
    .map(|transformed| transformed.data)
}

fn evaluate(expr: Box<Expr>) -> Result<Box<Expr>> {
    if matches!(*expr, Expr::Literal(..)) || !is_closed(&expr)? {
        return Ok(expr);
    }
    let schema = DFSchema::empty();
    let row = RecordBatch::try_new_with_options(
        Arc::clone(schema.inner()),
        Vec::new(),
        &RecordBatchOptions::new().with_row_count(Some(1)),
    )?;
    let props = ExecutionProps::new();
    let physical =
        create_physical_expr(&expr, &schema, &props, &PhysicalPlanningContext::default())?;
    let value = match physical.evaluate(&row)? {
        ColumnarValue::Scalar(value) => value,
        ColumnarValue::Array(values) => ScalarValue::try_from_array(&values, 0)?,
    };
    Ok(Box::new(Expr::Literal(value, None)))
}

/// Whether an expression is made of literals and operations only.
fn is_closed(expr: &Expr) -> Result<bool> {
    let mut closed = true;
    expr.apply(|part| {
        closed &= matches!(
            part,
            Expr::Literal(..) | Expr::Cast(_) | Expr::BinaryExpr(_) | Expr::Negative(_)
        ) || arithmetic::as_arithmetic(part).is_some()
            || arithmetic::as_negation(part).is_some();
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(closed)
}
