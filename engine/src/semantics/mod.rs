//! What SQL means here where DataFusion alone means something else: see the files.

mod literals;

use std::sync::Arc;

use datafusion::{
    execution::SessionStateBuilder,
    optimizer::{
        AnalyzerRule,
        analyzer::{
            resolve_grouping_function::ResolveGroupingFunction, type_coercion::TypeCoercion,
        },
    },
};

pub(crate) use literals::mark_doubles;

/// The analyzer's rules, in order.
pub(crate) fn analyzer_rules() -> Vec<Arc<dyn AnalyzerRule + Send + Sync>> {
    vec![Arc::new(ResolveGroupingFunction::new()), Arc::new(TypeCoercion::new())]
}

/// Adds our functions, over DataFusion's of the same names.
pub(crate) fn add_functions(builder: SessionStateBuilder) -> SessionStateBuilder {
    builder
}
