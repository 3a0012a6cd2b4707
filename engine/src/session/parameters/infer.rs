//! The types that parameters have by what surrounds them.

use datafusion::logical_expr::type_coercion::binary::comparison_coercion;
use datafusion::{
    arrow::datatypes::{DataType, Field, FieldRef},
    common::{
        DFSchema, Result,
        tree_node::{TreeNode, TreeNodeRecursion},
    },
    logical_expr::{
        BinaryExpr, Case, Cast, Expr, ExprSchemable, LogicalPlan, Operator, TryCast, Union, Values,
        expr::ScalarFunction,
        type_coercion::functions::{UDFCoercionExt, fields_with_udf},
        utils::merge_schema,
    },
};

use crate::semantics::parameters::index;

/// Adds to `known` what `plan` tells of parameters whose types are not known yet, and to `free` which of them something is
/// made of.
pub(super) fn types(
    plan: &LogicalPlan,
    known: &mut [Option<DataType>],
    free: &mut [bool],
) -> Result<()> {
    let mut found = Found { types: vec![Told::Nothing; known.len()], free };
    plan.apply_with_subqueries(|node| {
        found.node(node);
        let schema = merge_schema(&node.inputs());
        node.apply_expressions(|expr| {
            expr.apply(|expr| {
                found.expression(expr, &schema);
                Ok(TreeNodeRecursion::Continue)
            })
        })
    })?;
    for (known, told) in known.iter_mut().zip(found.types) {
        if let (None, Told::One(ty)) = (&known, told) {
            *known = Some(ty);
        }
    }
    Ok(())
}

/// What a client would send: how a text or a dictionary is kept here is no concern of it.
fn plain(ty: &DataType) -> DataType {
    match ty {
        DataType::Utf8View | DataType::LargeUtf8 => DataType::Utf8,
        DataType::BinaryView | DataType::LargeBinary => DataType::Binary,
        DataType::Dictionary(_, value) => plain(value),
        other => other.clone(),
    }
}

/// What the places of one parameter say of its type.
#[derive(Clone)]
enum Told {
    Nothing,
    One(DataType),
    /// They do not agree.
    Nonsense,
}

struct Found<'a> {
    types: Vec<Told>,
    free: &'a mut [bool],
}

