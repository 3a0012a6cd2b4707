//! DataFusion's type coercion, for long chains of operators too.
//!
//! It asks each operator of a chain for the types of its sides, and each time these are worked out from the leaves
//! up: the time is quadratic in the chain. So chains are taken apart before it, and put together again behind it:
//!
//! ```text
//! a + b + … + z   ⇒   segment 0 = a + … + m, coerced, of a type that is known;   segment 0 + n + … + z
//! ```

use std::cell::RefCell;

use datafusion::{
    common::{
        Column, DFSchema, Result,
        config::ConfigOptions,
        tree_node::{Transformed, TreeNode, TreeNodeRecursion},
    },
    logical_expr::{BinaryExpr, Expr, ExprSchemable, LogicalPlan, Operator},
    optimizer::{
        AnalyzerRule,
        analyzer::type_coercion::{TypeCoercion, TypeCoercionRewriter},
    },
};

use super::rewrite;

/// Operators of a segment. Shorter chains stay as they are.
const SEGMENT: usize = 64;
/// The relation that segments are columns of; no query can name it.
const RELATION: &str = "\0segment";

/// Type coercion, by segments.
#[derive(Debug, Default)]
pub(super) struct Coercion(TypeCoercion);

impl AnalyzerRule for Coercion {
    fn name(&self) -> &'static str {
        "type_coercion"
    }

    fn analyze(&self, plan: LogicalPlan, options: &ConfigOptions) -> Result<LogicalPlan> {
        if !has_chains(&plan)? {
            return self.0.analyze(plan, options);
        }
        let segments = RefCell::new(Vec::new());
        let plan = rewrite::expressions(plan, |expr, schema| {
            expr.transform_down(|expr| taken_apart(expr, schema, &segments))
        })?;
        let plan = self.0.analyze(plan, options)?;
        let segments = segments.into_inner();
        rewrite::expressions(plan, |expr, _| expr.transform_down(|expr| put_back(expr, &segments)))
    }
}

fn has_chains(plan: &LogicalPlan) -> Result<bool> {
    let mut found = false;
    plan.apply_with_subqueries(|node| {
        node.apply_expressions(|expr| {
            expr.apply(|expr| {
                found |= chain(expr) > SEGMENT;
                // What is inside of a chain is looked at with it.
                Ok(if found { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
            })
        })
    })?;
    Ok(found)
}

/// How many operators follow each other on the left side; chains grow there, as SQL reads.
fn chain(mut expr: &Expr) -> usize {
    let mut operators = 0;
    while let Expr::BinaryExpr(BinaryExpr { left, .. }) = expr
        && operators <= SEGMENT
    {
        operators += 1;
        expr = left;
    }
    operators
}

fn taken_apart(
    expr: Expr,
    schema: &DFSchema,
    segments: &RefCell<Vec<Expr>>,
) -> Result<Transformed<Expr>> {
    if chain(&expr) <= SEGMENT {
        return Ok(Transformed::no(expr));
    }
    let (mut whole, links) = links(expr);
    for (at, (op, right)) in links.into_iter().enumerate() {
        whole = Expr::BinaryExpr(BinaryExpr::new(Box::new(whole), op, right));
        if (at + 1) % SEGMENT == 0 {
            whole = segment(whole, schema, segments)?;
        }
    }
    Ok(Transformed::yes(whole))
}

/// The first operand of a chain, and what is done to it.
fn links(mut expr: Expr) -> (Expr, Vec<(Operator, Box<Expr>)>) {
    let mut links = Vec::new();
    loop {
        match expr {
            Expr::BinaryExpr(BinaryExpr { left, op, right }) => {
                links.push((op, right));
                expr = *left;
            }
            first => {
                links.reverse();
                return (first, links);
            }
        }
    }
}

/// Coerces a segment and keeps it; what stands for it has its type.
fn segment(expr: Expr, schema: &DFSchema, segments: &RefCell<Vec<Expr>>) -> Result<Expr> {
    let coerced = expr.rewrite(&mut TypeCoercionRewriter::new(schema))?.data;
    let (_, field) = coerced.to_field(schema)?;
    let mut segments = segments.borrow_mut();
    let name = segments.len().to_string();
    segments.push(coerced);
    Ok(Expr::OuterReferenceColumn(field, Column::new(Some(RELATION), name)))
}

fn put_back(expr: Expr, segments: &[Expr]) -> Result<Transformed<Expr>> {
    match &expr {
        Expr::OuterReferenceColumn(_, column)
            if column.relation.as_ref().is_some_and(|relation| relation.table() == RELATION) =>
        {
            let segment = column.name.parse::<usize>().ok().and_then(|at| segments.get(at));
            Ok(segment.cloned().map_or_else(|| Transformed::no(expr), Transformed::yes))
        }
        _ => Ok(Transformed::no(expr)),
    }
}
