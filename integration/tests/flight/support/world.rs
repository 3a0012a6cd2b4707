//! The nodes and their rows, made once.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, LazyLock},
};

use intarsia_catalog::{Address, Backend, Node};
use intarsia_connectors::Flavor;
use intarsia_integration::{Result, cluster::Cluster};

/// The catalog of the world.
pub(crate) fn catalog() -> &'static Path {
    static CATALOG: LazyLock<Result<PathBuf, String>> =
        LazyLock::new(|| make().map_err(|error| error.to_string()));
    CATALOG.as_ref().unwrap_or_else(|error| panic!("no nodes to serve: {error}"))
}

/// In the build's own folder, where it may lie after the tests.
fn make() -> Result<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("flight");
    let _was_there = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        for (name, rows) in [("eu", &EU[..]), ("us", &US), ("lite", &LITE)] {
            file(&folder.join(format!("{name}.db")), rows).await?;
        }
        let pg = server(Flavor::Postgres, &POSTGRES).await?;
        let maria = server(Flavor::MariaDb, &MARIADB).await?;
        let kinds = KINDS.join(", ");
        let text = CATALOG.replace("{pg}", &pg).replace("{maria}", &maria);
        let path = folder.join("catalog.yaml");
        fs::write(&path, text.replace("{kinds}", &kinds))?;
        Ok(path)
    })
}

async fn file(path: &Path, rows: &[&str]) -> Result<()> {
    fs::write(path, "")?;
    let node = Node {
        name: "file".to_owned(),
        backend: Backend::Sqlite,
        address: Address::File(path.to_owned()),
        password: None,
        zone: None,
        connections: 1,
    };
    let connector = intarsia_connectors::connect(&Arc::new(node));
    Ok(connector.run(&texts(rows)).await?)
}

/// A database on a server of its own software; the answer is its URL.
async fn server(flavor: Flavor, rows: &[&str]) -> Result<String> {
    let database = Cluster::shared().database(flavor).await?;
    database.run(&texts(rows)).await?;
    Ok(database.url().to_owned())
}

fn texts(rows: &[&str]) -> Vec<String> {
    rows.iter().map(|sql| (*sql).to_owned()).collect()
}

/// Customers over two files, orders that follow them, and a row of each type in three kinds of database.
const CATALOG: &str = r#"version: 1
nodes:
  eu: { url: "sqlite:eu.db" }
  us: { url: "sqlite:us.db" }
  lite: { url: "sqlite:lite.db" }
  pg: { url: "{pg}" }
  maria: { url: "{maria}" }
tables:
  customers:
    comment: people who buy
    columns: { id: bigint not null, name: text, region: text not null, balance: "decimal(12,2)" }
    primary_key: [id]
    layout:
      horizontal:
        - { name: eu, where: region = 'EU', stored: eu.customers }
        - { name: us, where: region <> 'EU', stored: us.customers }
  orders:
    columns: { id: bigint not null, customer_id: bigint not null, total: "decimal(12,2)" }
    primary_key: [id]
    layout:
      follows: { table: customers, key: { customer_id: id } }
      horizontal:
        - { part: eu, stored: eu.orders }
        - { part: us, stored: us.orders }
  kinds:
    columns: { {kinds} }
    primary_key: [id]
    layout: { stored: lite.kinds }
  pg.kinds:
    columns: { {kinds} }
    layout: { stored: pg.public.kinds }
  maria.kinds:
    columns: { {kinds} }
    layout: { stored: maria.kinds }
"#;

const KINDS: [&str; 19] = [
    "id: bigint not null",
    "a_boolean: boolean",
    "a_smallint: smallint",
    "a_small_unsigned: smallint unsigned",
    "an_integer: integer",
    "an_unsigned: integer unsigned",
    "a_bigint: bigint",
    "a_big_unsigned: bigint unsigned",
    "a_real: real",
    "a_double: double",
    "a_decimal: \"decimal(12,2)\"",
    "a_text: text",
    "a_binary: binary",
    "a_date: date",
    "a_time: time",
    "a_timestamp: timestamp",
    "an_instant: timestamptz",
    "a_uuid: uuid",
    "a_json: json",
];

const CUSTOMERS: &str = "CREATE TABLE customers (id INTEGER, name TEXT, region TEXT, balance TEXT)";
const ORDERS: &str = "CREATE TABLE orders (id INTEGER, customer_id INTEGER, total TEXT)";

const EU: [&str; 4] = [
    CUSTOMERS,
    ORDERS,
    "INSERT INTO customers VALUES (1, 'Ada', 'EU', '10.50'), (2, NULL, 'EU', NULL)",
    "INSERT INTO orders VALUES (10, 1, '3.50'), (11, 2, NULL)",
];

