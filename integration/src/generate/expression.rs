//! Random expressions of a kind, and random conditions.

use super::{choices::Choices, kind::Kind, layout::quoted, table::Table};

/// A column that a query can name.
#[derive(Debug, Clone)]
pub(super) struct Named {
    pub(super) sql: String,
    pub(super) kind: Kind,
}

/// The columns that expressions may use.
#[derive(Debug, Clone)]
pub(super) struct Scope<'a> {
    pub(super) columns: Vec<Named>,
    /// All tables, for subqueries.
    pub(super) tables: &'a [Table],
}

const NOT: [&str; 2] = ["", "NOT "];

const COMPARE: [&str; 6] = ["=", "<>", "<", "<=", ">", ">="];

impl Scope<'_> {
    /// A column.
    pub(super) fn column(&self, choices: &mut Choices) -> &Named {
        choices.pick(&self.columns)
    }

    /// A column of a kind for which `fits`, if there is one.
    pub(super) fn of(&self, choices: &mut Choices, fits: impl Fn(Kind) -> bool) -> Option<&Named> {
        let columns: Vec<_> = self.columns.iter().filter(|column| fits(column.kind)).collect();
        (!columns.is_empty()).then(|| *choices.pick(&columns))
    }

    /// An expression and its kind.
    pub(super) fn expression(&self, choices: &mut Choices) -> Named {
        let column = self.column(choices).clone();
        if choices.below(3) < 2 {
            return column;
        }
        let kind = column.kind;
        let condition = if choices.once_in(4) { Some(self.condition(choices, 1)) } else { None };
        if let Some(condition) = condition {
            let other = kind.literal(choices);
            let sql = format!("CASE WHEN {condition} THEN {} ELSE {other} END", column.sql);
            return Named { sql, kind };
        }
        match kind {
            Kind::Small => small(&column.sql, choices),
            Kind::Region | Kind::Word => text(&column.sql, choices),
            Kind::Money => {
                let sql = *choices.pick(&[
                    "{} + 1",
                    "{} * 2",
                    "-{}",
                    "abs({})",
                    "{} - 0.5",
                    "coalesce({}, 0)",
                ]);
                Named { sql: fill(sql, &column.sql), kind }
            }
            Kind::Day | Kind::At => {
                let sql = *choices.pick(&[
                    "date_trunc('month', {})",
                    "{} + INTERVAL '1' DAY",
                    "date_trunc('day', {})",
                ]);
                Named { sql: fill(sql, &column.sql), kind: Kind::At }
            }
            Kind::Flag => Named { sql: format!("NOT {}", column.sql), kind },
            Kind::Ratio => {
                let sql = *choices.pick(&["{} * 2", "{} + 0.5", "-{}", "abs({})", "{} / 4"]);
                Named { sql: fill(sql, &column.sql), kind }
            }
            Kind::Wild
            | Kind::Instant
            | Kind::Uuid
            | Kind::Clock
            | Kind::Tiny
            | Kind::Natural
            | Kind::Real
            | Kind::Wide
            | Kind::Bytes
            | Kind::Json => {
                Named { sql: format!("coalesce({}, {})", column.sql, kind.literal(choices)), kind }
            }
        }
    }

    /// A condition, at most `depth` deep.
    pub(super) fn condition(&self, choices: &mut Choices, depth: usize) -> String {
        if depth == 0 {
            return self.simple(choices);
        }
        match choices.below(8) {
            0..=3 => self.simple(choices),
            4 => format!(
                "({} AND {})",
                self.condition(choices, depth - 1),
                self.condition(choices, depth - 1)
            ),
            5 => format!(
                "({} OR {})",
                self.condition(choices, depth - 1),
                self.condition(choices, depth - 1)
            ),
            6 => format!("NOT ({})", self.condition(choices, depth - 1)),
            _ => self.subquery(choices),
        }
    }

    fn simple(&self, choices: &mut Choices) -> String {
        let Named { sql, kind } = self.column(choices).clone();
        match choices.below(13) {
            0 | 1 => format!("{sql} {} {}", choices.pick(&COMPARE), kind.literal(choices)),
            2 => format!("{sql} IS NULL"),
            3 => format!("{sql} IS NOT NULL"),
            4 => format!("{sql} {}IN ({})", not(choices), self.list(kind, choices)),
            5 => {
                let (low, high) = (kind.literal(choices), kind.literal(choices));
                format!("{sql} {}BETWEEN {low} AND {high}", not(choices))
            }
            6 => self.like(choices).unwrap_or_else(|| format!("{sql} = {}", kind.literal(choices))),
            7 => {
                let like =
                    self.of(choices, |other| other == kind).map_or(sql.clone(), |c| c.sql.clone());
                format!("{sql} {} {like}", choices.pick(&COMPARE))
            }
            8 => format!("({sql} IS {}DISTINCT FROM {})", not(choices), kind.literal(choices)),
            9 => self.computed(choices).unwrap_or_else(|| format!("{sql} IS NOT NULL")),
            10 => format!("{} {} {sql}", kind.literal(choices), choices.pick(&COMPARE)),
            11 => match self.of(choices, |kind| kind == Kind::Flag) {
                Some(flag) => format!("{} IS {}TRUE", flag.sql, not(choices)),
                None => format!("{sql} IS NULL"),
            },
            _ => {
                let other = sure(kind.literal(choices), kind);
                format!("coalesce({sql}, {other}) = {}", kind.literal(choices))
            }
        }
    }

    fn list(&self, kind: Kind, choices: &mut Choices) -> String {
        let count = choices.between(1, 4);
        let mut items: Vec<_> = (0..count).map(|_| kind.literal(choices)).collect();
        if choices.once_in(5) {
            items.push("NULL".to_owned());
        }
        items.join(", ")
    }

    fn like(&self, choices: &mut Choices) -> Option<String> {
        let column = self.of(choices, Kind::is_text)?;
        let pattern = *choices
            .pick(&["a%", "%a", "%a%", "_", "a_b", "A%", "a\\_b", "%\\%%", "%", "", "EU%", "%'%"]);
        let like = *choices.pick(&["LIKE", "NOT LIKE", "ILIKE"]);
        Some(format!("{} {like} '{}'", column.sql, pattern.replace('\'', "''")))
    }

    /// A comparison of something computed.
    fn computed(&self, choices: &mut Choices) -> Option<String> {
        let Named { sql, kind } = self.of(choices, |kind| {
            !matches!(kind, Kind::Clock | Kind::Flag | Kind::Uuid | Kind::Bytes)
        })?;
        let forms: &[&str] = match kind {
            Kind::Small => &[
                "{} + 1 @ 3",
                "{} % 3 @ 1",
                "{} * 2 @ 4",
                "-{} @ 2",
                "CAST({} AS DOUBLE) @ 2.0",
                "{} / 2 @ 1",
            ],
            Kind::Money => &["{} * 2 @ 2.20"],
            Kind::Ratio => &["{} * 2 @ 1.0"],
            Kind::Day => &["extract(YEAR FROM {}) @ 2024", "{} @ TIMESTAMP '2024-01-01 00:00:00'"],
            Kind::At | Kind::Instant => &["CAST({} AS DATE) @ DATE '2024-01-01'"],
            Kind::Wild => &["{} % 7 @ 1"],
            Kind::Tiny => &["{} % 7 @ 1", "CAST({} AS BIGINT) * 3 @ 21", "-CAST({} AS INT) @ 1"],
            Kind::Natural => &["{} / 2 @ 3", "CAST({} AS DECIMAL(20, 0)) @ 7.0"],
            Kind::Real => &["{} * 2 @ 1.0", "CAST({} AS DOUBLE) @ 0.1"],
            Kind::Wide => &["{} @ 1.5", "{} @ 1e0"],
            Kind::Json => &["length({}) @ 2"],
            _ => &[
                "length({}) @ 2",
                "upper({}) @ 'EU'",
                "{} || 'x' @ 'ax'",
                "substr({}, 1, 1) @ 'a'",
            ],
        };
        let compare = *choices.pick(&COMPARE);
        let form = choices.pick(forms).replace('@', compare);
        Some(fill(&form, sql))
    }

    fn subquery(&self, choices: &mut Choices) -> String {
        let table = choices.pick(self.tables);
        let column = self.column(choices).clone();
        let inner = table.columns.iter().find(|inner| inner.kind == column.kind);
        let Some(inner) = inner.map(|inner| format!("s.{}", quoted(&inner.name))) else {
            return format!("EXISTS (SELECT 1 FROM {} s WHERE s.id = 1)", table.name);
        };
        let sql = column.sql;
        match choices.below(4) {
            0 => format!("{sql} {}IN (SELECT {inner} FROM {} s)", not(choices), table.name),
            1 => format!(
                "{}EXISTS (SELECT 1 FROM {} s WHERE {inner} = {sql})",
                not(choices),
                table.name
            ),
            2 => format!("{sql} = (SELECT max({inner}) FROM {} s)", table.name),
            _ => format!("{sql} IN (SELECT {inner} FROM {} s WHERE s.id < 8)", table.name),
        }
    }
}

