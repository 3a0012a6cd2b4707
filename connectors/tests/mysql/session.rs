//! No default of a server changes an answer; statements arrive as they were written.

use std::sync::Arc;

use intarsia_catalog::{Address, Secret, Type};
use intarsia_connectors::{Connector, ErrorKind, Flavor, connect};

use crate::support::{BOTH, query, run, server, values};

/// The connector of a user who may only read, and for whom the server's `init_connect` holds.
async fn reader(flavor: Flavor) -> Arc<dyn Connector> {
    let server = server(flavor).await;
    let grant = "GRANT SELECT ON shop.* TO reader@'%'";
    let create = "CREATE USER IF NOT EXISTS reader@'%' IDENTIFIED BY 'reads'";
    run(&server.connector(), &[create, grant]).await;
    let mut node = server.node();
    node.password = Some(Secret::new("reads"));
    if let Address::Server { user, .. } = &mut node.address {
        *user = Some("reader".to_owned());
    }
    connect(&Arc::new(node))
}

/// The first column of `sql` as texts.
async fn texts(flavor: Flavor, sql: &str) -> Vec<String> {
    values(&reader(flavor).await, query(sql, &[("c", Type::Text)])).await.unwrap()
}

#[tokio::test]
async fn hostile_defaults_change_no_answer() {
    for flavor in BOTH {
        let connector = server(flavor).await.connector();
        let table = format!("hostile_{flavor:?}");
        run(
            &connector,
            &[
                &format!("DROP TABLE IF EXISTS {table}"),
                &format!("CREATE TABLE {table} (id INT AUTO_INCREMENT PRIMARY KEY, t TIMESTAMP NULL, c CHAR(4) CHARACTER SET utf8mb4)"),
                &format!("INSERT INTO {table} (t, c) VALUES ('2024-01-01 00:00:00', 'é'), (NULL, 'b'), (NULL, 'c')"),
            ],
        )
        .await;
        let all = format!("SELECT `c` FROM `shop`.`{table}` ORDER BY `id`");
        assert_eq!(texts(flavor, &all).await, ["é", "b", "c"]);
        let utc = format!("SELECT `c` FROM `shop`.`{table}` WHERE `t` = '2024-01-01 00:00:00'");
        assert_eq!(texts(flavor, &utc).await, ["é"]);
        let no_id = format!("SELECT `c` FROM `shop`.`{table}` WHERE `id` IS NULL");
        assert_eq!(texts(flavor, &no_id).await, [""; 0]);
        let joined =
            format!("SELECT GROUP_CONCAT(REPEAT(`c`, 10) ORDER BY `id`) FROM `shop`.`{table}`");
        assert_eq!(texts(flavor, &joined).await[0].chars().count(), 32);
        for (sql, answer) in [
            ("SELECT CONCAT('a' || 'b', \"c\")", "0c"),
            ("SELECT CAST(1 / 3 AS CHAR)", "0.3333"),
            ("SELECT CAST(NOT 1 BETWEEN -5 AND 5 AS CHAR)", "0"),
            ("SELECT DATE_FORMAT('2024-03-01', '%M')", "March"),
            ("SELECT CAST(WEEK('2024-01-03') AS CHAR)", "0"),
            ("SELECT '\\n'", "\\n"),
            ("SELECT CAST('a' = 'a ' AS CHAR)", "0"),
            ("SELECT CAST('a' = 'A' AS CHAR)", "0"),
        ] {
            assert_eq!(texts(flavor, sql).await, [answer], "{flavor:?}: {sql}");
        }
    }
}

#[tokio::test]
async fn long_texts_are_sorted_and_grouped_whole() {
    for flavor in BOTH {
        let connector = server(flavor).await.connector();
        run(
            &connector,
            &[
                "DROP TABLE IF EXISTS longs",
                "CREATE TABLE longs (id INT PRIMARY KEY, x LONGTEXT)",
                "INSERT INTO longs VALUES (1, CONCAT(REPEAT('z', 20000), 'b')), (2, CONCAT(REPEAT('z', 20000), 'a')),
                    (3, CONCAT(REPEAT('z', 20000), 'b'))",
            ],
        )
        .await;
        let sorted = "SELECT CAST(`id` AS CHAR) FROM `shop`.`longs` ORDER BY `x`, `id`";
        assert_eq!(texts(flavor, sorted).await, ["2", "1", "3"], "{flavor:?}");
        let grouped = "SELECT SQL_BIG_RESULT CAST(COUNT(*) AS CHAR) FROM `shop`.`longs` GROUP BY `x` ORDER BY 1";
        assert_eq!(texts(flavor, grouped).await, ["1", "2"], "{flavor:?}");
    }
}

