//! Random catalogs with rows, and random queries over them: all of it follows from a seed, and a failing case
//! shrinks to its core.

mod choices;
mod expression;
mod kept;
mod kind;
mod layout;
mod query;
mod table;

use serde_json::{Map, Value, json};

pub use choices::{Choices, simpler};
pub use kept::Kept;
pub use query::Query;

use crate::{Result, data::Rows};
use intarsia_catalog::{DEFAULT_SCHEMA, TableName};
use layout::Layouts;
use table::Table;

/// The nodes that layouts may use, the simplest first.
pub const NODES: [&str; 6] = ["lite1", "pg", "maria", "my", "lite2", "pg2"];

/// A world and a query, as the choices that make them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// The tables and their rows.
    pub tables: Vec<u32>,
    /// The layouts.
    pub layouts: Vec<u32>,
    /// The query.
    pub query: Vec<u32>,
}

/// A catalog with all rows of its tables.
#[derive(Debug)]
pub struct World {
    /// The catalog file; the URL of a node is `${env:NODE}`.
    pub yaml: String,
    /// The rows.
    pub rows: Rows,
    tables: Vec<Table>,
}

impl World {
    /// A world of random tables and layouts.
    pub fn new(tables: &mut Choices, layouts: &mut Choices) -> Result<World> {
        let made = table::tables(tables);
        let mut rows = Rows::new();
        let mut parents = 0;
        for table in &made {
            let batch = table.rows(tables, parents)?;
            parents = batch.num_rows();
            rows.insert(
                TableName { schema: DEFAULT_SCHEMA.to_owned(), name: table.name.to_owned() },
                batch,
            );
        }
        Ok(World { yaml: catalog(&made, layouts)?, rows, tables: made })
    }

    /// A random query over the tables.
    pub fn query(&self, choices: &mut Choices) -> Query {
        query::query(&self.tables, choices)
    }
}

fn catalog(tables: &[Table], choices: &mut Choices) -> Result<String> {
    let count = choices.between(1, NODES.len());
    let nodes = &NODES[..count];
    let follows = choices.once_in(2);
    let mut layouts = Layouts::new(choices, nodes);
    let mut entries = Map::new();
    let mut parent = Value::Null;
    for table in tables {
        let following = (table.name == "u" && follows).then(|| layouts.following(table, &parent));
        let layout = following.flatten().unwrap_or_else(|| layouts.layout(table));
        if table.name == "t" {
            parent = layout.clone();
        }
        let columns = format!("@{}", table.name);
        let key: Vec<_> = table.key().collect();
        let entry = json!({ "columns": columns, "primary_key": key, "layout": layout });
        entries.insert(table.name.to_owned(), entry);
    }
    let url = |node: &&str| {
        ((*node).to_owned(), json!({ "url": format!("${{env:{}}}", node.to_uppercase()) }))
    };
    let nodes: Map<_, _> = nodes.iter().map(url).collect();
    let file = json!({ "version": 1, "nodes": nodes, "tables": entries });
    let text = serde_json::to_string_pretty(&file)?;
    // The order of columns counts, and a map of serde_json has none.
    let fill = |text: String, table: &Table| {
        text.replace(&format!("\"@{}\"", table.name), &table.columns())
    };
    Ok(tables.iter().fold(text, fill))
}

#[cfg(test)]
mod tests {
    use intarsia_catalog::{Catalog, Secrets};

    use super::*;
    use crate::{
        data::split,
        oracle::{ask, oracle},
    };

    pub(super) struct Urls;

    impl Secrets for Urls {
        fn env(&self, name: &str) -> Result<String, String> {
            let (pg, my, lite) = ("postgresql://127.0.0.1/a", "mysql://127.0.0.1/a", "sqlite:a.db");
            let is = |prefix| name.starts_with(prefix);
            Ok(if is("PG") {
                pg
            } else if is("M") {
                my
            } else {
                lite
            }
            .to_owned())
        }

        fn file(&self, path: &str) -> Result<String, String> {
            Err(path.to_owned())
        }
    }

    fn world(seed: u64) -> (World, Catalog) {
        let world = World::new(&mut Choices::of(seed), &mut Choices::of(!seed)).unwrap();
        match Catalog::parse("catalog", world.yaml.as_bytes(), &Urls) {
            Ok((catalog, _)) => (world, catalog),
            Err(problems) => panic!("{problems}\nin the world of seed {seed}:\n{}", world.yaml),
        }
    }

    #[test]
    fn every_random_catalog_passes_and_has_a_home_for_each_row() {
        for seed in 0..300 {
            let (world, catalog) = world(seed);
            for table in catalog.tables.values() {
                let fragments = split(&catalog, table, &world.rows);
                assert!(
                    fragments.is_ok(),
                    "seed {seed}: {}\n{}",
                    fragments.unwrap_err(),
                    world.yaml
                );
            }
        }
    }

    /// A query that is refused tests little, so most are not.
    #[tokio::test]
    async fn most_random_queries_have_an_answer() {
        let (mut refused, mut messages) = (0, Vec::new());
        for seed in 0..300 {
            let (world, catalog) = world(seed % 10);
            let query = world.query(&mut Choices::of(seed));
            if let Err(error) = ask(&oracle(&catalog, &world.rows).unwrap(), &query.sql).await {
                refused += 1;
                messages.push(format!("{}\n  {error}", query.sql));
            }
        }
        assert!(refused < 15, "{refused} of 300 refused:\n{}", messages.join("\n"));
    }
}
