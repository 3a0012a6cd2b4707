//! Random queries.

use super::{
    choices::Choices,
    expression::{Named, Scope},
    kind::Kind,
    layout::quoted,
    table::Table,
};

/// A query, and what order its rows must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// The text.
    pub sql: String,
    /// The result columns that it orders by, in that order.
    pub order: Vec<usize>,
}

/// A column of a result.
struct Output {
    sql: String,
    /// Whether it comes out the same to the last bit, so that rows may be cut by it.
    exact: bool,
}

impl Output {
    fn of(sql: impl Into<String>) -> Output {
        Output { sql: sql.into(), exact: true }
    }
}

/// A query over `tables`.
pub(super) fn query(tables: &[Table], choices: &mut Choices) -> Query {
    match choices.below(9) {
        0..=2 => select(tables, choices),
        3 | 4 => aggregate(tables, choices),
        5 => distinct(tables, choices),
        6 => sets(tables, choices),
        7 => window(tables, choices),
        _ => nested(tables, choices),
    }
}

fn select(tables: &[Table], choices: &mut Choices) -> Query {
    let (from, scope) = from(tables, choices);
    let count = choices.between(1, 4);
    let outputs: Vec<_> = (0..count).map(|_| Output::of(scope.expression(choices).sql)).collect();
    let clause = filter(&scope, choices);
    finish("SELECT", &outputs, &format!("{from}{clause}"), choices)
}

fn distinct(tables: &[Table], choices: &mut Choices) -> Query {
    let (from, scope) = from(tables, choices);
    let count = choices.between(1, 2);
    let outputs: Vec<_> = (0..count).map(|_| Output::of(scope.expression(choices).sql)).collect();
    let clause = filter(&scope, choices);
    finish("SELECT DISTINCT", &outputs, &format!("{from}{clause}"), choices)
}

fn aggregate(tables: &[Table], choices: &mut Choices) -> Query {
    let (from, scope) = from(tables, choices);
    let groups = choices.below(3);
    let groups: Vec<_> = (0..groups).map(|_| scope.expression(choices).sql).collect();
    let mut outputs: Vec<_> = groups.iter().map(Output::of).collect();
    for _ in 0..choices.between(1, 3) {
        outputs.push(measure(&scope, choices));
    }
    let mut clause = filter(&scope, choices);
    if !groups.is_empty() {
        clause.push_str(&format!(" GROUP BY {}", groups.join(", ")));
        if choices.once_in(3) {
            clause.push_str(&format!(
                " HAVING {} > {}",
                measure_exact(&scope, choices),
                choices.below(4)
            ));
        }
    }
    finish("SELECT", &outputs, &format!("{from}{clause}"), choices)
}

fn measure(scope: &Scope<'_>, choices: &mut Choices) -> Output {
    let any = scope.column(choices).clone();
    match choices.below(10) {
        0 => Output::of("count(*)"),
        1 => Output::of(format!("count({})", any.sql)),
        2 => Output::of(format!("min({})", any.sql)),
        3 => Output::of(format!("max({})", any.sql)),
        4 => Output::of(format!("count(DISTINCT {})", any.sql)),
        5 => match scope.of(choices, |kind| kind == Kind::Flag) {
            Some(flag) => {
                Output::of(format!("{}({})", choices.pick(&["bool_and", "bool_or"]), flag.sql))
            }
            None => Output::of("count(*)"),
        },
        6 => Output::of(format!("count(*) FILTER (WHERE {})", scope.condition(choices, 1))),
        choice => match scope.of(choices, Kind::is_number) {
            None => Output::of("count(*)"),
            Some(number) if choice == 7 => Output::of(format!("sum({})", number.sql)),
            Some(number) => {
                let function = *choices.pick(&["avg", "stddev", "var_pop"]);
                Output { sql: format!("{function}({})", number.sql), exact: false }
            }
        },
    }
}

fn measure_exact(scope: &Scope<'_>, choices: &mut Choices) -> String {
    match scope.of(choices, |kind| kind == Kind::Small) {
        Some(number) if choices.once_in(2) => format!("sum({})", number.sql),
        _ => "count(*)".to_owned(),
    }
}

fn window(tables: &[Table], choices: &mut Choices) -> Query {
    let table = choices.pick(tables);
    let scope = Scope { columns: columns(table, "a"), tables };
    let part = scope.column(choices).sql.clone();
    let partition =
        if choices.once_in(3) { String::new() } else { format!("PARTITION BY {part} ") };
    let number =
        scope.of(choices, |kind| kind == Kind::Small).map_or("a.id % 5", |c| c.sql.as_str());
    let function = match choices.below(5) {
        0 => "row_number()".to_owned(),
        1 => "count(*)".to_owned(),
        2 => format!("sum({number})"),
        3 => format!("lag({})", scope.column(choices).sql),
        _ => "rank()".to_owned(),
    };
    let key: Vec<_> = table.key().map(|name| format!("a.{name}")).collect();
    let over = format!("{function} OVER ({partition}ORDER BY {})", key.join(", "));
    let outputs = [Output::of("a.id"), Output::of(part), Output::of(over)];
    let clause = filter(&scope, choices);
    finish("SELECT", &outputs, &format!("{} a{clause}", table.name), choices)
}

