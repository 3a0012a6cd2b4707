//! X: execution and sessions. A node that dies, drifts or is slow, a server's defaults, limits and users' objects: an
//! answer is whole and the same, or an error that names the node.

use std::{
    fs::{self, OpenOptions},
    io::{Seek, SeekFrom, Write},
    os::unix::fs::{MetadataExt, PermissionsExt},
    process::{Child, Command},
    sync::Arc,
    time::{Duration, Instant},
};

use arrow::{array::AsArray, datatypes::Int64Type};
use futures::{StreamExt, TryStreamExt, future::join_all};
use intarsia_catalog::{Address, Type};
use intarsia_connectors::{Column, Query, Reads};
use intarsia_engine::{
    Engine, Error,
    ErrorKind::{Cancelled, Deadline, Exhausted, Invalid, Mismatch, Unavailable},
    Rows, Session,
};
use intarsia_integration::{
    cluster::Database,
    compare::{Answer, Cell},
    oracle::ask,
};
use tokio::time::timeout;

use super::support::{Places, Trap, World, mariadb, mysql, postgres, run, sqlite};

const NODES: [&str; 4] = ["pg", "maria", "my", "lite"];

/// Longer than any of these queries takes.
const DEADLINE: Duration = Duration::from_secs(60);
/// How long a statement lives on that nobody wants any more: a second, and what a busy machine adds.
const GONE: Duration = Duration::from_secs(3);

/// A relation without an end in sight, whose rows come as they are made.
fn endless(node: &str) -> Places {
    let digits = "CREATE TABLE d (n bigint)";
    let fill = "INSERT INTO d VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)";
    let statements: &[&str] = match node {
        "pg" => &[
            "CREATE VIEW t AS SELECT generate_series(1::bigint, 1000000000) AS id, repeat('x', 100) AS v",
        ],
        "maria" => {
            &["CREATE VIEW t AS SELECT seq AS id, repeat('x', 100) AS v FROM seq_1_to_1000000000"]
        }
        "my" => &[
            digits,
            fill,
            "CREATE VIEW t AS SELECT a.n + b.n * 10 AS id, repeat('x', 100) AS v \
             FROM d a, d b, d c, d e, d f, d g, d h, d i, d j",
        ],
        _ => &[
            "CREATE VIEW t AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS id, 'xxxxxxxxxx' AS v FROM n",
        ],
    };
    World::new(&format!(
        "  t:\n    columns: {{ id: bigint, v: text }}\n    layout: {{ stored: {node}.t }}"
    ))
    .local(node, statements)
    .open()
}

/// Statements that make `t` of so many rows: `id` from 1 and a text.
fn many(node: &str, rows: usize) -> Vec<String> {
    let columns = if node == "lite" { "id INTEGER, v TEXT" } else { "id bigint, v varchar(40)" };
    let create = format!("CREATE TABLE t ({columns})");
    let select = match node {
        "pg" => format!("SELECT i, 'value ' || (i % 100) FROM generate_series(1, {rows}) i"),
        "maria" => format!("SELECT seq, concat('value ', seq % 100) FROM seq_1_to_{rows}"),
        "my" => format!(
            "SELECT i, concat('value ', i % 100) FROM (SELECT 1 + a.n + b.n * 10 + c.n * 100 + d.n * 1000 + e.n * 10000 AS i \
             FROM d a, d b, d c, d d, d e) x WHERE i <= {rows}"
        ),
        _ => format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) SELECT i, 'value ' || (i % 100) FROM n"
        ),
    };
    let mut statements = vec![create, format!("INSERT INTO t {select}")];
    if node == "my" {
        let digits = [
            "CREATE TABLE d (n bigint)",
            "INSERT INTO d VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)",
        ];
        statements.splice(0..0, digits.map(str::to_owned));
    }
    statements
}

/// The rows of a query, as they come.
async fn stream(session: &Session, sql: &str) -> Rows {
    session.sql(sql).await.unwrap().stream().unwrap()
}

/// Reads on until the stream ends with an error.
async fn error(mut rows: Rows) -> Error {
    let read = async {
        loop {
            match rows.next().await {
                Some(Ok(_)) => {}
                Some(Err(error)) => return error,
                None => panic!("the answer ends as if it were whole"),
            }
        }
    };
    timeout(DEADLINE, read).await.expect("the answer does not end")
}

