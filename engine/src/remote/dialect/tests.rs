//! One filter in every dialect, side by side.

use std::sync::Arc;

use datafusion::{
    arrow::datatypes::DataType,
    common::ScalarValue,
    logical_expr::{Expr, SortExpr, col, lit},
};
use intarsia_catalog::{Place, Type};
use intarsia_connectors::{Affinity, Charset, Flavor, LocalColumn, LocalType, Server, TextRules};

use crate::remote::{Fragment, Select, Verdict, fragment::ScanColumn, verdict::filter};

const HOSTILE: &str = r#"x' OR 1=1 -- \" ` ; "#;

fn column(name: &str, ty: Type, local: LocalType, declared: &str) -> ScanColumn {
    let local = LocalColumn {
        name: format!("{name}_l"),
        ty: local,
        declared: declared.to_owned(),
        nullable: true,
    };
    ScanColumn { name: name.to_owned(), ty, nullable: true, local, encoding: None }
}

fn text(charset: Charset, collation: &str, exact_equality: bool) -> LocalType {
    LocalType::Text(TextRules {
        charset,
        collation: collation.to_owned(),
        exact_equality,
        byte_order: false,
    })
}

const WHOLE: LocalType = LocalType::Integer { bits: 64, unsigned: false, boolean: false };
const MONEY: Type = Type::Decimal { precision: 12, scale: 2 };

fn fragment(flavor: Flavor, columns: Vec<ScanColumn>) -> Fragment {
    let place = Place {
        node: "n".to_owned(),
        schema: Some("s\"`'".to_owned()),
        relation: "odd.na\"me`".to_owned(),
    };
    Fragment::new("t/1".to_owned(), place, Server { flavor, version: (1, 0, 0) }, columns)
}

fn postgres() -> Fragment {
    let columns = vec![
        column("id", Type::BigInt, WHOLE, "bigint"),
        column("name", Type::Text, text(Charset::Utf8, "en_US", true), "text"),
        column("day", Type::Date, LocalType::Date, "date"),
        column("amount", MONEY, LocalType::Decimal(Some((12, 2))), "numeric(12,2)"),
        column("flag", Type::Boolean, LocalType::Boolean, "boolean"),
        column("at", Type::Timestamp, LocalType::Timestamp(6), "timestamp"),
        column("seen", Type::TimestampTz, LocalType::TimestampTz(6), "timestamptz"),
        column("ratio", Type::Double, LocalType::Double, "double precision"),
        column("code", Type::Uuid, LocalType::Uuid, "uuid"),
        column("mood", Type::Text, LocalType::Enum(vec!["sad".to_owned()]), "mood"),
    ];
    fragment(Flavor::Postgres, columns)
}

fn mysql() -> Fragment {
    let tiny = LocalType::Integer { bits: 8, unsigned: false, boolean: true };
    let columns = vec![
        column("id", Type::BigInt, WHOLE, "bigint"),
        column("name", Type::Text, text(Charset::Utf8, "utf8mb4_general_ci", false), "varchar(40)"),
        column("day", Type::Date, LocalType::Date, "date"),
        column("amount", MONEY, LocalType::Decimal(Some((12, 2))), "decimal(12,2)"),
        column("flag", Type::Boolean, tiny, "tinyint(1)"),
        column("at", Type::Timestamp, LocalType::DateTime(6), "datetime(6)"),
        column("seen", Type::TimestampTz, LocalType::TimestampTz(6), "timestamp(6)"),
        column("ratio", Type::Double, LocalType::Double, "double"),
        column("code", Type::Uuid, LocalType::Uuid, "uuid"),
        column("mood", Type::Text, LocalType::Enum(vec!["sad".to_owned()]), "enum('sad')"),
    ];
    fragment(Flavor::MariaDb, columns)
}

