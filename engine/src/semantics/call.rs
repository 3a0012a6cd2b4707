//! Literals that go through DataFusion's planner as calls of functions, since it would read them otherwise.

use datafusion::sql::sqlparser::ast::{
    Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentList, FunctionArguments, Ident,
    ObjectName, Value, ValueWithSpan,
};

/// The call of `function` with a text, in the place of `at`.
pub(super) fn call(function: &str, text: String, at: &ValueWithSpan) -> Expr {
    let argument = Expr::Value(Value::SingleQuotedString(text).with_span(at.span));
    let args = FunctionArguments::List(FunctionArgumentList {
        duplicate_treatment: None,
        args: vec![FunctionArg::Unnamed(FunctionArgExpr::Expr(argument))],
        clauses: Vec::new(),
    });
    Expr::Function(Function {
        name: ObjectName::from(vec![Ident::with_quote('"', function)]),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args,
        filter: None,
        null_treatment: None,
        over: None,
        within_group: Vec::new(),
    })
}