const US: [&str; 4] = [
    CUSTOMERS,
    ORDERS,
    "INSERT INTO customers VALUES (3, 'Grace', 'US', '-1.00')",
    "INSERT INTO orders VALUES (12, 3, '7.00')",
];

const LITE: [&str; 2] = [
    "CREATE TABLE kinds (id INTEGER, a_boolean INTEGER, a_smallint INTEGER, a_small_unsigned INTEGER, \
     an_integer INTEGER, an_unsigned INTEGER, a_bigint INTEGER, a_big_unsigned INTEGER, a_real REAL, \
     a_double REAL, a_decimal TEXT, a_text TEXT, a_binary BLOB, a_date TEXT, a_time TEXT, \
     a_timestamp TEXT, an_instant TEXT, a_uuid TEXT, a_json TEXT)",
    "INSERT INTO kinds VALUES \
     (1, 1, 32767, 65535, 2147483647, 2147483647, 9223372036854775807, 9223372036854775807, 1.5, 2.25, \
      '9999999999.99', 'Grüße, \"Welt\"', x'00ff10', '2024-02-29', '12:34:56.789012', \
      '2024-02-29T12:34:56.789012', '2024-02-29T12:34:56.789012Z', \
      '123e4567-e89b-12d3-a456-426614174000', '{\"a\": [1, null]}'), \
     (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, \
      NULL, NULL), \
     (3, 0, -32768, 0, -2147483648, 0, -9223372036854775808, 0, -1.5, -2.25, '-0.01', '', x'', \
      '1970-01-01', '00:00:00', '1969-12-31T23:59:59.999999', '1969-12-31T23:59:59.999999Z', \
      '00000000-0000-0000-0000-000000000000', 'null')",
];

const POSTGRES: [&str; 2] = [
    "CREATE TABLE kinds (id bigint, a_boolean boolean, a_smallint smallint, a_small_unsigned integer, \
     an_integer integer, an_unsigned bigint, a_bigint bigint, a_big_unsigned numeric(20,0), a_real real, \
     a_double double precision, a_decimal numeric(12,2), a_text text, a_binary bytea, a_date date, \
     a_time time, a_timestamp timestamp, an_instant timestamptz, a_uuid uuid, a_json json)",
    "INSERT INTO kinds VALUES \
     (1, true, 32767, 65535, 2147483647, 2147483647, 9223372036854775807, 9223372036854775807, 1.5, 2.25, \
      9999999999.99, 'Grüße, \"Welt\"', '\\x00ff10', '2024-02-29', '12:34:56.789012', \
      '2024-02-29T12:34:56.789012', '2024-02-29T12:34:56.789012Z', \
      '123e4567-e89b-12d3-a456-426614174000', '{\"a\": [1, null]}'), \
     (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, \
      NULL, NULL), \
     (3, false, -32768, 0, -2147483648, 0, -9223372036854775808, 0, -1.5, -2.25, -0.01, '', '', \
      '1970-01-01', '00:00:00', '1969-12-31T23:59:59.999999', '1969-12-31T23:59:59.999999Z', \
      '00000000-0000-0000-0000-000000000000', 'null')",
];

const MARIADB: [&str; 3] = [
    "SET time_zone = '+00:00'",
    "CREATE TABLE kinds (id bigint, a_boolean tinyint(1), a_smallint smallint, \
     a_small_unsigned smallint unsigned, an_integer int, an_unsigned int unsigned, a_bigint bigint, \
     a_big_unsigned bigint unsigned, a_real float, a_double double, a_decimal decimal(12,2), a_text text, \
     a_binary blob, a_date date, a_time time(6), a_timestamp datetime(6), an_instant datetime(6), \
     a_uuid uuid, a_json json) CHARACTER SET utf8mb4",
    "INSERT INTO kinds VALUES \
     (1, 1, 32767, 65535, 2147483647, 2147483647, 9223372036854775807, 9223372036854775807, 1.5, 2.25, \
      9999999999.99, 'Grüße, \"Welt\"', x'00ff10', '2024-02-29', '12:34:56.789012', \
      '2024-02-29 12:34:56.789012', '2024-02-29 12:34:56.789012', \
      '123e4567-e89b-12d3-a456-426614174000', '{\"a\": [1, null]}'), \
     (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, \
      NULL, NULL), \
     (3, 0, -32768, 0, -2147483648, 0, -9223372036854775808, 0, -1.5, -2.25, -0.01, '', x'', \
      '1970-01-01', '00:00:00', '1969-12-31 23:59:59.999999', '1969-12-31 23:59:59.999999', \
      '00000000-0000-0000-0000-000000000000', 'null')",
];
