//! What SQL means here where DataFusion alone means something else: overflow is an error, a number with a point is
//! exact, a CASE guards its branches, what is compared with a subquery is the outer row's, and a subquery without a row is
//! NULL. Names and types of result columns stay DataFusion's.

mod arithmetic;
mod bounded;
mod call;
mod coercion;
mod constants;
mod exact;
mod guards;
mod literals;
pub(crate) mod parameters;
mod quantified;
mod rewrite;
mod rounding;
mod rowless;
mod sum;

use std::sync::Arc;

use datafusion::{
    execution::SessionStateBuilder,
    logical_expr::AggregateUDF,
    optimizer::{AnalyzerRule, analyzer::resolve_grouping_function::ResolveGroupingFunction},
};

pub use arithmetic::{as_arithmetic, as_negation};
pub(crate) use literals::mark_doubles;

/// The analyzer's rules, in order.
///
/// A literal's type decides how its neighbours are coerced, so literals come before; whole numbers are known only
/// behind, and still before anything is folded.
pub(crate) fn analyzer_rules() -> Vec<Arc<dyn AnalyzerRule + Send + Sync>> {
    vec![
        Arc::new(ResolveGroupingFunction::new()),
        Arc::new(quantified::Quantified),
        Arc::new(rowless::Rowless),
        Arc::new(literals::Literals),
        Arc::new(rounding::Rounding),
        Arc::new(coercion::Coercion::default()),
        Arc::new(arithmetic::CheckedArithmetic),
        Arc::new(guards::Guards),
    ]
}

/// Adds our functions, over DataFusion's of the same names.
pub(crate) fn add_functions(mut builder: SessionStateBuilder) -> SessionStateBuilder {
    let aggregates = builder.aggregate_functions().get_or_insert_default();
    aggregates.push(Arc::new(AggregateUDF::from(sum::Sum::new())));
    let scalars = builder.scalar_functions().get_or_insert_default();
    bounded::bound(scalars);
    scalars.push(literals::double());
    let planners = builder.expr_planners().get_or_insert_default();
    planners.insert(0, Arc::new(constants::Constants));
    builder
}

#[cfg(test)]
mod tests;
