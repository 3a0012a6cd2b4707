//! Random layouts, as the value under `layout` in a catalog.

use serde_json::{Map, Value, json};

use super::{
    choices::Choices,
    kind::Kind,
    table::{Column, Table},
};

/// Splits inside splits inside splits.
const DEPTH: usize = 3;

/// Lays out the tables of a catalog.
#[derive(Debug)]
pub(super) struct Layouts<'a> {
    pub(super) choices: &'a mut Choices,
    /// The nodes' names; those of SQLite start with `lite`.
    pub(super) nodes: &'a [&'a str],
    relations: usize,
}

/// How many columns at the front of a table are its key: what every vertical part holds.
fn keys(held: &Held<'_>) -> usize {
    held.iter().take_while(|column| column.key).count()
}

/// The columns of a table that a part holds, the primary key first.
type Held<'a> = Vec<&'a Column>;

impl<'a> Layouts<'a> {
    pub(super) fn new(choices: &'a mut Choices, nodes: &'a [&'a str]) -> Layouts<'a> {
        Layouts { choices, nodes, relations: 0 }
    }

    /// A layout of `table`.
    pub(super) fn layout(&mut self, table: &Table) -> Value {
        self.any(table.name, &table.columns.iter().collect(), DEPTH)
    }

    /// A layout of `table` whose rows live where those of the table with the layout `parent` live, if that is
    /// horizontal.
    pub(super) fn following(&mut self, table: &Table, parent: &Value) -> Option<Value> {
        let parts = parent.get("horizontal")?.as_array()?;
        let held: Held<'_> = table.columns.iter().collect();
        let part = |part: &Value| {
            let mut of = self.any(table.name, &held, 1);
            of["part"] = part["name"].clone();
            of
        };
        let parts: Vec<_> = parts.iter().map(part).collect();
        let names = table.columns.iter().filter_map(|column| column.name.strip_prefix("t_"));
        let key: Map<_, _> = names.map(|name| (format!("t_{name}"), json!(name))).collect();
        Some(json!({ "follows": { "table": "t", "key": key }, "horizontal": parts }))
    }

    fn any(&mut self, table: &str, held: &Held<'_>, depth: usize) -> Value {
        let choice = if depth == 0 { 0 } else { self.choices.below(6) };
        match choice {
            1..=3 => self.horizontal(table, held, depth),
            4 if held.len() > keys(held) + 1 => self.vertical(table, held, depth),
            _ => self.stored(table, held),
        }
    }

    fn horizontal(&mut self, table: &str, held: &Held<'_>, depth: usize) -> Value {
        let column = **self.choices.pick(&held.iter().collect::<Vec<_>>());
        let conditions = self.conditions(column);
        let part = |(at, condition): (usize, String)| {
            let mut of = self.any(table, held, depth - 1);
            of["name"] = json!(format!("p{}", at + 1));
            of["where"] = json!(condition);
            of
        };
        json!({ "horizontal": conditions.into_iter().enumerate().map(part).collect::<Vec<_>>() })
    }

    /// Conditions on `column`, exactly one of which is TRUE for each row.
    fn conditions(&mut self, column: &Column) -> Vec<String> {
        let name = quoted(&column.name);
        let mut conditions = match column.kind {
            Kind::Flag => vec![name.clone(), format!("NOT {name}")],
            kind if !kind.splits() => vec!["id < 5".to_owned(), "id >= 5".to_owned()],
            Kind::Small | Kind::Wild | Kind::Tiny if self.choices.once_in(3) => {
                self.remainders(&name)
            }
            Kind::Uuid => self.hashes(&name),
            Kind::Region | Kind::Word | Kind::Wild | Kind::Small | Kind::Day | Kind::Natural
                if self.choices.once_in(3) =>
            {
                self.hashes(&name)
            }
            Kind::Region => self.lists(&name, column.kind),
            _ => self.ranges(&name, column.kind),
        };
        if column.nullable && column.kind.splits() {
            match self.choices.below(2) {
                0 => conditions.push(format!("{name} IS NULL")),
                _ => conditions[0] = format!("{} OR {name} IS NULL", conditions[0]),
            }
        }
        conditions
    }

    fn remainders(&mut self, name: &str) -> Vec<String> {
        let n = self.choices.between(2, 3);
        let condition = |k| match k {
            0 => format!("{name} % {n} = 0"),
            k => format!("{name} % {n} IN ({k}, -{k})"),
        };
        (0..n).map(condition).collect()
    }

    fn hashes(&mut self, name: &str) -> Vec<String> {
        let n = self.choices.between(1, 3);
        (0..n).map(|k| format!("hash({name}) % {n} = {k}")).collect()
    }

    fn lists(&mut self, name: &str, kind: Kind) -> Vec<String> {
        let first = kind.catalog_literal(self.choices);
        let second = kind.catalog_literal(self.choices);
        if first == second {
            return vec![format!("{name} = {first}"), format!("{name} <> {first}")];
        }
        let rest = format!("{name} NOT IN ({first}, {second})");
        vec![format!("{name} = {first}"), format!("{name} IN ({second})"), rest]
    }

    /// The middle part is empty if the bounds are the wrong way round, and the last one is all that is left.
    fn ranges(&mut self, name: &str, kind: Kind) -> Vec<String> {
        let low = kind.catalog_literal(self.choices);
        match self.choices.below(2) {
            0 => vec![format!("{name} < {low}"), format!("{name} >= {low}")],
            _ => {
                let high = kind.catalog_literal(self.choices);
                let middle = format!("{name} >= {low} AND {name} <= {high}");
                vec![
                    format!("{name} < {low}"),
                    middle.clone(),
                    format!("{name} >= {low} AND NOT ({middle})"),
                ]
            }
        }
    }

    fn vertical(&mut self, table: &str, held: &Held<'_>, depth: usize) -> Value {
        let (key, rest) = held.split_at(keys(held));
        let cut = self.choices.between(1, rest.len() - 1);
        let optional = rest[cut..].iter().all(|column| column.nullable) && self.choices.once_in(2);
        let mut parts = Vec::new();
        for (columns, keys) in [
            (&rest[..cut], "complete"),
            (&rest[cut..], if optional { "optional" } else { "complete" }),
        ] {
            let mut part = self.any(table, &[key, columns].concat(), depth - 1);
            part["columns"] = json!(columns.iter().map(|column| &column.name).collect::<Vec<_>>());
            part["keys"] = json!(keys);
            parts.push(part);
        }
        json!({ "vertical": parts })
    }

    fn stored(&mut self, table: &str, held: &Held<'_>) -> Value {
        let copies = if self.choices.once_in(5) { 2 } else { 1 };
        let copies = copies.min(self.nodes.len());
        let first = self.choices.below(self.nodes.len());
        let places = (0..copies).map(|at| self.nodes[(first + at) % self.nodes.len()]);
        let places: Vec<_> = places.map(|node| self.place(table, node, held)).collect();
        match <[Value; 1]>::try_from(places) {
            Ok([place]) => json!({ "stored": place }),
            Err(places) => json!({ "stored": places }),
        }
    }

    fn place(&mut self, table: &str, node: &str, held: &Held<'_>) -> Value {
        self.relations += 1;
        let odd = if self.choices.once_in(6) { " \"x\"" } else { "" };
        let mut place = Map::new();
        let relation = format!("{table}{}{odd}", self.relations);
        place.insert("at".to_owned(), json!({ "node": node, "relation": relation }));
        if self.choices.once_in(6) {
            place.insert(
                "rows".to_owned(),
                json!(*self.choices.pick(&["deleted = 0", "kind = 'It''s'"])),
            );
        }
        let columns: Map<_, _> = held.iter().filter_map(|column| self.local(column)).collect();
        place.insert("columns".to_owned(), Value::Object(columns));
        let encodings: Map<_, _> =
            held.iter().filter_map(|column| self.encoding(node, column)).collect();
        if !encodings.is_empty() {
            // An encoding is of a column, not of an expression.
            place.insert("columns".to_owned(), json!({}));
            place.insert("encoding".to_owned(), Value::Object(encodings));
        }
        Value::Object(place)
    }

    /// What a column is in a relation, where it is not simply there.
    fn local(&mut self, column: &Column) -> Option<(String, Value)> {
        let name = &column.name;
        let local = match (self.choices.below(9), column.kind) {
            (6, _) => format!("local_{name}"),
            (7, _) => quoted(&format!("Local {name}")),
            (8, Kind::Small) => format!("x_{name} + 7"),
            (8, Kind::Money) => format!("cents_{name} / 100.0"),
            (8, Kind::Word | Kind::Region) => format!("one_{name} || two_{name}").to_lowercase(),
            (8, Kind::Day) => format!("CAST(at_{name} AS DATE)"),
            (8, Kind::Wild) => format!("CAST(text_{name} AS BIGINT)"),
            _ => return None,
        };
        Some((name.clone(), json!(local)))
    }

    fn encoding(&mut self, node: &str, column: &Column) -> Option<(String, Value)> {
        if !node.starts_with("lite") || !self.choices.once_in(5) {
            return None;
        }
        let encoding = match column.kind {
            Kind::Day => *self.choices.pick(&["unix_seconds", "unix_millis", "julian_day"]),
            Kind::At | Kind::Instant => "unix_micros",
            _ => return None,
        };
        Some((column.name.clone(), json!(encoding)))
    }
}

/// A name as SQL takes it, case included.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}
