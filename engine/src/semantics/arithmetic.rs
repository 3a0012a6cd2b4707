//! `+`, `-`, `*` and the sign of whole numbers: overflow is an error, where DataFusion wraps around.
//!
//! ```text
//! Projection: t.a + Int64(1)      →  Projection: checked(t.a, Int64(1))    named and printed as before
//! ```
//!
//! A chain becomes one call, `t.a + 1 - t.b` checked(t.a, 1, t.b): what DataFusion asks of a call inside a call is
//! worked out anew for each level, again and again.
//!
//! Done before anything is folded, since folding wraps too. Dates, intervals, decimals and floating-point numbers
//! are left alone: their overflow is an error or infinity already.

use std::sync::Arc;

use datafusion::{
    arrow::{
        array::{Array, ArrayRef, Datum},
        compute::kernels::numeric,
        datatypes::{DataType, Field, FieldRef},
        error::ArrowError,
    },
    common::{
        DFSchema, DataFusionError, Result,
        config::ConfigOptions,
        tree_node::{Transformed, TreeNode},
    },
    logical_expr::{
        BinaryExpr, ColumnarValue, Expr, ExprSchemable, LogicalPlan, Operator, ReturnFieldArgs,
        ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
        expr::ScalarFunction,
        simplify::{ExprSimplifyResult, SimplifyContext},
    },
    optimizer::AnalyzerRule,
    physical_expr_common::datum,
    scalar::ScalarValue,
};

use super::{constants, rewrite};

/// Puts checked operations in the place of those of whole numbers.
#[derive(Debug)]
pub(super) struct CheckedArithmetic;

impl AnalyzerRule for CheckedArithmetic {
    fn name(&self) -> &'static str {
        "checked_arithmetic"
    }

    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        let plan = rewrite::expressions(plan, |expr, schema| {
            expr.transform_up(|expr| check(expr, schema))
        })?;
        constants::evaluate_limits(plan)
    }
}

fn check(expr: Expr, schema: &DFSchema) -> Result<Transformed<Expr>> {
    match expr {
        Expr::BinaryExpr(BinaryExpr { left, op, right }) if Operation::of(op).is_some() => {
            // The shallow side first: a long chain would be walked once for each of its links.
            let ty = type_of(&right, schema)?;
            let whole = ty.is_integer() && type_of(&left, schema)? == ty;
            match Operation::of(op).filter(|_| whole) {
                Some(operation) => Ok(Transformed::yes(call(operation, ty, vec![*left, *right]))),
                None => Ok(Transformed::no(Expr::BinaryExpr(BinaryExpr { left, op, right }))),
            }
        }
        Expr::Negative(inner) => {
            let ty = type_of(&inner, schema)?;
            if ty.is_signed_integer() {
                return Ok(Transformed::yes(call(Operation::Negate, ty, vec![*inner])));
            }
            Ok(Transformed::no(Expr::Negative(inner)))
        }
        other => Ok(Transformed::no(other)),
    }
}

fn type_of(expr: &Expr, schema: &DFSchema) -> Result<DataType> {
    match checked(expr) {
        Some((checked, _)) => Ok(checked.ty.clone()),
        None => expr.get_type(schema),
    }
}

/// A call on `args`, joined with the one that is its first argument.
fn call(operation: Operation, ty: DataType, mut args: Vec<Expr>) -> Expr {
    let mut operations = vec![operation];
    if let Some((inner, _)) = args.first().and_then(checked)
        && inner.ty == ty
        && operation.operator().is_some()
        && inner.operations.iter().all(|operation| operation.operator().is_some())
    {
        operations.splice(0..0, inner.operations.iter().copied());
        let rest = args.split_off(1);
        args = args.pop().map(arguments).unwrap_or_default();
        args.extend(rest);
    }
    call_of(operations, ty, args)
}

fn call_of(operations: Vec<Operation>, ty: DataType, args: Vec<Expr>) -> Expr {
    let function = ScalarUDF::from(Checked::new(operations, ty));
    Expr::ScalarFunction(ScalarFunction { func: Arc::new(function), args })
}