/// UNION and its like, over columns of the same kinds.
fn sets(tables: &[Table], choices: &mut Choices) -> Query {
    let (left, right) = (choices.pick(tables), choices.pick(tables));
    let (left_scope, right_scope) = (
        Scope { columns: columns(left, "a"), tables },
        Scope { columns: columns(right, "b"), tables },
    );
    let one = left_scope.column(choices).clone();
    let other = right_scope.of(choices, |kind| kind == one.kind).cloned();
    let other = other.unwrap_or_else(|| Named { sql: alike(one.kind, choices), kind: one.kind });
    let operator = *choices.pick(&["UNION ALL", "UNION", "INTERSECT", "EXCEPT"]);
    let (left_filter, right_filter) = (filter(&left_scope, choices), filter(&right_scope, choices));
    let sql = format!(
        "(SELECT {} AS c0 FROM {} a{left_filter} {operator} SELECT {} FROM {} b{right_filter}) x",
        one.sql, left.name, other.sql, right.name
    );
    finish("SELECT", &[Output::of("x.c0")], &sql, choices)
}

/// A literal in the type of its kind. A decimal beside a float would make both sides decimals, which not every float
/// fits: an error or not, as the plan has it.
fn alike(kind: Kind, choices: &mut Choices) -> String {
    let literal = kind.literal(choices);
    match kind {
        Kind::Ratio | Kind::Real => format!("CAST({literal} AS DOUBLE)"),
        _ => literal,
    }
}

/// A query over a query.
fn nested(tables: &[Table], choices: &mut Choices) -> Query {
    let table = choices.pick(tables);
    let scope = Scope { columns: columns(table, "a"), tables };
    let group = scope.column(choices).clone();
    let inner_filter = filter(&scope, choices);
    let inner = format!(
        "(SELECT {} AS k, count(*) AS n FROM {} a{inner_filter} GROUP BY {}) g",
        group.sql, table.name, group.sql
    );
    let outer = vec![
        Named { sql: "g.k".to_owned(), kind: group.kind },
        Named { sql: "g.n".to_owned(), kind: Kind::Small },
    ];
    let outer = Scope { columns: outer, tables };
    let clause = filter(&outer, choices);
    finish("SELECT", &[Output::of("g.k"), Output::of("g.n")], &format!("{inner}{clause}"), choices)
}

/// One table, or two joined.
fn from<'a>(tables: &'a [Table], choices: &mut Choices) -> (String, Scope<'a>) {
    let first = choices.pick(tables);
    let mut scope = Scope { columns: columns(first, "a"), tables };
    if choices.below(3) < 2 {
        return (format!("{} a", first.name), scope);
    }
    let second = choices.pick(tables);
    let right = Scope { columns: columns(second, "b"), tables };
    let kind = *choices.pick(&[
        "JOIN",
        "LEFT JOIN",
        "RIGHT JOIN",
        "FULL JOIN",
        "LEFT SEMI JOIN",
        "LEFT ANTI JOIN",
    ]);
    let mut condition = equal_columns(&scope, &right, choices);
    if choices.once_in(4) {
        condition = format!("{condition} AND {}", right.condition(choices, 0));
    }
    let from = format!("{} a {kind} {} b ON {condition}", first.name, second.name);
    if !kind.contains("SEMI") && !kind.contains("ANTI") {
        scope.columns.extend(right.columns);
    }
    (from, scope)
}

fn equal_columns(left: &Scope<'_>, right: &Scope<'_>, choices: &mut Choices) -> String {
    let key =
        |scope: &Scope<'_>| scope.columns.iter().any(|column| column.sql.ends_with(".\"t_id\""));
    match choices.below(3) {
        0 if key(right) => "a.id = b.t_id".to_owned(),
        0 if key(left) => "a.t_id = b.id".to_owned(),
        1 => {
            let one = left.column(choices);
            match right.of(choices, |kind| kind == one.kind) {
                Some(other) => format!("{} = {}", one.sql, other.sql),
                None => "a.id = b.id".to_owned(),
            }
        }
        _ => "a.id = b.id".to_owned(),
    }
}

fn columns(table: &Table, alias: &str) -> Vec<Named> {
    let named = |column: &super::table::Column| Named {
        sql: format!("{alias}.{}", quoted(&column.name)),
        kind: column.kind,
    };
    table.columns.iter().map(named).collect()
}

fn filter(scope: &Scope<'_>, choices: &mut Choices) -> String {
    match choices.below(4) {
        0 => String::new(),
        _ => format!(" WHERE {}", scope.condition(choices, 2)),
    }
}

/// Adds names, an order and a limit. Rows are cut only where every column decides which.
fn finish(select: &str, outputs: &[Output], from: &str, choices: &mut Choices) -> Query {
    let columns = outputs.iter().enumerate().map(|(at, output)| format!("{} AS c{at}", output.sql));
    let mut sql = format!("{select} {} FROM {from}", columns.collect::<Vec<_>>().join(", "));
    let mut order = Vec::new();
    if choices.once_in(2) {
        let cut = choices.once_in(2) && outputs.iter().all(|output| output.exact);
        let count = if cut { outputs.len() } else { choices.between(1, outputs.len()) };
        order = (0..count).filter(|&at| outputs[at].exact).collect();
        let direction = ["", " DESC", " NULLS FIRST", " DESC NULLS LAST"];
        let keys: Vec<_> =
            order.iter().map(|at| format!("c{at}{}", choices.pick(&direction))).collect();
        if !keys.is_empty() {
            sql.push_str(&format!(" ORDER BY {}", keys.join(", ")));
        }
        if cut {
            sql.push_str(&format!(" LIMIT {}", choices.below(12)));
            if choices.once_in(3) {
                sql.push_str(&format!(" OFFSET {}", choices.below(6)));
            }
        }
    }
    Query { sql, order }
}