/// What a database answers itself.
async fn numbers(database: &Database, sql: &str) -> Vec<i64> {
    let column = Column {
        name: "n".to_owned(),
        ty: Type::BigInt,
        nullable: false,
        local: "n".to_owned(),
        encoding: None,
    };
    let query =
        Query { sql: sql.to_owned(), columns: vec![column], relation: "sessions".to_owned() };
    let reading = database.connector().reading(Reads { streams: 1, repeats: false });
    let batches: Vec<_> = reading.open(query).await.unwrap().try_collect().await.unwrap();
    batches.iter().flat_map(|b| b.column(0).as_primitive::<Int64Type>().values().to_vec()).collect()
}

/// The sessions of a server that run a statement in this database, the asking one left out.
async fn running(node: &str, database: &Database) -> Vec<i64> {
    let sql = match node {
        "pg" => {
            "SELECT pid::bigint AS n FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' \
             AND pid <> pg_backend_pid()"
        }
        "lite" => return Vec::new(),
        _ => {
            "SELECT CAST(id AS SIGNED) AS n FROM information_schema.processlist \
             WHERE db = DATABASE() AND command IN ('Query', 'Execute') AND id <> CONNECTION_ID()"
        }
    };
    numbers(database, sql).await
}

/// Soon nothing runs there any more, and the engine's tasks have ended.
async fn gone(node: &str, database: &Database, engine: &Engine) {
    let start = Instant::now();
    for connector in engine.connectors() {
        timeout(GONE, connector.settle()).await.expect("a task of the connector goes on");
    }
    while !running(node, database).await.is_empty() {
        assert!(start.elapsed() < GONE, "{node}: the statement still runs");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[test]
fn x1_a_node_that_is_killed_mid_stream_is_an_error() {
    for node in ["pg", "maria", "my"] {
        for place in endless(node).iter() {
            let database = place.databases()[node].database();
            run(async {
                let session = place.engine().session();
                let mut rows = stream(&session, "SELECT id, v FROM t").await;
                rows.next().await.unwrap().unwrap();
                let sessions = running(node, database).await;
                assert!(!sessions.is_empty(), "{node}: nothing runs");
                for id in sessions {
                    let kill = if node == "pg" {
                        format!("SELECT pg_terminate_backend({id})")
                    } else {
                        format!("KILL {id}")
                    };
                    database.run(&[kill]).await.unwrap();
                }
                let error = error(rows).await;
                assert_eq!(error.kind(), Unavailable, "{error}");
                assert!(error.to_string().starts_with(&format!("node `{node}`: ")), "{error}");
                let again = ask(&session, "SELECT v FROM t LIMIT 1").await.unwrap();
                assert_eq!(again.rows.len(), 1);
            });
        }
    }
}

#[test]
fn x1_a_file_that_goes_bad_mid_stream_is_an_error() {
    let table = "  t:\n    columns: { id: bigint, v: text }\n    layout: { stored: lite.t }";
    let fill = many("lite", 300_000);
    let fill: Vec<&str> = fill.iter().map(String::as_str).collect();
    let places = World::new(table).local("lite", &fill).open();
    for place in places.iter() {
        let url = place.databases()["lite"].database().url().to_owned();
        run(async {
            let session = place.engine().session();
            let mut rows = stream(&session, "SELECT id, v FROM t").await;
            rows.next().await.unwrap().unwrap();
            let mut file =
                OpenOptions::new().write(true).open(url.trim_start_matches("sqlite:")).unwrap();
            let length = file.metadata().unwrap().len();
            file.seek(SeekFrom::Start(length / 2)).unwrap();
            file.write_all(&vec![0xA5; usize::try_from(length / 2).unwrap()]).unwrap();
            let error = error(rows).await;
            assert_eq!(error.kind(), Unavailable, "{error}");
            assert!(error.to_string().starts_with("node `lite`: "), "{error}");
        });
    }
}

#[test]
fn x2_a_value_that_does_not_fit_in_row_three_is_no_answer_of_two_rows() {
    let good = "(1, 1), (2, 2), (4, 4), (5, 5)";
    Trap {
        columns: "id bigint not null, n decimal(10,2)",
        rows: good,
        kept: &[
            postgres("id bigint, n numeric").rows("(1, 1), (2, 2), (3, 'NaN'), (4, 4), (5, 5)"),
            mariadb("id bigint, n decimal(20,6)")
                .rows("(1, 1), (2, 2), (3, 0.001), (4, 4), (5, 5)"),
            mysql("id bigint, n bigint").rows("(1, 1), (2, 2), (3, 123456789), (4, 4), (5, 5)"),
            sqlite("id INTEGER, n").rows("(1, 1), (2, 2), (3, 'abc'), (4, 4), (5, 5)"),
        ],
    }
    .open()
    .fail(
        &[
            "SELECT * FROM t",
            "SELECT n FROM t ORDER BY id",
            "SELECT sum(n) FROM t",
            "SELECT n, count(*) FROM t GROUP BY n",
            "SELECT a.n FROM t a JOIN t b ON a.n = b.n",
        ],
        Mismatch,
        &["column `n`", "decimal(10,2)"],
    )
    .agree(&["SELECT id FROM t WHERE id <> 3"])
    .agree_or_fail(&["SELECT n FROM t WHERE id < 3"], Mismatch, &["column `n`"]);
}

#[test]
fn x2_an_error_of_the_server_after_many_rows_is_told_in_its_words() {
    let table = "  t:\n    columns: { id: bigint, v: text }\n    layout: { stored: pg.v }";
    let mut fill = many("pg", 50_000);
    fill.push("CREATE VIEW v AS SELECT 1 / (id - 40000) AS id, v FROM t".to_owned());
    let fill: Vec<&str> = fill.iter().map(String::as_str).collect();
    for place in World::new(table).local("pg", &fill).open().iter() {
        run(async {
            let rows = stream(&place.engine().session(), "SELECT id, v FROM t").await;
            let error = error(rows).await;
            assert_eq!(error.kind(), Invalid, "{error}");
            let text = error.to_string();
            assert!(text.starts_with("node `pg`: ") && text.contains("division by zero"), "{text}");
        });
    }
}

#[test]
fn x3_what_nobody_waits_for_any_more_is_stopped_on_the_node() {
    for node in NODES {
        for place in endless(node).iter() {
            let database = place.databases()[node].database();
            let engine = place.engine();
            let session = engine.session();
            run(async {
                // A LIMIT over what only we can filter.
                let limited = "SELECT id FROM t WHERE upper(v) <> 'y' LIMIT 5";
                let answer = timeout(DEADLINE, ask(&session, limited)).await.unwrap().unwrap();
                assert_eq!(answer.rows.len(), 5);
                gone(node, database, engine).await;
                // A reader that goes away.
                let mut rows = stream(&session, "SELECT id FROM t").await;
                rows.next().await.unwrap().unwrap();
                drop(rows);
                gone(node, database, engine).await;
                // One that never comes to a row.
                let rows =
                    stream(&session, "SELECT count(*) FROM t a JOIN t b ON upper(a.v) = b.v").await;
                drop(timeout(Duration::from_millis(300), rows.into_future()).await);
                gone(node, database, engine).await;
                // A cancelled query.
                let query = session.sql("SELECT max(id) FROM t").await.unwrap();
                let canceller = query.canceller();
                let rows = query.stream().unwrap();
                let (error, ()) = tokio::join!(error(rows), async {
                    tokio::time::sleep(Duration::from_millis(200)).await;
                    canceller.cancel();
                });
                assert_eq!(error.kind(), Cancelled, "{error}");
                gone(node, database, engine).await;
            });
            run(async {
                // One whose time is up.
                session.sql("SET intarsia.statement_timeout = '300ms'").await.unwrap();
                let rows = stream(&session, "SELECT sum(id % 7) FROM t").await;
                let error = error(rows).await;
                assert_eq!(error.kind(), Deadline, "{error}");
                gone(node, database, engine).await;
                session.sql("RESET intarsia.statement_timeout").await.unwrap();
                let one = ask(&session, "SELECT v FROM t LIMIT 1").await.unwrap();
                assert_eq!(one.rows.len(), 1);
            });
        }
    }
}

/// An engine over the same nodes with so few connections to each.
fn with_connections(engine: &Engine, connections: usize) -> Engine {
    let mut catalog = intarsia_catalog::Catalog::clone(engine.catalog());
    catalog.nodes.values_mut().for_each(|node| Arc::make_mut(node).connections = connections);
    Engine::open(catalog).unwrap()
}

#[test]
fn x4_one_connection_is_enough_for_any_query() {
    const ROWS: usize = 20_000;
    for node in NODES {
        let parts: String = (0..10)
            .map(|part| format!("        - {{ name: p{part}, where: id % 10 = {part}, stored: {node}.p{part} }}\n"))
            .collect();
        let tables = format!(
            "  t:\n    columns: {{ id: bigint, v: text }}\n    layout: {{ stored: {node}.t }}\n  \
             parts:\n    columns: {{ id: integer unsigned not null, v: text }}\n    layout:\n      horizontal:\n{parts}"
        );
        let mut fill = many(node, ROWS);
        fill.extend((0..10).map(|part| {
            format!("CREATE VIEW p{part} AS SELECT id, v FROM t WHERE id % 10 = {part}")
        }));
        let fill: Vec<&str> = fill.iter().map(String::as_str).collect();
        let queries: [(&str, &str); 6] = [
            ("SELECT count(*), sum(id) FROM parts", "20000|200010000"),
            ("SELECT id FROM parts ORDER BY v DESC, id DESC LIMIT 2", "19999|19899"),
            (
                "SELECT count(*) FROM (SELECT id, row_number() OVER (ORDER BY v, id) AS n FROM parts) WHERE n % 2 = 0",
                "10000",
            ),
            ("SELECT count(*) FROM t a JOIN t b ON a.id = b.id", "20000"),
            ("SELECT count(*) FROM parts a JOIN parts b ON a.id = b.id", "20000"),
            (
                "SELECT count(*) FROM parts a JOIN t b ON a.id = b.id JOIN t c ON c.id = b.id WHERE a.v = 'value 7'",
                "200",
            ),
        ];
        for place in World::new(&tables).local(node, &fill).open().iter() {
            for connections in [1, 2] {
                let engine = with_connections(place.engine(), connections);
                run(async {
                    let session = engine.session();
                    for (sql, expected) in queries {
                        let answer = timeout(DEADLINE, ask(&session, sql)).await;
                        let answer =
                            answer.unwrap_or_else(|_| panic!("{node}, {connections}: {sql} hangs"));
                        assert_eq!(joined(&answer.unwrap().rows), expected, "{node}: {sql}");
                    }
                    // And at the same time.
                    let all = queries.map(|(sql, expected)| {
                        let session = engine.session();
                        async move {
                            (ask(&session, sql).await.map(|answer| joined(&answer.rows)), expected)
                        }
                    });
                    let answers = timeout(DEADLINE, join_all(all)).await;
                    for (answer, expected) in
                        answers.unwrap_or_else(|_| panic!("{node}: all at once hang"))
                    {
                        assert_eq!(answer.unwrap(), expected, "{node}");
                    }
                });
            }
        }
    }
}

/// The cells of all rows.
fn joined(rows: &[Vec<Cell>]) -> String {
    let cell = |cell: &Cell| match cell {
        Cell::Text(text) => text.clone(),
        other => other.to_string(),
    };
    rows.iter().flatten().map(cell).collect::<Vec<_>>().join("|")
}

#[test]
fn x5_a_reader_that_pauses_breaks_no_stream() {
    for node in NODES {
        let places = endless(node);
        if matches!(node, "maria" | "my") {
            places.run(node, &["SET GLOBAL net_write_timeout = 1"]);
        }
        for place in places.iter() {
            run(async {
                let session = place.engine().session();
                let mut rows = stream(&session, "SELECT id, v FROM t LIMIT 300000").await;
                let first = rows.next().await.unwrap().unwrap().num_rows();
                tokio::time::sleep(Duration::from_millis(2500)).await;
                let rest = rows.try_fold(0, async |sum, batch| Ok(sum + batch.num_rows()));
                let rest = timeout(DEADLINE, rest).await.unwrap().unwrap();
                assert_eq!(first + rest, 300_000, "{node}");
            });
        }
    }
}

#[test]
fn x7_defaults_of_a_server_change_no_answer() {
    let rows = r#"(1, 'a\b', 0.1, '2024-01-02', '2024-01-02 03:04:05.678901', 1.50),
        (2, 'a''b"c', 1e300, '1969-12-31', '1969-12-31 23:59:59', -0.01), (3, '%_\', 3, NULL, NULL, NULL),
        (4, 'é漢🦀', 0.30000000000000004, '2024-02-01', '2024-02-01 00:00:00', 99999999.99), (5, '', NULL, NULL, NULL, 0)"#;
    let kept = "id bigint, v varchar(40) CHARACTER SET utf8mb4, f double, d date, at datetime(6), n decimal(10,2)";
    Trap {
        columns: "id bigint not null, v text, f double, d date, at timestamp, n decimal(10,2)",
        rows,
        kept: &[
            postgres(
                "id bigint, v text, f double precision, d date, at timestamp, n numeric(10,2)",
            ),
            mariadb(kept),
            mysql(kept),
            sqlite("id INTEGER, v TEXT, f REAL, d TEXT, at TEXT, n TEXT"),
        ],
    }
    .open()
    .agree(&[
        "SELECT * FROM t",
        r"SELECT id FROM t WHERE v = 'a\b'",
        r"SELECT id FROM t WHERE v IN ('%_\', 'a''b\u0022c')",
        r#"SELECT id FROM t WHERE v = 'a''b"c'"#,
        r"SELECT id FROM t WHERE v LIKE '%\\' OR v LIKE 'é_🦀'",
        "SELECT id FROM t WHERE v = '' OR v = 'é漢🦀'",
        "SELECT id FROM t WHERE f = 0.30000000000000004e0 OR f >= 1e300",
        "SELECT id FROM t WHERE d = DATE '2024-02-01' OR d < DATE '1970-01-01'",
        "SELECT id FROM t WHERE at > TIMESTAMP '2024-01-02 03:04:05.678'",
        "SELECT id FROM t WHERE NOT v = 'a' AND id BETWEEN 2 AND 4",
        "SELECT id FROM t WHERE d = NULL",
        "SELECT id FROM t WHERE d IS NULL",
        "SELECT string_agg(v, ';' ORDER BY id), sum(n), avg(n), max(f) FROM t",
        "SELECT n / 3, n * n, f / 3 FROM t",
        "SELECT id, v FROM t ORDER BY v DESC, id LIMIT 3",
    ]);
}

#[test]
fn x8_objects_of_a_user_stand_before_no_operator_function_or_type() {
    let hostile = [
        "CREATE SCHEMA evil",
        "CREATE FUNCTION evil.never(text, text) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT false'",
        "CREATE FUNCTION evil.always(int8, int8) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT true'",
        "CREATE FUNCTION evil.never(int8, int4) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT false'",
        "CREATE FUNCTION evil.never(date, date) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT false'",
        "CREATE OPERATOR evil.= (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.never)",
        "CREATE OPERATOR evil.< (LEFTARG = int8, RIGHTARG = int8, FUNCTION = evil.always)",
        "CREATE OPERATOR evil.= (LEFTARG = int8, RIGHTARG = int4, FUNCTION = evil.never)",
        "CREATE OPERATOR evil.>= (LEFTARG = date, RIGHTARG = date, FUNCTION = evil.never)",
        "CREATE FUNCTION evil.md5(text) RETURNS text LANGUAGE sql AS $$ SELECT 'x' $$",
        "CREATE DOMAIN evil.text AS varchar(1)",
        "CREATE DOMAIN evil.date AS varchar(1)",
        "CREATE TABLE evil.t (id bigint, v varchar(5), d varchar(5))",
        "CREATE SCHEMA app",
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = evil, app, public, pg_catalog', current_database()); END $$",
    ];
    let places = World::new(
        "  t:\n    columns: { id: bigint not null, v: text, d: date }\n    layout:\n      horizontal:\n        \
         - { name: a, where: hash(v) % 2 = 0, stored: pg.t }\n        - { name: b, where: hash(v) % 2 = 1 OR v IS NULL, stored: pg.u }",
    )
    .local(
        "pg",
        &[
            &hostile[..],
            // MD5 of `a` begins with 0cc175b9, of `b` with 92eb5ffe.
            &[
                "CREATE TABLE public.t (id bigint, v pg_catalog.text, d pg_catalog.date)",
                "INSERT INTO public.t VALUES (2, 'b', '2024-01-01')",
                "CREATE TABLE public.u (id bigint, v pg_catalog.text, d pg_catalog.date)",
                "INSERT INTO public.u VALUES (1, 'a', '2023-01-01'), (3, NULL, NULL)",
            ],
        ]
        .concat(),
    )
    .rows("t", "(1, 'a', '2023-01-01'), (2, 'b', '2024-01-01'), (3, NULL, NULL)")
    .open();
    places.agree(&[
        "SELECT * FROM t",
        "SELECT id FROM t WHERE v = 'b'",
        "SELECT id FROM t WHERE id < 2",
        "SELECT id FROM t WHERE id = 2",
        "SELECT id FROM t WHERE d >= DATE '2024-01-01'",
        "SELECT id FROM t WHERE v IN ('a', 'b') ORDER BY v DESC LIMIT 1",
    ]);
    places.send("SELECT id FROM t WHERE v = 'b'", &["WHERE"]);
    for place in places.iter() {
        let report = run(place.engine().check_data()).unwrap();
        assert!(report.findings.is_empty(), "{:?}", report.findings);
    }
    places.run(
        "pg",
        &["DO $$ BEGIN EXECUTE format('ALTER DATABASE %I RESET search_path', current_database()); END $$"],
    );
}

/// PgBouncer in front of a server, which gives every transaction whichever session is free.
struct Pooler {
    port: u16,
    process: Child,
    _folder: tempfile::TempDir,
}

impl Pooler {
    async fn to(server: u16) -> Pooler {
        let folder = tempfile::tempdir().unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let config = folder.path().join("pgbouncer.ini");
        let text = format!(
            "[databases]\n* = host=127.0.0.1 port={server} user=app\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
             listen_port = {port}\nunix_socket_dir =\nauth_type = any\npool_mode = transaction\ndefault_pool_size = 2\n"
        );
        fs::write(&config, text).unwrap();
        fs::set_permissions(&config, fs::Permissions::from_mode(0o644)).unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        // It refuses to be root, and only root may be somebody else.
        let root = fs::metadata("/proc/self").unwrap().uid() == 0;
        let process = Command::new("pgbouncer")
            .args(if root { &["-u", "postgres"][..] } else { &[] })
            .arg(&config)
            .spawn()
            .expect("no pgbouncer: run .ci/servers");
        let pooler = Pooler { port, process, _folder: folder };
        let up = async {
            while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(DEADLINE, up).await.expect("pgbouncer does not listen");
        pooler
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn x9_a_pooler_that_changes_sessions_between_transactions_changes_no_answer() {
    let places = Trap {
        columns: "id bigint not null, v text, at timestamptz",
        rows: "(1, 'a', '2024-01-01 02:00:00'), (2, 'A', '2023-12-31 23:00:00'), (3, NULL, NULL)",
        kept: &[postgres("id bigint, v text, at timestamptz")],
    }
    .open();
    let queries = [
        ("SELECT id FROM t WHERE v < 'a'", "2"),
        ("SELECT id FROM t WHERE at < TIMESTAMP '2024-01-01 00:00:00'", "2"),
        ("SELECT count(*) FROM t a JOIN t b ON a.id = b.id", "3"),
        ("SELECT date_trunc('day', at) FROM t WHERE id = 1", "2024-01-01T00:00:00Z"),
    ];
    for place in places.iter() {
        run(async {
            let mut catalog = intarsia_catalog::Catalog::clone(place.engine().catalog());
            let node = catalog.nodes.values_mut().next().unwrap();
            let Address::Server { port, .. } = &mut Arc::make_mut(node).address else {
                unreachable!()
            };
            let pooler = Pooler::to(*port).await;
            *port = pooler.port;
            let engine = Engine::open(catalog).unwrap();
            for _ in 0..5 {
                let all = queries.iter().cycle().take(16).map(|(sql, expected)| {
                    let session = engine.session();
                    async move { (ask(&session, sql).await, sql, expected) }
                });
                for (answer, sql, expected) in timeout(DEADLINE, join_all(all)).await.unwrap() {
                    let answer = answer.unwrap_or_else(|error| panic!("{sql}: {error}"));
                    assert_eq!(joined(&answer.rows), *expected, "{sql}");
                }
            }
        });
    }
}

/// The first column's numbers, in order.
fn ids(answer: &Answer) -> Vec<i64> {
    let number = |row: &Vec<Cell>| match &row[0] {
        Cell::Text(text) => text.parse().unwrap(),
        other => panic!("{other} is no number"),
    };
    let mut ids: Vec<i64> = answer.rows.iter().map(number).collect();
    ids.sort_unstable();
    ids
}

#[test]
fn x10_long_lists_and_deep_conditions_are_answered_on_every_node() {
    let places = Trap {
        columns: "id bigint not null, v text",
        rows: "(1, 'value 1'), (2, 'value 19999'), (3, 'x'), (4, NULL), (30000, 'value 7')",
        kept: &[
            postgres("id bigint, v text"),
            mariadb("id bigint, v varchar(20)"),
            mysql("id bigint, v varchar(20)"),
            sqlite("id INTEGER, v TEXT COLLATE NOCASE"),
        ],
    }
    .open();
    let joined = |separator: &str, count: usize, item: &dyn Fn(usize) -> String| {
        (0..count).map(item).collect::<Vec<_>>().join(separator)
    };
    let numbers = joined(", ", 20_000, &|n| (n * 2).to_string());
    let texts = joined(", ", 20_000, &|n| format!("'value {n}'"));
    let any = joined(" OR ", 700, &|n| format!("(id = {n} AND v <> 'x{n}')"));
    let all = joined(" AND ", 700, &|n| format!("(id <> {} OR v = 'x{n}')", n + 2));
    let cases: [(String, &[i64]); 6] = [
        (format!("id IN ({numbers})"), &[2, 4, 30_000]),
        (format!("id NOT IN ({numbers})"), &[1, 3]),
        (format!("v IN ({texts})"), &[1, 2, 30_000]),
        (format!("v NOT IN ({texts})"), &[3]),
        (any, &[1, 2, 3]),
        (all, &[1, 30_000]),
    ];
    // Of each database the usual one: it is the length that matters here.
    for place in places.iter().step_by(2) {
        let session = place.engine().session();
        for (condition, expected) in &cases {
            let sql = format!("SELECT id FROM t WHERE {condition}");
            let answer = run(async { timeout(DEADLINE, ask(&session, &sql)).await });
            let answer = answer.unwrap_or_else(|_| panic!("no end of {}", &sql[..60])).unwrap();
            assert_eq!(ids(&answer), *expected, "{}", &sql[..60]);
        }
    }
}

#[test]
fn x11_what_a_database_cannot_say_is_done_here() {
    Trap {
        columns: "id bigint not null, v text, n integer",
        rows: "(1, 'a', 1), (2, 'A', 2), (3, NULL, 3), (4, 'b', NULL)",
        kept: &[
            postgres("id bigint, v text, n int"),
            mariadb("id bigint, v varchar(9), n int"),
            mysql("id bigint, v varchar(9), n int"),
            sqlite("id INTEGER, v TEXT, n INTEGER"),
        ],
    }
    .open()
    .agree(&[
        "SELECT a.id, b.id FROM t a FULL JOIN t b ON a.id = b.n + 1",
        "SELECT a.id, b.id FROM t a RIGHT JOIN t b ON a.n = b.id AND a.v = 'a'",
        "SELECT v FROM t INTERSECT SELECT v FROM t WHERE n < 3",
        "SELECT v FROM t EXCEPT SELECT v FROM t WHERE n = 1",
        "SELECT id FROM t WHERE id IN (SELECT id FROM t ORDER BY id DESC LIMIT 2)",
        "SELECT id FROM t WHERE v ILIKE 'A'",
        "SELECT stddev(n), var_pop(n), bool_and(n > 0), median(n) FROM t",
        "SELECT id FROM t WHERE v SIMILAR TO 'a|b'",
        "SELECT sum(n) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM t",
        "SELECT v, count(*) FROM t GROUP BY ROLLUP (v)",
        "SELECT DISTINCT ON (n > 1) id FROM t ORDER BY n > 1, id",
        "SELECT id FROM t ORDER BY v NULLS FIRST, id OFFSET 1 LIMIT 2",
    ]);
}

#[test]
fn x12_a_relation_that_changes_is_an_error_that_names_the_column_or_the_right_answer() {
    let columns = "id bigint not null, v bigint";
    let rows = "(1, 10), (2, 20), (3, NULL)";
    for node in NODES {
        let kept = match node {
            "pg" => postgres("id bigint, v int"),
            "maria" => mariadb("id bigint, v int"),
            "my" => mysql("id bigint, v int"),
            _ => sqlite("id INTEGER, v INTEGER"),
        };
        let places = Trap { columns, rows, kept: &[kept] }.open();
        let refill = "INSERT INTO t VALUES (1, 10), (2, 20), (3, NULL)";
        let all = [
            "SELECT * FROM t",
            "SELECT id FROM t WHERE v > 10",
            "SELECT v FROM t ORDER BY v LIMIT 1",
        ];
        places.agree(&all);
        // Wider.
        places
            .run(node, &["DROP TABLE t", "CREATE TABLE t (id bigint, v bigint)", refill])
            .agree(&all);
        // Other columns, and in another order.
        places
            .run(
                node,
                &[
                    "DROP TABLE t",
                    "CREATE TABLE t (v bigint, w bigint, id bigint)",
                    "INSERT INTO t VALUES (10, 0, 1), (20, 0, 2), (NULL, 0, 3)",
                ],
            )
            .agree(&all);
        // Another type: told by the column's name each time, whether it was known before or not.
        let named = [format!("node `{node}`"), "`v`".to_owned()];
        let named: Vec<&str> = named.iter().map(String::as_str).collect();
        places
            .run(
                node,
                &[
                    "DROP TABLE t",
                    "CREATE TABLE t (id bigint, v varchar(9))",
                    "INSERT INTO t VALUES (1, 'ten')",
                ],
            )
            .fail(&all[..1], Mismatch, &named)
            .fail(&all[..1], Mismatch, &named);
        // No such column; no such relation.
        places
            .run(node, &["DROP TABLE t", "CREATE TABLE t (id bigint, w bigint)"])
            .fail(&all, Mismatch, &[named[0], "v"])
            .run(node, &["DROP TABLE t"])
            .fail(&all, Mismatch, &[named[0], "t"]);
        // And back again.
        places.run(node, &["CREATE TABLE t (id bigint, v bigint)", refill]).agree(&all);
    }
}

#[test]
fn x13_a_query_above_its_memory_spills_or_says_so_and_others_go_on() {
    let tables = "  t:\n    columns: { id: bigint, v: text }\n    layout: { stored: lite.t }";
    let fill = many("lite", 300_000);
    let fill: Vec<&str> = fill.iter().map(String::as_str).collect();
    for place in World::new(tables).local("lite", &fill).open().iter() {
        let (small, other) = (place.engine().session(), place.engine().session());
        run(async {
            small.sql("SET intarsia.query_memory = '2MB'").await.unwrap();
            let queries = [
                ("SELECT id, v FROM t ORDER BY v DESC, id", 300_000),
                ("SELECT id, count(*) FROM t GROUP BY id", 300_000),
                ("SELECT a.id FROM t a JOIN t b ON a.id = b.id", 300_000),
                ("SELECT count(DISTINCT id) FROM t", 1),
                ("SELECT id, row_number() OVER (PARTITION BY v ORDER BY id) FROM t", 300_000),
            ];
            for (sql, rows) in queries {
                let greedy = timeout(DEADLINE, ask(&small, sql));
                let modest =
                    timeout(DEADLINE, ask(&other, "SELECT count(*), max(v) FROM t WHERE id > 7"));
                let (greedy, modest) = tokio::join!(greedy, modest);
                assert_eq!(joined(&modest.unwrap().unwrap().rows), "299993|value 99");
                match greedy.unwrap_or_else(|_| panic!("{sql} hangs")) {
                    Ok(answer) => assert_eq!(answer.rows.len(), rows, "{sql}"),
                    Err(error) => {
                        let kind = error.downcast_ref::<Error>().map(Error::kind);
                        assert_eq!(kind, Some(Exhausted), "{sql}: {error}");
                        assert!(error.to_string().contains("memory"), "{sql}: {error}");
                    }
                }
            }
            let after = ask(&small, "SELECT count(*) FROM t").await.unwrap();
            assert_eq!(joined(&after.rows), "300000");
        });
    }
}