fn arguments(expr: Expr) -> Vec<Expr> {
    match expr {
        Expr::ScalarFunction(ScalarFunction { args, .. }) => args,
        other => vec![other],
    }
}

/// A checked operation on two bigints.
pub(super) fn checked_bigint(left: Expr, operator: Operator, right: Expr) -> Expr {
    match Operation::of(operator) {
        Some(operation) => call(operation, DataType::Int64, vec![left, right]),
        None => Expr::BinaryExpr(BinaryExpr::new(Box::new(left), operator, Box::new(right))),
    }
}

/// The parts of a chain of checked `+`, `-` and `*`, to write it elsewhere: its first operand, and what is done to
/// it one after another.
pub fn as_arithmetic(expr: &Expr) -> Option<(&Expr, Vec<(Operator, &Expr)>)> {
    let (checked, args) = checked(expr)?;
    let operators: Option<Vec<_>> = checked.operations.iter().map(|one| one.operator()).collect();
    let (first, rest) = args.split_first()?;
    Some((first, operators?.into_iter().zip(rest).collect()))
}

/// The operand of a checked sign.
pub fn as_negation(expr: &Expr) -> Option<&Expr> {
    match checked(expr)? {
        (Checked { operations, .. }, [inner]) if operations == &[Operation::Negate] => Some(inner),
        _ => None,
    }
}

fn checked(expr: &Expr) -> Option<(&Checked, &[Expr])> {
    let Expr::ScalarFunction(ScalarFunction { func, args }) = expr else { return None };
    Some((func.inner().downcast_ref::<Checked>()?, args))
}

/// The expression with DataFusion's own operations, whose names and texts are wanted.
fn unchecked(expr: Expr) -> Expr {
    let plain = |expr: Expr| Ok::<_, DataFusionError>(unchecked_at_top(expr));
    expr.transform_up(plain).map_or_else(|_| Expr::default(), |transformed| transformed.data)
}

fn unchecked_at_top(expr: Expr) -> Transformed<Expr> {
    let Some(operations) = checked(&expr).map(|(checked, _)| checked.operations.clone()) else {
        return Transformed::no(expr);
    };
    let mut args = arguments(expr).into_iter();
    let first = args.next().unwrap_or_default();
    let Some(operators) = operations.iter().map(|one| one.operator()).collect::<Option<Vec<_>>>()
    else {
        return Transformed::yes(Expr::Negative(Box::new(first)));
    };
    let chain = operators.into_iter().zip(args).fold(first, |left, (operator, right)| {
        Expr::BinaryExpr(BinaryExpr::new(Box::new(left), operator, Box::new(right)))
    });
    Transformed::yes(chain)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Operation {
    Add,
    Subtract,
    Multiply,
    Negate,
}

impl Operation {
    fn of(operator: Operator) -> Option<Operation> {
        match operator {
            Operator::Plus => Some(Operation::Add),
            Operator::Minus => Some(Operation::Subtract),
            Operator::Multiply => Some(Operation::Multiply),
            _ => None,
        }
    }

    fn operator(self) -> Option<Operator> {
        match self {
            Operation::Add => Some(Operator::Plus),
            Operation::Subtract => Some(Operator::Minus),
            Operation::Multiply => Some(Operator::Multiply),
            Operation::Negate => None,
        }
    }
}

/// Operations on whole numbers of one type, from left to right, with a result of that type or an error.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Checked {
    /// One less than there are operands, or a sign alone.
    operations: Vec<Operation>,
    ty: DataType,
    signature: Signature,
}

impl Checked {
    fn new(operations: Vec<Operation>, ty: DataType) -> Checked {
        let operands = match operations[..] {
            [Operation::Negate] => 1,
            _ => operations.len() + 1,
        };
        let signature = Signature::exact(vec![ty.clone(); operands], Volatility::Immutable);
        Checked { operations, ty, signature }
    }

    fn binary(
        &self,
        operation: Operation,
        left: &dyn Datum,
        right: &dyn Datum,
    ) -> Result<ArrayRef, ArrowError> {
        let result = match operation {
            Operation::Add => numeric::add(left, right),
            Operation::Subtract => numeric::sub(left, right),
            Operation::Multiply => numeric::mul(left, right),
            Operation::Negate => return self.negate(left.get().0),
        };
        result.map_err(|error| self.overflow(error))
    }

