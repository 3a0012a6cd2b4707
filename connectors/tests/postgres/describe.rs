//! Relations as the node describes them.

use intarsia_catalog::Place;
use intarsia_connectors::{Charset, ErrorKind, Flavor, LocalColumn, LocalType, TextRules};

use crate::support::Database;

async fn column(database: &Database, ty: &str) -> LocalColumn {
    database.run(&["DROP TABLE IF EXISTS one", &format!("CREATE TABLE one (c {ty})")]).await;
    database.connector.describe(&database.place("one")).await.unwrap().columns.remove(0)
}

fn text(collation: &str, exact_equality: bool, byte_order: bool) -> LocalType {
    let collation = collation.to_owned();
    LocalType::Text(TextRules { charset: Charset::Utf8, collation, exact_equality, byte_order })
}

#[tokio::test]
async fn every_type_is_told_with_what_it_can_hold() {
    let database = Database::new(&[
        "CREATE EXTENSION citext",
        "CREATE TYPE mood AS ENUM ('sad', 'glad', 'Angry')",
        "CREATE DOMAIN money2 AS numeric(12,2)",
        "CREATE DOMAIN price AS money2 CHECK (VALUE > 0)",
        "CREATE COLLATION blind (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
    ])
    .await;
    let integer = |bits| LocalType::Integer { bits, unsigned: false, boolean: false };
    let moods = ["sad", "glad", "Angry"].map(str::to_owned).to_vec();
    let cases = [
        ("boolean", LocalType::Boolean),
        ("smallint", integer(16)),
        ("serial", integer(32)),
        ("bigint", integer(64)),
        ("real", LocalType::Real),
        ("double precision", LocalType::Double),
        ("numeric", LocalType::Decimal(None)),
        ("numeric(12,2)", LocalType::Decimal(Some((12, 2)))),
        ("numeric(5,-2)", LocalType::Decimal(Some((5, -2)))),
        ("price", LocalType::Decimal(Some((12, 2)))),
        ("text", text("default", true, false)),
        ("varchar(7) COLLATE \"C\"", text("C", true, true)),
        ("text COLLATE \"POSIX\"", text("POSIX", true, true)),
        ("text COLLATE \"en-US-x-icu\"", text("en-US-x-icu", true, false)),
        ("text COLLATE blind", text("blind", false, false)),
        ("name", text("C", true, true)),
        ("citext", LocalType::CiText),
        ("mood", LocalType::Enum(moods)),
        ("uuid", LocalType::Uuid),
        ("json", LocalType::Json),
        ("jsonb", LocalType::Json),
        ("bytea", LocalType::Binary { fixed: None }),
        ("bit(3)", LocalType::Bit(3)),
        ("date", LocalType::Date),
        ("time(3)", LocalType::Time(3)),
        ("timestamp", LocalType::Timestamp(6)),
        ("timestamptz(0)", LocalType::TimestampTz(0)),
        ("interval", LocalType::Other),
        ("integer[]", LocalType::Other),
        ("money", LocalType::Other),
        ("timetz", LocalType::Other),
    ];
    for (declared, expected) in cases {
        assert_eq!(column(&database, declared).await.ty, expected, "{declared}");
    }
    let LocalType::Char(rules) = column(&database, "char(5)").await.ty else { panic!("no char") };
    assert!(rules.exact_equality && !rules.byte_order);
    assert_eq!(column(&database, "price").await.declared, "public.price");
    assert_eq!(column(&database, "varchar(7)").await.declared, "character varying(7)");
}

#[tokio::test]
async fn keys_and_nulls_are_told_as_far_as_they_hold() {
    let database = Database::new(&[
        "CREATE DOMAIN present AS text NOT NULL",
        "CREATE TABLE \"Odd \"\"name\" (b int, \"a B\" int, c present, d text NOT NULL, gone int, PRIMARY KEY (\"a B\", b))",
        "ALTER TABLE \"Odd \"\"name\" DROP COLUMN gone",
        "CREATE VIEW seen AS SELECT * FROM \"Odd \"\"name\"",
        "CREATE TABLE split (k int PRIMARY KEY) PARTITION BY RANGE (k)",
        "CREATE TABLE split_1 PARTITION OF split FOR VALUES FROM (0) TO (9)",
        "CREATE TABLE parent (k int PRIMARY KEY)",
        "CREATE TABLE child () INHERITS (parent)",
        "CREATE TABLE empty ()",
    ])
    .await;
    let odd = database.connector.describe(&database.place("Odd \"name")).await.unwrap();
    assert_eq!(odd.place.schema.as_deref(), Some("public"));
    assert_eq!(odd.primary_key, ["a B", "b"]);
    let nullable: Vec<_> = odd.columns.iter().map(|c| (c.name.as_str(), c.nullable)).collect();
    assert_eq!(nullable, [("b", false), ("a B", false), ("c", false), ("d", false)]);

    let seen = database.connector.describe(&database.place("seen")).await.unwrap();
    assert!(seen.primary_key.is_empty() && seen.columns.iter().all(|column| column.nullable));
    let split = database.connector.describe(&database.place("split")).await.unwrap();
    assert_eq!((split.primary_key, split.columns[0].nullable), (vec!["k".to_owned()], false));
    // The key of the parent says nothing of its children's rows, which a query of the parent shows.
    let parent = database.connector.describe(&database.place("parent")).await.unwrap();
    assert!(parent.primary_key.is_empty() && parent.columns[0].nullable);
    assert!(
        database.connector.describe(&database.place("empty")).await.unwrap().columns.is_empty()
    );

    let all = database.connector.relations().await.unwrap();
    let names: Vec<_> = all.iter().map(|relation| relation.place.relation.as_str()).collect();
    assert_eq!(names, ["Odd \"name", "child", "empty", "parent", "seen", "split"]);
    assert_eq!(all[0], odd);
}

#[tokio::test]
async fn what_is_not_there_or_not_allowed_is_told() {
    let database = Database::new(&[
        "CREATE TABLE secret (a int)",
        "DROP ROLE IF EXISTS nobody_in_particular",
        "CREATE ROLE nobody_in_particular LOGIN",
        "CREATE SCHEMA other",
        "CREATE TABLE other.t (a int)",
    ])
    .await;
    let missing = database.connector.describe(&database.place("missing")).await.unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::Mismatch);
    assert_eq!(missing.to_string(), "node `eu`: there is no relation `public.missing`");
    let place = Place { schema: Some("other".to_owned()), ..database.place("t") };
    assert_eq!(database.connector.describe(&place).await.unwrap().place, place);

    let stranger = database.with(|node| {
        let intarsia_catalog::Address::Server { user, .. } = &mut node.address else { panic!() };
        *user = Some("nobody_in_particular".to_owned());
    });
    let refused = stranger.connector.describe(&database.place("secret")).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Refused);
    assert!(refused.message().contains("may not read relation `public.secret`"), "{refused}");
    assert!(stranger.connector.relations().await.unwrap().is_empty());
    database.run(&["DROP ROLE nobody_in_particular"]).await;
}

#[tokio::test]
async fn the_server_says_what_it_is() {
    let server = Database::new(&[]).await.connector.server().await.unwrap();
    assert_eq!(server.flavor, Flavor::Postgres);
    assert!(server.version.0 >= 12, "{server}");
}