fn small(sql: &str, choices: &mut Choices) -> Named {
    let form = *choices.pick(&[
        "{} + 1",
        "{} * 3",
        "-{}",
        "abs({})",
        "{} % 3",
        "{} / 2",
        "coalesce({}, 7)",
        "nullif({}, 1)",
    ]);
    Named { sql: fill(form, sql), kind: Kind::Small }
}

fn text(sql: &str, choices: &mut Choices) -> Named {
    match choices.below(8) {
        0 => Named { sql: format!("length({sql})"), kind: Kind::Small },
        choice => {
            let forms = [
                "upper({})",
                "lower({})",
                "{} || 'x'",
                "substr({}, 2)",
                "coalesce({}, '-')",
                "nullif({}, 'a')",
                "trim({})",
            ];
            Named { sql: fill(forms[choice - 1], sql), kind: Kind::Word }
        }
    }
}

fn not(choices: &mut Choices) -> &'static str {
    NOT[choices.below(2)]
}

/// A literal beside which no value of its kind fails. Beside a decimal a large real number does, and conditions have no
/// order: whether another one leaves the row out before is not to be relied on.
fn sure(literal: String, kind: Kind) -> String {
    match kind {
        Kind::Ratio | Kind::Real if !literal.ends_with("e0") => format!("{literal}e0"),
        _ => literal,
    }
}

fn fill(form: &str, sql: &str) -> String {
    form.replace("{}", sql)
}