impl Found<'_> {
    /// `expr`, if it is a parameter, is of type `ty`.
    fn is(&mut self, expr: &Expr, ty: &DataType) {
        let Some(told) = index(expr).and_then(|index| self.types.get_mut(index)) else { return };
        *told = match (&*told, plain(ty)) {
            (_, DataType::Null) | (Told::Nonsense, _) => return,
            (Told::Nothing, ty) => Told::One(ty),
            (Told::One(before), ty) if *before == ty => return,
            (Told::One(before), ty) => {
                comparison_coercion(before, &ty).map_or(Told::Nonsense, Told::One)
            }
        };
    }

    /// Of `expr`, if it is a parameter, something is made: a value of another type makes something else, as a literal
    /// there does.
    fn makes(&mut self, expr: &Expr) {
        if let Some(free) = index(expr).and_then(|index| self.free.get_mut(index)) {
            *free = true;
        }
    }

    fn all_make<'a>(&mut self, sides: impl IntoIterator<Item = &'a Expr>) {
        sides.into_iter().for_each(|side| self.makes(side));
    }

    /// All of `sides` are of the one type that those of them have that are no parameters.
    fn same<'a>(&mut self, sides: impl IntoIterator<Item = &'a Expr> + Clone, schema: &DFSchema) {
        if !sides.clone().into_iter().any(|side| index(side).is_some()) {
            return;
        }
        let others = sides.clone().into_iter().filter(|side| index(side).is_none());
        let types = others.filter_map(|other| other.get_type(schema).ok());
        let types = types.filter(|ty| *ty != DataType::Null);
        let common = types.map(Some).reduce(|a, b| comparison_coercion(&a?, &b?)).flatten();
        if let Some(ty) = common {
            sides.into_iter().for_each(|side| self.is(side, &ty));
        }
    }

    /// What an operator of the plan says of expressions that are its own.
    fn node(&mut self, node: &LogicalPlan) {
        match node {
            LogicalPlan::Filter(filter) => self.is(&filter.predicate, &DataType::Boolean),
            LogicalPlan::Limit(limit) => {
                let bounds = [&limit.skip, &limit.fetch].into_iter().flatten();
                bounds.for_each(|bound| self.is(bound, &DataType::Int64));
            }
            LogicalPlan::Values(values) => self.values(values),
            LogicalPlan::Union(union) => self.union(union),
            _ => {}
        }
    }

    fn values(&mut self, Values { schema, values }: &Values) {
        for row in values {
            for (value, column) in row.iter().zip(schema.fields()) {
                self.is(value, column.data_type());
                self.makes(value);
            }
        }
    }

    /// A parameter in one branch is of the column's type in another.
    fn union(&mut self, Union { inputs, .. }: &Union) {
        for input in inputs {
            let LogicalPlan::Projection(projection) = &**input else { continue };
            for (at, expr) in projection.expr.iter().enumerate() {
                let others = inputs.iter().filter(|other| !std::ptr::eq(*other, input));
                let columns = others.filter_map(|other| other.schema().fields().get(at));
                columns.take(1).for_each(|column| self.is(expr, column.data_type()));
                self.makes(expr);
            }
        }
    }

    fn expression(&mut self, expr: &Expr, schema: &DFSchema) {
        match expr {
            Expr::BinaryExpr(BinaryExpr { left, op, right }) => {
                self.operator(left, *op, right, schema);
            }
            Expr::Not(inner)
            | Expr::IsTrue(inner)
            | Expr::IsNotTrue(inner)
            | Expr::IsFalse(inner)
            | Expr::IsNotFalse(inner)
            | Expr::IsUnknown(inner)
            | Expr::IsNotUnknown(inner) => self.is(inner, &DataType::Boolean),
            Expr::Between(between) => {
                self.same([&*between.expr, &*between.low, &*between.high], schema);
            }
            Expr::InList(list) => {
                self.same(std::iter::once(&*list.expr).chain(&list.list), schema);
            }
            Expr::Like(like) | Expr::SimilarTo(like) => {
                self.is(&like.expr, &DataType::Utf8);
                self.is(&like.pattern, &DataType::Utf8);
            }
            Expr::Case(case) => self.case(case, schema),
            Expr::Cast(Cast { expr, field }) | Expr::TryCast(TryCast { expr, field }) => {
                self.is(expr, field.data_type());
                self.makes(expr);
            }
            Expr::ScalarFunction(ScalarFunction { func, args }) => {
                self.arguments(func.as_ref(), args, schema);
            }
            Expr::AggregateFunction(call) => {
                self.arguments(call.func.as_ref(), &call.params.args, schema);
                call.params.filter.iter().for_each(|filter| self.is(filter, &DataType::Boolean));
            }
            Expr::InSubquery(inner) => self.column(&inner.expr, &inner.subquery.subquery),
            Expr::SetComparison(inner) => self.column(&inner.expr, &inner.subquery.subquery),
            _ => {}
        }
    }

    fn operator(&mut self, left: &Expr, op: Operator, right: &Expr, schema: &DFSchema) {
        use Operator as O;
        match op {
            O::And | O::Or => {
                [left, right].into_iter().for_each(|s| self.is(s, &DataType::Boolean))
            }
            O::StringConcat => {
                [left, right].into_iter().for_each(|s| self.is(s, &DataType::Utf8));
                self.all_make([left, right]);
            }
            O::RegexMatch
            | O::RegexIMatch
            | O::RegexNotMatch
            | O::RegexNotIMatch
            | O::LikeMatch
            | O::ILikeMatch
            | O::NotLikeMatch
            | O::NotILikeMatch => {
                [left, right].into_iter().for_each(|s| self.is(s, &DataType::Utf8))
            }
            O::Plus | O::Minus | O::Multiply | O::Divide | O::Modulo => {
                self.arithmetic(left, right, schema);
            }
            _ => self.same([left, right], schema),
        }
    }

    /// Beside a number is a number; what is added to a date may be many things.
    fn arithmetic(&mut self, left: &Expr, right: &Expr, schema: &DFSchema) {
        let number = |side: &Expr| {
            index(side).is_none() && side.get_type(schema).is_ok_and(|ty| ty.is_numeric())
        };
        if number(left) || number(right) {
            self.same([left, right], schema);
        }
        self.all_make([left, right]);
    }

    fn case(&mut self, case: &Case, schema: &DFSchema) {
        let whens = || case.when_then_expr.iter().map(|(when, _)| &**when);
        match &case.expr {
            Some(base) => self.same(std::iter::once(&**base).chain(whens()), schema),
            None => whens().for_each(|when| self.is(when, &DataType::Boolean)),
        }
        let thens = case.when_then_expr.iter().map(|(_, then)| &**then);
        let results = thens.chain(case.else_expr.as_deref());
        self.same(results.clone(), schema);
        self.all_make(results);
    }

    /// The types that a function would make of its arguments, or else the first that it says it takes.
    fn arguments(&mut self, function: &impl UDFCoercionExt, args: &[Expr], schema: &DFSchema) {
        if !args.iter().any(|arg| index(arg).is_some()) {
            return;
        }
        self.all_make(args);
        let field = |arg: &Expr| -> Result<FieldRef> {
            match index(arg) {
                Some(_) => Ok(FieldRef::new(Field::new("", DataType::Null, true))),
                None => arg.to_field(schema).map(|(_, field)| field),
            }
        };
        let fields = args.iter().map(field).collect::<Result<Vec<_>>>();
        let Ok(taken) = fields.and_then(|fields| fields_with_udf(&fields, function)) else {
            return;
        };
        let examples = function.signature().type_signature.get_example_types();
        let example = examples.iter().find(|example| example.len() == args.len());
        for (at, (arg, taken)) in args.iter().zip(&taken).enumerate() {
            match (taken.data_type(), example) {
                (DataType::Null, Some(example)) => self.is(arg, &example[at]),
                (taken, _) => self.is(arg, taken),
            }
        }
    }

    /// The only column of a subquery.
    fn column(&mut self, expr: &Expr, subquery: &LogicalPlan) {
        if let Some(column) = subquery.schema().fields().first() {
            self.is(expr, column.data_type());
        }
    }
}
