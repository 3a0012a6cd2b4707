//! `intarsia demo`: five SQLite files that answer as one, and what each form of layout does for a query.

mod make;

use std::{
    env,
    io::{self, Write},
    path::{Path, PathBuf},
};

use clap::Args;

use crate::{
    catalog::Opened,
    query,
    render::Format,
    source::Source,
    status::{Result, Status},
};

/// Makes five small databases and shows them answering as one
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// The folder for the databases and their catalog; made if it is not there
    #[arg(long, value_name = "DIR", default_value = "intarsia-demo")]
    dir: PathBuf,
}

/// A form of layout, and a query that profits from it.
struct Scene {
    title: &'static str,
    text: &'static str,
    sql: &'static str,
}

const SCENES: [Scene; 6] = [
    Scene {
        title: "Five logical tables",
        text: "A record shop has a house in Europe and one in America. Its five logical tables lie in five\n\
               SQLite files that know nothing of each other; catalog.yaml says how. To a query they are one\n\
               database.",
        sql: "SELECT 'visits' AS \"table\", count(*) AS \"rows\" FROM visits\n\
              UNION ALL SELECT 'orders', count(*) FROM orders\n\
              UNION ALL SELECT 'customers', count(*) FROM customers\n\
              UNION ALL SELECT 'products', count(*) FROM products\n\
              UNION ALL SELECT 'countries', count(*) FROM countries",
    },
    Scene {
        title: "Horizontal: each row in one part",
        text: "Visits of the past years lie in archive.db, a table a year, this year's in eu.db. A week of\n\
               March 2025 can only be in eu.db: nothing else is asked.",
        sql: "SELECT page, count(*) AS visits, round(avg(seconds), 1) AS seconds\n\
              FROM visits\n\
              WHERE seen >= '2025-03-01' AND seen < '2025-03-08'\n\
              GROUP BY page\n\
              ORDER BY visits DESC",
    },
    Scene {
        title: "Vertical: each column in one part",
        text: "The catalogue of records is in eu.db, the stock and the ratings in warehouse.db. A query that\n\
               needs titles and stars joins two parts by the primary key and leaves the stock alone. Not every\n\
               record has been rated: the ratings have optional keys.",
        sql: "SELECT id, title, artist, stars\n\
              FROM products\n\
              WHERE genre = 'Jazz' AND price < 9\n\
              ORDER BY id\n\
              LIMIT 6",
    },
    Scene {
        title: "Hybrid: a vertical split inside a horizontal one",
        text: "European customers are in eu.db. Of American ones, names are in us.db (under other column names)\n\
               and addresses and balances in vault.db. Names alone do not open the vault.",
        sql: "SELECT region, country, count(*) AS customers, min(since) AS first\n\
              FROM customers\n\
              WHERE country IN ('CA', 'DE', 'MX')\n\
              GROUP BY region, country\n\
              ORDER BY customers DESC",
    },
    Scene {
        title: "Derived: an order lives where its customer lives",
        text: "Orders follow their customers: those of European customers are in eu.db, the others in us.db,\n\
               where they are called sales and are timed in seconds since 1970.",
        sql: "SELECT c.name, c.country, count(*) AS orders, sum(o.total) AS total\n\
              FROM customers c JOIN orders o ON o.customer_id = c.id\n\
              WHERE c.region = 'EU' AND o.placed >= '2025-09-01'\n\
              GROUP BY c.id, c.name, c.country\n\
              ORDER BY total DESC\n\
              LIMIT 5",
    },
    Scene {
        title: "Replicated: equal copies, any one may be read",
        text: "The countries are in eu.db, in us.db (under other names) and in archive.db. One copy is read; if it\n\
               cannot be reached, the next.",
        sql: "SELECT k.name AS country, k.currency, count(*) AS customers\n\
              FROM customers c JOIN countries k ON k.code = c.country\n\
              WHERE c.region = 'EU'\n\
              GROUP BY k.name, k.currency\n\
              ORDER BY customers DESC, country\n\
              LIMIT 4",
    },
];

impl Demo {
    /// Makes the databases if they are not there yet, and shows each scene.
    pub(crate) async fn run(self, opened: &Opened) -> Result<Status> {
        let mut out = io::stdout();
        let made = make::databases(&self.dir).await?;
        let catalog = self.dir.join(make::CATALOG);
        let source = Source::Nodes(opened.open(&catalog)?.session());
        writeln!(out, "{made}\n")?;
        for (number, scene) in SCENES.iter().enumerate() {
            show(&source, number, scene, &mut out).await?;
        }
        out.write_all(farewell(&catalog).as_bytes())?;
        Ok(Status::Done)
    }
}

/// Shows what a scene is about, its query and the answer; of the numbered ones also where it came from.
async fn show(
    source: &Source,
    number: usize,
    scene: &Scene,
    out: &mut (dyn Write + Send),
) -> Result<()> {
    let title =
        if number == 0 { scene.title.to_owned() } else { format!("{number}. {}", scene.title) };
    writeln!(out, "{title}\n{}\n{}\n", "=".repeat(title.len()), scene.text)?;
    writeln!(out, "{}\n", indented(scene.sql))?;
    let mut answer = Vec::new();
    query::answer(source, scene.sql, (Format::Table, ""), &mut answer).await?;
    writeln!(out, "{}\n", indented(&String::from_utf8_lossy(&answer)))?;
    if number == 0 {
        return Ok(());
    }
    let plan = source.column(&format!("EXPLAIN ANALYZE {}", scene.sql)).await?;
    Ok(writeln!(out, "Where it came from (EXPLAIN ANALYZE):\n\n{}\n", indented(&plan.join("\n")))?)
}

fn indented(text: &str) -> String {
    let lines = text.trim_end().lines().map(|line| format!("  {line}").trim_end().to_owned());
    lines.collect::<Vec<_>>().join("\n")
}

/// What to do next, as commands that can be copied.
fn farewell(catalog: &Path) -> String {
    // Cargo sets this for what it runs: who has no `intarsia` on the path yet gets a command that works too.
    let program = if env::var_os("CARGO").is_some() { "cargo run -q --" } else { "intarsia" };
    let catalog = catalog.display();
    format!(
        "Go on with\n\
         \x20 {program} query -c {catalog} \"SELECT * FROM customers ORDER BY balance DESC LIMIT 10\"\n\
         \x20 {program} query -c {catalog} \"EXPLAIN SELECT email FROM customers WHERE id = 4711\"\n\
         \x20 {program} shell -c {catalog}\n\
         \x20 {program} query -c {catalog} --format csv \"SELECT * FROM orders\" > orders.csv\n\
         \x20 {program} check -c {catalog} --data\n\
         and look at {catalog}: it is short and has comments.\n"
    )
}