fn sqlite() -> Fragment {
    let affinity = |affinity| LocalType::Affinity(affinity, Charset::Utf8);
    let columns = vec![
        column("id", Type::BigInt, affinity(Affinity::Integer), "INTEGER"),
        column("name", Type::Text, LocalType::Affinity(Affinity::Text, Charset::Collated), "TEXT"),
        column("day", Type::Date, affinity(Affinity::Text), "TEXT"),
        column("amount", MONEY, affinity(Affinity::Numeric), "DECIMAL(12,2)"),
        column("flag", Type::Boolean, affinity(Affinity::Integer), "INTEGER"),
        column("at", Type::Timestamp, affinity(Affinity::Text), "TEXT"),
        column("seen", Type::TimestampTz, affinity(Affinity::Text), "TEXT"),
        column("ratio", Type::Double, affinity(Affinity::Real), "REAL"),
        column("code", Type::Uuid, affinity(Affinity::Text), "TEXT"),
        column("mood", Type::Text, affinity(Affinity::Integer), "INTEGER"),
    ];
    fragment(Flavor::Sqlite, columns)
}

fn side_by_side(filters: &[Expr]) -> String {
    let mut lines = Vec::new();
    for expr in filters {
        lines.push(format!("{expr}"));
        for (name, fragment) in
            [("postgres", postgres()), ("mysql   ", mysql()), ("sqlite  ", sqlite())]
        {
            lines.push(match filter(expr, &fragment) {
                Verdict::Exact(sql) => format!("  {name} exact    {sql}"),
                Verdict::Superset(sql) => format!("  {name} superset {sql}"),
                Verdict::Local(reason) => format!("  {name} local    {reason}"),
            });
        }
    }
    lines.join("\n")
}

fn timestamp(micros: i64, zone: Option<&str>) -> Expr {
    lit(ScalarValue::TimestampMicrosecond(Some(micros), zone.map(Into::into)))
}

fn decimal(digits: i128) -> Expr {
    lit(ScalarValue::Decimal128(Some(digits), 12, 2))
}

