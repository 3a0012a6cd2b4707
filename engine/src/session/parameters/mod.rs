//! Statements with parameters: what is known of them before there are values, and how values become what is expected.

mod fit;
mod infer;
mod prepared;

use std::sync::Arc;

use datafusion::{
    arrow::datatypes::{DataType, Field, IntervalUnit, Schema, SchemaRef},
    common::{DataFusionError, Result},
    execution::SessionState,
    logical_expr::LogicalPlan,
    scalar::ScalarValue,
    sql::parser::Statement,
};

use super::refuse;
use crate::{Error, ErrorKind, semantics::parameters};

pub use prepared::Prepared;

/// The plan of a statement with values for its parameters.
pub(super) async fn plan(
    state: &SessionState,
    statement: Statement,
    values: Vec<ScalarValue>,
) -> Result<LogicalPlan> {
    if values.is_empty() {
        return state.statement_to_plan(statement).await;
    }
    let mut state = state.clone();
    parameters::give(&mut state, values.into_iter().map(fit::plain).collect())?;
    state.statement_to_plan(statement).await
}

/// What a statement tells before it has values.
pub(super) struct Described {
    /// The types of its parameters, where the surroundings tell them.
    pub(super) parameters: Vec<Option<DataType>>,
    /// Of which of them something is made, so that a value of another type is as good.
    pub(super) free: Vec<bool>,
    /// The columns of its answer, as if parameters of unknown types were texts.
    pub(super) schema: SchemaRef,
}

/// Types that parameters may be taken for as long as nothing is known: not every function takes an unknown one.
const GUESSES: [DataType; 4] = [
    DataType::Null,
    DataType::Utf8,
    DataType::Int64,
    DataType::Interval(IntervalUnit::MonthDayNano),
];

/// Finds out the types of a statement's `count` parameters, and of its columns.
///
/// # Errors
/// Those of a statement that cannot be planned whatever its parameters are.
pub(super) async fn describe(
    state: &SessionState,
    statement: &Statement,
    count: usize,
) -> Result<Described> {
    let mut first = None;
    for guess in GUESSES {
        match describe_by(state, statement, count, &guess).await {
            Ok(described) => return Ok(described),
            Err(error) => first = first.or(Some(error)),
        }
    }
    Err(first.unwrap_or_else(|| DataFusionError::Plan("there is no statement".to_owned())))
}

/// The same with a first guess. What is found is planned with again: it tells more of the others.
async fn describe_by(
    state: &SessionState,
    statement: &Statement,
    count: usize,
    guess: &DataType,
) -> Result<Described> {
    let mut parameters = vec![None; count];
    let guessed = planned_as(state, statement, &parameters, guess).await?;
    refuse::by_plan(&guessed)?;
    let mut free = vec![false; count];
    infer::types(&guessed, &mut parameters, &mut free)?;
    if let Ok(told) = planned_as(state, statement, &parameters, guess).await {
        infer::types(&told, &mut parameters, &mut free)?;
    }
    let schema = match planned_as(state, statement, &parameters, &DataType::Utf8).await {
        Ok(told) => analyzed(state, told).or_else(|_| analyzed(state, guessed)),
        Err(_) => analyzed(state, guessed),
    };
    Ok(Described { parameters, free, schema: schema? })
}

/// The columns of a plan in the end.
fn analyzed(state: &SessionState, plan: LogicalPlan) -> Result<SchemaRef> {
    let analyzed = state.analyzer().execute_and_check(plan, state.config_options(), |_, _| {})?;
    Ok(without_unknown(analyzed.schema().as_arrow()))
}

/// The plan with NULLs for values, of the types that are known; the others are of type `other`.
async fn planned_as(
    state: &SessionState,
    statement: &Statement,
    known: &[Option<DataType>],
    other: &DataType,
) -> Result<LogicalPlan> {
    let types = known.iter().map(|known| known.as_ref().unwrap_or(other));
    let nulls = types.map(ScalarValue::try_new_null).collect::<Result<_>>()?;
    plan(state, statement.clone(), nulls).await
}

/// A column that is only a parameter of unknown type is a text until there is a value.
fn without_unknown(schema: &Schema) -> SchemaRef {
    let fields = schema.fields().iter().map(|field| match field.data_type() {
        DataType::Null => Arc::new(Field::new(field.name(), DataType::Utf8, true)),
        _ => Arc::clone(field),
    });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// Refuses too many values and too few.
pub(super) fn check_count(parameters: usize, values: usize) -> crate::Result<()> {
    if parameters == values {
        return Ok(());
    }
    let message =
        format!("the statement has {parameters} parameters, and {values} values came for them");
    Err(Error::new(ErrorKind::Invalid, message))
}