    fn negate(&self, value: &dyn Array) -> Result<ArrayRef, ArrowError> {
        numeric::neg(value).map_err(|error| self.overflow(error))
    }

    fn overflow(&self, error: ArrowError) -> ArrowError {
        match error {
            ArrowError::ArithmeticOverflow(text) => {
                let operation = text.trim_start_matches("Overflow happened on: ");
                let message = format!("integer overflow: {operation} does not fit in {}", self.ty);
                ArrowError::ArithmeticOverflow(message)
            }
            other => other,
        }
    }

    /// The element that a right side of `operation` changes nothing with.
    fn neutral(&self, operation: Operation) -> Option<ScalarValue> {
        match operation {
            Operation::Add | Operation::Subtract => ScalarValue::new_zero(&self.ty).ok(),
            Operation::Multiply => ScalarValue::new_one(&self.ty).ok(),
            Operation::Negate => None,
        }
    }

    /// Whether `operand` changes nothing there; a first one of a difference does.
    fn is_neutral(&self, operation: Operation, operand: &Expr) -> bool {
        match operand {
            Expr::Literal(value, _) => self.neutral(operation).as_ref() == Some(value),
            _ => false,
        }
    }
}

impl ScalarUDFImpl for Checked {
    fn name(&self) -> &'static str {
        match self.operations[..] {
            [Operation::Add] => "checked_add",
            [Operation::Subtract] => "checked_subtract",
            [Operation::Multiply] => "checked_multiply",
            [Operation::Negate] => "checked_negate",
            _ => "checked_chain",
        }
    }

    fn display_name(&self, args: &[Expr]) -> Result<String> {
        let call = call_of(self.operations.clone(), self.ty.clone(), args.to_vec());
        Ok(unchecked(call).to_string())
    }

    fn schema_name(&self, args: &[Expr]) -> Result<String> {
        let call = call_of(self.operations.clone(), self.ty.clone(), args.to_vec());
        Ok(unchecked(call).schema_name().to_string())
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.ty.clone())
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let nullable = args.arg_fields.iter().any(|field| field.is_nullable());
        Ok(Arc::new(Field::new(self.name(), self.ty.clone(), nullable)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        match args.args.as_slice() {
            [ColumnarValue::Array(value)] => Ok(ColumnarValue::Array(self.negate(value)?)),
            [ColumnarValue::Scalar(value)] => {
                let negated = self.negate(&value.to_array()?)?;
                Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&negated, 0)?))
            }
            [first, rest @ ..] => {
                let mut links = self.operations.iter().zip(rest);
                links.try_fold(first.clone(), |left, (&operation, right)| {
                    datum::apply(&left, right, |left, right| self.binary(operation, left, right))
                })
            }
            [] => Err(DataFusionError::Internal(format!("{} without operands", self.name()))),
        }
    }

    /// Takes neutral elements away, as DataFusion does of its own operations.
    fn simplify(&self, args: Vec<Expr>, _: &SimplifyContext) -> Result<ExprSimplifyResult> {
        let (mut operations, before) = (Vec::new(), args.len());
        let mut kept: Vec<Expr> = Vec::with_capacity(args.len());
        for (at, operand) in args.into_iter().enumerate() {
            let Some(operation) = at.checked_sub(1).and_then(|at| self.operations.get(at)) else {
                kept.push(operand);
                continue;
            };
            let first = (at == 1 && *operation != Operation::Subtract)
                .then(|| self.is_neutral(*operation, &kept[0]));
            if first == Some(true) {
                kept[0] = operand;
            } else if !self.is_neutral(*operation, &operand) {
                operations.push(*operation);
                kept.push(operand);
            }
        }
        if kept.len() == before {
            return Ok(ExprSimplifyResult::Original(kept));
        }
        Ok(ExprSimplifyResult::Simplified(match kept.len() {
            1 => kept.swap_remove(0),
            _ => call_of(operations, self.ty.clone(), kept),
        }))
    }
}