#[tokio::test]
async fn the_text_of_a_statement_arrives_as_written() {
    for flavor in BOTH {
        for (sql, answers) in [
            (r"SELECT '\' UNION ALL SELECT 'x :y'", vec!["\\", "x :y"]),
            (r"SELECT CONCAT('a\', ':b', '''\', ':c?')", vec![r"a\:b'\:c?"]),
            (r"SELECT CONCAT(':a\''b\\\', '\é:c', ':d')", vec![r":a\'b\\\\é:c:d"]),
            (
                r"SELECT CAST(COLLATION('\') = COLLATION('x') AND 'a\' <> 'A\' AND ':b' <> ':B' AS CHAR)",
                vec!["1"],
            ),
            ("SELECT '?'", vec!["?"]),
            (
                r"SELECT CAST(7 -`a:b` AS CHAR) FROM (SELECT 2 AS `a:b`, '\' AS `c`) AS `t` WHERE `c` = '\'",
                vec!["5"],
            ),
            (
                r"SELECT `c` FROM (SELECT '\' AS `c` UNION ALL SELECT 'b') AS `t` WHERE `c` = '\'",
                vec!["\\"],
            ),
            ("SELECT CONCAT('-- :a', '/* :b', '# :c')", vec!["-- :a/* :b# :c"]),
        ] {
            assert_eq!(texts(flavor, sql).await, answers, "{flavor:?}: {sql}");
        }
    }
}

#[tokio::test]
async fn a_statement_of_any_length_the_server_takes_and_no_longer() {
    for flavor in BOTH {
        let connector = reader(flavor).await;
        let long = |length| {
            query(&format!("SELECT LENGTH('{}')", "x".repeat(length)), &[("c", Type::BigInt)])
        };
        assert_eq!(values(&connector, long(5_000_000)).await.unwrap(), ["5000000"]);
        let error = values(&connector, long(70_000_000)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Exhausted);
        assert!(error.message().contains("max_allowed_packet"), "{error}");
    }
}

#[tokio::test]
async fn queries_cannot_write() {
    for flavor in BOTH {
        let connector = server(flavor).await.connector();
        let (table, create) = ("DROP TABLE IF EXISTS ro", "CREATE TABLE ro (id INT)");
        run(&connector, &[table, create]).await;
        for sql in ["INSERT INTO shop.ro VALUES (1)", "SELECT * FROM shop.ro FOR UPDATE"] {
            let answer = values(&connector, query(sql, &[("id", Type::Integer)])).await;
            if sql.starts_with("INSERT") {
                assert_eq!(answer.unwrap_err().kind(), ErrorKind::Refused, "{flavor:?}");
            }
        }
        let count = query("SELECT COUNT(*) FROM shop.ro", &[("c", Type::BigInt)]);
        assert_eq!(values(&connector, count).await.unwrap(), ["0"]);
    }
}

#[tokio::test]
async fn the_servers_refusals_are_told_by_kind() {
    for flavor in BOTH {
        let connector = reader(flavor).await;
        for (sql, kind) in [
            ("SELECT 1 FROM shop.nothing", ErrorKind::Mismatch),
            ("SELECT nothing", ErrorKind::Mismatch),
            ("SELECT 1 FROM mysql.user", ErrorKind::Refused),
            ("SELEKT 1", ErrorKind::Refused),
            ("SELECT 18446744073709551615 + 1", ErrorKind::Refused),
        ] {
            let error = values(&connector, query(sql, &[("c", Type::BigInt)])).await.unwrap_err();
            assert_eq!(error.kind(), kind, "{flavor:?}: {error}");
        }
        let after = query("SELECT 1", &[("c", Type::BigInt)]);
        assert_eq!(values(&connector, after).await.unwrap(), ["1"]);
    }
}

#[tokio::test]
async fn md5_is_there_where_we_say_so() {
    for flavor in BOTH {
        let connector = reader(flavor).await;
        let md5 = values(&connector, query("SELECT MD5('a')", &[("c", Type::Text)])).await;
        let server = connector.server().await.unwrap();
        assert_eq!(md5.is_ok(), server.has_md5(), "{server}: {md5:?}");
    }
}
