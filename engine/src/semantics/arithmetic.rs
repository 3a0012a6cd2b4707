//! `+`, `-`, `*` and the sign of whole numbers: overflow is an error, where DataFusion wraps around.
//!
//! ```text
//! Projection: t.a + Int64(1)      →  Projection: checked(t.a, Int64(1))    named and printed as before
//! ```
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

fn call(operation: Operation, ty: DataType, args: Vec<Expr>) -> Expr {
    let function = ScalarUDF::from(Checked::new(operation, ty));
    Expr::ScalarFunction(ScalarFunction { func: Arc::new(function), args })
}

/// A checked operation on two bigints.
pub(super) fn checked_bigint(left: Expr, operator: Operator, right: Expr) -> Expr {
    match Operation::of(operator) {
        Some(operation) => call(operation, DataType::Int64, vec![left, right]),
        None => Expr::BinaryExpr(BinaryExpr::new(Box::new(left), operator, Box::new(right))),
    }
}

/// The parts of a checked `+`, `-` or `*`, to write it elsewhere.
pub fn as_arithmetic(expr: &Expr) -> Option<(&Expr, Operator, &Expr)> {
    let (checked, args) = checked(expr)?;
    match (checked.operation.operator()?, args) {
        (operator, [left, right]) => Some((left, operator, right)),
        _ => None,
    }
}

/// The operand of a checked sign.
pub fn as_negation(expr: &Expr) -> Option<&Expr> {
    match checked(expr)? {
        (Checked { operation: Operation::Negate, .. }, [inner]) => Some(inner),
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
    expr.transform_down(plain).map_or_else(|_| Expr::default(), |transformed| transformed.data)
}

fn unchecked_at_top(expr: Expr) -> Transformed<Expr> {
    let Some(operation) = checked(&expr).map(|(checked, _)| checked.operation) else {
        return Transformed::no(expr);
    };
    let Expr::ScalarFunction(ScalarFunction { args, .. }) = expr else {
        return Transformed::no(expr);
    };
    let mut args = args.into_iter().map(Box::new);
    match (operation.operator(), args.next(), args.next()) {
        (Some(operator), Some(left), Some(right)) => {
            Transformed::yes(Expr::BinaryExpr(BinaryExpr::new(left, operator, right)))
        }
        (_, inner, _) => Transformed::yes(Expr::Negative(inner.unwrap_or_default())),
    }
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

/// An operation on whole numbers of one type, with a result of that type or an error.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Checked {
    operation: Operation,
    ty: DataType,
    signature: Signature,
}

impl Checked {
    fn new(operation: Operation, ty: DataType) -> Checked {
        let operands = if operation == Operation::Negate { 1 } else { 2 };
        let signature = Signature::exact(vec![ty.clone(); operands], Volatility::Immutable);
        Checked { operation, ty, signature }
    }

    fn binary(&self, left: &dyn Datum, right: &dyn Datum) -> Result<ArrayRef, ArrowError> {
        let result = match self.operation {
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
}

impl ScalarUDFImpl for Checked {
    fn name(&self) -> &'static str {
        match self.operation {
            Operation::Add => "checked_add",
            Operation::Subtract => "checked_subtract",
            Operation::Multiply => "checked_multiply",
            Operation::Negate => "checked_negate",
        }
    }

    fn display_name(&self, args: &[Expr]) -> Result<String> {
        Ok(unchecked(call(self.operation, self.ty.clone(), args.to_vec())).to_string())
    }

    fn schema_name(&self, args: &[Expr]) -> Result<String> {
        let plain = unchecked(call(self.operation, self.ty.clone(), args.to_vec()));
        Ok(plain.schema_name().to_string())
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
            [left, right] => datum::apply(left, right, |left, right| self.binary(left, right)),
            [ColumnarValue::Array(value)] => Ok(ColumnarValue::Array(self.negate(value)?)),
            [ColumnarValue::Scalar(value)] => {
                let negated = self.negate(&value.to_array()?)?;
                Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&negated, 0)?))
            }
            _ => Err(DataFusionError::Internal(format!("{} without operands", self.name()))),
        }
    }

    /// Takes neutral elements away, as DataFusion does of its own operations.
    fn simplify(&self, mut args: Vec<Expr>, _: &SimplifyContext) -> Result<ExprSimplifyResult> {
        let neutral = |expr: Option<&Expr>, element: &Result<ScalarValue>| matches!((expr, element), (Some(Expr::Literal(value, _)), Ok(element)) if value == element);
        let element = match self.operation {
            Operation::Add | Operation::Subtract => ScalarValue::new_zero(&self.ty),
            Operation::Multiply => ScalarValue::new_one(&self.ty),
            Operation::Negate => return Ok(ExprSimplifyResult::Original(args)),
        };
        if neutral(args.get(1), &element) {
            return Ok(ExprSimplifyResult::Simplified(args.swap_remove(0)));
        }
        if self.operation != Operation::Subtract && neutral(args.first(), &element) {
            return Ok(ExprSimplifyResult::Simplified(args.swap_remove(1)));
        }
        Ok(ExprSimplifyResult::Original(args))
    }
}
