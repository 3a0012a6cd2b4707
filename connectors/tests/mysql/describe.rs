//! Relations with their real types and collations.

use intarsia_catalog::Place;
use intarsia_connectors::{Charset, ErrorKind, Flavor, LocalType, Relation};

use crate::{
    server::with,
    support::{BOTH, run, server},
};

const TABLE: &str = "CREATE TABLE `odd.name``s` (
    `i` INT NOT NULL, `Big Id` BIGINT UNSIGNED NOT NULL, `flag` TINYINT(1) NOT NULL DEFAULT 0,
    `y` YEAR, `e` ENUM('a','it''s','back\\slash','x,y'), `s` SET('p','q'), `b` BIT(9), `d` DECIMAL(65,30),
    `f` FLOAT, `g` DOUBLE, `bn` BINARY(3), `bl` MEDIUMBLOB, `dt` DATETIME(3), `ts` TIMESTAMP(6) NULL, `tm` TIME,
    `da` DATE, `geo` POINT, `hidden` INT INVISIBLE,
    `ci` VARCHAR(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci,
    `bin` VARCHAR(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
    `l1` CHAR(10) CHARACTER SET latin1, `u3` TEXT CHARACTER SET utf8mb3,
    PRIMARY KEY (`Big Id`, `i`), UNIQUE KEY (`flag`)
)";

fn place(relation: &str) -> Place {
    Place { node: "us".to_owned(), schema: None, relation: relation.to_owned() }
}

fn local<'a>(relation: &'a Relation, name: &str) -> &'a LocalType {
    &relation.columns.iter().find(|column| column.name == name).unwrap().ty
}

#[tokio::test]
async fn every_type_is_known_exactly() {
    for flavor in BOTH {
        let connector = server(flavor).await.connector();
        run(&connector, &["DROP TABLE IF EXISTS `odd.name``s`", TABLE]).await;
        let relation = connector.describe(&place("odd.name`s")).await.unwrap();
        assert_eq!(relation.primary_key, ["Big Id", "i"]);
        assert_eq!(relation.place.schema.as_deref(), Some("shop"));
        assert_eq!(relation.columns.len(), 22);
        let integer = |bits, unsigned, boolean| LocalType::Integer { bits, unsigned, boolean };
        let labels = ["a", "it's", "back\\slash", "x,y"].map(str::to_owned).to_vec();
        for (name, ty) in [
            ("i", integer(32, false, false)),
            ("Big Id", integer(64, true, false)),
            ("flag", integer(8, false, true)),
            ("y", LocalType::Year),
            ("e", LocalType::Enum(labels)),
            ("s", LocalType::Set),
            ("b", LocalType::Bit(9)),
            ("d", LocalType::Decimal(Some((65, 30)))),
            ("f", LocalType::Real),
            ("g", LocalType::Double),
            ("bn", LocalType::Binary { fixed: Some(3) }),
            ("bl", LocalType::Binary { fixed: None }),
            ("dt", LocalType::DateTime(3)),
            ("ts", LocalType::TimestampTz(6)),
            ("tm", LocalType::Time(0)),
            ("da", LocalType::Date),
            ("geo", LocalType::Other),
            ("hidden", integer(32, false, false)),
        ] {
            assert_eq!(*local(&relation, name), ty, "{flavor:?} {name}");
        }
        let nullable = |name| relation.columns.iter().find(|c| c.name == name).unwrap().nullable;
        assert!(!nullable("i") && nullable("y"));
    }
}