fn snapshot(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

#[test]
fn comparisons() {
    let day = || lit(ScalarValue::Date32(Some(19_728)));
    snapshot(
        "comparisons",
        &side_by_side(&[
            col("id").eq(lit(7_i64)),
            col("id").gt(lit(-7_i64)),
            lit(7_i64).gt(col("id")),
            col("id").not_eq(lit(7_i64)),
            col("id").eq(lit(ScalarValue::Int64(None))),
            col("name").eq(lit("a")),
            col("name").not_eq(lit("a")),
            col("name").lt(lit("a")),
            col("mood").eq(lit("sad")),
            col("day").eq(day()),
            col("day").gt_eq(day()),
            col("amount").lt_eq(decimal(-150)),
            col("amount").not_eq(decimal(150)),
            col("at").eq(timestamp(1_704_067_200_500_000, None)),
            col("at").lt(timestamp(1_704_067_200_500_000, None)),
            col("seen").gt(timestamp(1_704_067_200_000_000, Some("+00:00"))),
            col("ratio").gt(lit(0.1)),
            col("ratio").lt(lit(0.0)),
            col("ratio").not_eq(lit(0.0)),
            col("ratio").eq(lit(f64::NAN)),
            col("code").eq(lit("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")),
            col("code").eq(lit("A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11")),
            col("flag"),
            !col("flag"),
            col("id").eq(col("id")),
            col("name").eq(col("mood")),
        ]),
    );
}

#[test]
fn logic() {
    let local = || Expr::Literal(ScalarValue::Utf8(Some("x".to_owned())), None).like(lit("x"));
    let like = |pattern: &str| col("name").like(lit(pattern));
    snapshot(
        "logic",
        &side_by_side(&[
            !(col("id").gt(lit(1_i64)).and(col("name").eq(lit("a")))),
            col("id").gt(lit(1_i64)).or(local()),
            col("id").gt(lit(1_i64)).and(local()),
            !col("id").between(lit(1_i64), lit(9_i64)),
            col("id").in_list(vec![lit(1_i64), lit(2_i64)], false),
            col("id").in_list(vec![lit(1_i64), lit(ScalarValue::Int64(None))], false),
            col("id").in_list(vec![lit(1_i64), lit(ScalarValue::Int64(None))], true),
            col("name").in_list(vec![lit("a"), lit("b")], false),
            !col("name").in_list(vec![lit("a"), lit("b")], false),
            col("day").is_null(),
            col("name").is_not_null(),
            like("a%"),
            like("a*[?]_\\%\\\\%"),
            like("a\\b"),
            like("a\\"),
            col("name").not_like(lit("a%")),
            col("name").ilike(lit("a%")),
            (col("id") + lit(1_i64)).eq(lit(2_i64)),
            datafusion::logical_expr::cast(col("id"), DataType::Utf8).eq(lit("2")),
        ]),
    );
}

#[test]
fn what_is_not_true_is_a_superset_of_what_is_not_known() {
    let positive = || Box::new(col("id").gt(lit(1_i64)));
    for fragment in [postgres(), mysql()] {
        let exact = |sql: &Verdict| matches!(sql, Verdict::Exact(_));
        assert!(exact(&filter(&Expr::IsTrue(positive()), &fragment)));
        assert!(exact(&filter(&Expr::IsFalse(positive()), &fragment)));
        assert!(exact(&filter(&Expr::IsUnknown(Box::new(col("flag"))), &fragment)));
        assert!(exact(&filter(&Expr::IsNotUnknown(Box::new(col("flag"))), &fragment)));
        let negated = Expr::Not(Box::new(Expr::IsTrue(positive())));
        for expr in [Expr::IsNotTrue(positive()), Expr::IsNotFalse(positive()), negated] {
            let Verdict::Superset(sql) = filter(&expr, &fragment) else { panic!("{expr}") };
            assert!(sql.into_string().ends_with(") IS NOT TRUE)"), "{expr}");
        }
        // What is no superset of its complement stays here.
        let zero = Box::new(col("ratio").eq(lit(0.0)));
        assert!(matches!(filter(&Expr::IsNotTrue(zero), &fragment), Verdict::Local(_)));
    }
}

#[test]
fn hostile_values_stay_values() {
    snapshot(
        "hostile_values_stay_values",
        &side_by_side(&[
            col("name").eq(lit(HOSTILE)),
            col("name").in_list(vec![lit(HOSTILE), lit("'")], false),
            col("name").like(lit("%'%")),
            col("name").eq(lit("nul\0inside")),
        ]),
    );
}

#[test]
fn one_select_in_three_dialects() {
    let select = |fragment: Fragment| Select {
        fragment: Arc::new(fragment),
        columns: vec![0, 1],
        filters: vec![col("name").gt(lit("k"))],
        order: vec![SortExpr::new(col("name"), false, true), SortExpr::new(col("id"), true, false)],
        fetch: Some(3),
    };
    let texts = [postgres(), mysql(), sqlite()].map(|fragment| select(fragment).query().sql);
    snapshot("one_select_in_three_dialects", &texts.join("\n"));
}

#[test]
fn rows_without_columns_are_counted() {
    let select = Select {
        fragment: Arc::new(sqlite()),
        columns: Vec::new(),
        filters: Vec::new(),
        order: Vec::new(),
        fetch: None,
    };
    assert_eq!(select.query().sql, r#"SELECT 1 FROM "s""`'"."odd.na""me`" AS t"#);
}

#[test]
fn a_filter_too_deep_for_a_nodes_parser_stays_here() {
    let many = (0..200_i64).map(|n| col("id").eq(lit(n))).reduce(Expr::or).unwrap();
    for fragment in [postgres(), mysql(), sqlite()] {
        assert!(matches!(filter(&many, &fragment), Verdict::Local(_)));
    }
}

#[test]
fn mariadb_does_not_sort_texts_longer_than_its_sort_key() {
    let long = text(Charset::Utf8, "utf8mb4_general_ci", false);
    let long = column("name", Type::Text, long, "longtext");
    let key = SortExpr::new(col("name"), true, false);
    assert!(!crate::remote::orders(&key, &fragment(Flavor::MariaDb, vec![long])));
    assert!(crate::remote::orders(&key, &mysql()));
}

#[test]
fn a_whole_number_of_a_view_may_be_real() {
    let view = LocalType::Affinity(Affinity::Integer, Charset::Collated);
    let view = fragment(Flavor::Sqlite, vec![column("id", Type::BigInt, view, "INTEGER")]);
    let verdict = filter(&col("id").eq(lit(6_i64)), &view);
    assert_eq!(verdict, Verdict::Superset(crate::remote::sql::sql![r#"t."id_l" = 6"#]));
}
