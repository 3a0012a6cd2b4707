//! Parameters, planned with the types of their values.
//!
//! DataFusion gives a placeholder the type of what stands beside it (`at - $1` would be a timestamp less a timestamp),
//! and settles what an expression is before there are values. So a parameter goes through it as a call of a function that
//! nobody can spell by accident, of the value's type, and is a literal afterwards: the plan is that of the text with the
//! values written out, and columns keep the names `$1`, `$2`, …

use std::{ops::ControlFlow, sync::Arc};

use datafusion::{
    arrow::datatypes::{DataType, Field, FieldRef},
    common::{DataFusionError, Result, ScalarValue},
    execution::{FunctionRegistry, SessionState},
    logical_expr::{
        ColumnarValue, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl,
        Signature, Volatility, expr::ScalarFunction,
    },
    sql::sqlparser::ast::{Expr as SqlExpr, Statement, Value, VisitMut, VisitorMut},
};

use super::call::call;

/// Turns the parameters of a statement into calls. The answer is the first that has no number: the parser takes `:a` for
/// a parameter, too.
pub(crate) fn mark(statement: &mut Statement) -> Option<String> {
    statement.visit(&mut Marker).break_value()
}

struct Marker;

impl VisitorMut for Marker {
    type Break = String;

    fn pre_visit_expr(&mut self, expr: &mut SqlExpr) -> ControlFlow<String> {
        if let SqlExpr::Value(value) = &*expr
            && let Value::Placeholder(name) = &value.value
        {
            if number(name).is_none() {
                return ControlFlow::Break(name.clone());
            }
            *expr = call(NAME, name.clone(), value);
        }
        ControlFlow::Continue(())
    }
}

/// Gives the parameters of the statements that `state` plans their values.
pub(crate) fn give(state: &mut SessionState, values: Vec<ScalarValue>) -> Result<()> {
    let signature = Signature::exact(vec![DataType::Utf8], Volatility::Immutable);
    let parameter = Parameter { values, signature };
    state.register_udf(Arc::new(ScalarUDF::from(parameter))).map(drop)
}

/// Which parameter an expression is, from 0, if it is one.
pub(crate) fn index(expr: &Expr) -> Option<usize> {
    match expr {
        Expr::ScalarFunction(function) if function.func.inner().is::<Parameter>() => {
            place(&function.args)
        }
        Expr::Alias(alias) => index(&alias.expr),
        _ => None,
    }
}

/// The value of a parameter.
pub(super) fn value(function: &ScalarFunction) -> Option<ScalarValue> {
    let parameter = function.func.inner().downcast_ref::<Parameter>()?;
    parameter.values.get(place(&function.args)?).cloned()
}

fn place(args: &[Expr]) -> Option<usize> {
    match args {
        [Expr::Literal(ScalarValue::Utf8(Some(name)), _)] => number(name),
        _ => None,
    }
}

fn number(name: &str) -> Option<usize> {
    name.strip_prefix('$')?.parse::<usize>().ok()?.checked_sub(1)
}

const NAME: &str = "query parameter";

#[derive(Debug, PartialEq, Eq, Hash)]
struct Parameter {
    values: Vec<ScalarValue>,
    signature: Signature,
}

impl Parameter {
    fn get(&self, name: Option<&ScalarValue>) -> Result<&ScalarValue> {
        let name = match name {
            Some(ScalarValue::Utf8(Some(name))) => name.as_str(),
            _ => "",
        };
        let value = number(name).and_then(|index| self.values.get(index));
        value.ok_or_else(|| DataFusionError::Plan(format!("there is no parameter `{name}`")))
    }

    fn shown(args: &[Expr]) -> Result<String> {
        match place(args) {
            Some(index) => Ok(format!("${}", index + 1)),
            None => Err(DataFusionError::Plan("no parameter".to_owned())),
        }
    }
}

impl ScalarUDFImpl for Parameter {
    fn name(&self) -> &'static str {
        NAME
    }

    fn display_name(&self, args: &[Expr]) -> Result<String> {
        Parameter::shown(args)
    }

    fn schema_name(&self, args: &[Expr]) -> Result<String> {
        Parameter::shown(args)
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Null)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let value = self.get(args.scalar_arguments.first().copied().flatten())?;
        Ok(Arc::new(Field::new(NAME, value.data_type(), value.is_null())))
    }

    /// What is folded while it is planned, as the arguments of a table function are, is given the value at once.
    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        match args.args.as_slice() {
            [ColumnarValue::Scalar(name)] => {
                Ok(ColumnarValue::Scalar(self.get(Some(name))?.clone()))
            }
            _ => Err(DataFusionError::Plan("no parameter".to_owned())),
        }
    }
}