#[tokio::test]
async fn collations_say_whether_bytes_are_compared() {
    for (flavor, exact) in
        [(Flavor::MySql, "utf8mb4_0900_bin"), (Flavor::MariaDb, "utf8mb4_nopad_bin")]
    {
        let connector = server(flavor).await.connector();
        let table = format!(
            "CREATE TABLE coll (e VARCHAR(9) CHARACTER SET utf8mb4 COLLATE {exact},
             b VARCHAR(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, l CHAR(9) CHARACTER SET latin1,
             u TEXT CHARACTER SET utf8mb3)"
        );
        run(&connector, &["DROP TABLE IF EXISTS coll", &table]).await;
        let relation = connector.describe(&place("coll")).await.unwrap();
        let rules = |name| match local(&relation, name) {
            LocalType::Text(rules) | LocalType::Char(rules) => rules,
            other => panic!("{other:?}"),
        };
        assert!(rules("e").exact_equality && rules("e").byte_order);
        assert!(!rules("b").exact_equality && !rules("b").byte_order);
        assert_eq!(rules("e").collation, exact);
        assert_eq!(rules("e").charset, Charset::Utf8);
        assert_eq!(rules("l").charset, Charset::Other);
        assert_eq!(rules("u").charset, Charset::Utf8Mb3);
        assert!(matches!(local(&relation, "l"), LocalType::Char(_)));
    }
}

#[tokio::test]
async fn json_and_uuid_are_types_of_one_flavor_each() {
    let json = ["DROP TABLE IF EXISTS js", "CREATE TABLE js (j JSON)"];
    let mysql = server(Flavor::MySql).await.connector();
    run(&mysql, &json).await;
    assert_eq!(*local(&mysql.describe(&place("js")).await.unwrap(), "j"), LocalType::Json);
    let mariadb = server(Flavor::MariaDb).await.connector();
    run(&mariadb, &json).await;
    let relation = mariadb.describe(&place("js")).await.unwrap();
    assert!(matches!(local(&relation, "j"), LocalType::Text(_)));
    run(&mariadb, &["DROP TABLE IF EXISTS uu", "CREATE TABLE uu (u UUID)"]).await;
    assert_eq!(*local(&mariadb.describe(&place("uu")).await.unwrap(), "u"), LocalType::Uuid);
}

#[tokio::test]
async fn what_is_not_there_is_told() {
    for flavor in BOTH {
        let server = server(flavor).await;
        let error = server.connector().describe(&place("nothing")).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Mismatch);
        let wanted = "there is no relation `shop.nothing`, or its user may not see it";
        assert_eq!(error.message(), wanted);
        let elsewhere = Place { schema: Some("nowhere".to_owned()), ..place("t") };
        assert_eq!(
            server.connector().describe(&elsewhere).await.unwrap_err().kind(),
            ErrorKind::Mismatch
        );
    }
}

#[tokio::test]
async fn relations_are_tables_and_views_of_every_schema_but_the_systems() {
    for flavor in BOTH {
        let connector = server(flavor).await.connector();
        run(
            &connector,
            &[
                "DROP DATABASE IF EXISTS other",
                "CREATE DATABASE other",
                "CREATE TABLE other.a (id INT PRIMARY KEY, v INT)",
                "CREATE VIEW other.b AS SELECT id, v FROM other.a",
            ],
        )
        .await;
        let found = connector.relations().await.unwrap();
        let of = |schema: &str| {
            found.iter().filter(|r| r.place.schema.as_deref() == Some(schema)).collect::<Vec<_>>()
        };
        let names: Vec<_> =
            of("other").iter().map(|r| (r.place.relation.clone(), r.primary_key.clone())).collect();
        assert_eq!(names, [("a".to_owned(), vec!["id".to_owned()]), ("b".to_owned(), vec![])]);
        for system in ["mysql", "information_schema", "performance_schema", "sys"] {
            assert!(of(system).is_empty(), "{system}");
        }
        run(&connector, &["DROP DATABASE other"]).await;
    }
}

#[tokio::test]
async fn a_wrong_parameter_is_told() {
    let node = with(server(Flavor::MySql).await.node(), "ssl-mode", "sometimes");
    let error =
        intarsia_connectors::connect(&std::sync::Arc::new(node)).server().await.unwrap_err();
    assert!(error.message().starts_with("ssl-mode `sometimes` is none of DISABLED"), "{error}");
}
