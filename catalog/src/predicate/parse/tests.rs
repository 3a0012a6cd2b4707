//! What the grammar takes and refuses.

use super::*;

fn columns() -> Vec<Column> {
    let column = |name: &str, ty| Column { name: name.into(), ty, nullable: true };
    vec![
        column("id", Type::Integer),
        column("region", Type::Text),
        column("price", Type::Decimal { precision: 6, scale: 2 }),
        column("since", Type::Date),
        column("at", Type::TimestampTz),
        column("ok", Type::Boolean),
        column("ref", Type::Uuid),
        column("doc", Type::Json),
        column("Odd Name", Type::Double),
        column("small", Type::SmallIntUnsigned),
    ]
}

fn parsed(text: &str) -> Result<String, String> {
    let columns = columns();
    let allowed: Vec<usize> = (0..9).collect();
    parse(text, &columns, &allowed).map(|predicate| predicate.display(&columns).to_string())
}

#[track_caller]
fn check(text: &str, expect: &str) {
    assert_eq!(parsed(text).as_deref(), Ok(expect), "{text}");
}

#[track_caller]
fn refuse(text: &str, expect: &str) {
    assert_eq!(parsed(text), Err(expect.to_owned()), "{text}");
}

#[test]
fn conditions_of_every_form() {
    check("region = 'EU'", "region = 'EU'");
    check("100 > ID", "id < 100");
    check("(id) >= (-5)", "id >= -5");
    check("price BETWEEN 1 AND 2.5", "price >= 1.00 AND price <= 2.50");
    check("region NOT IN ('a', 'it''s')", "NOT region IN ('a', 'it''s')");
    check("id IS NULL OR NOT (id IS NOT NULL)", "id IS NULL OR NOT id IS NOT NULL");
    check("ok AND NOT ok", "ok AND NOT ok");
    check("ok = FALSE", "ok = FALSE");
    check("id % 4 IN (0, -1)", "id % 4 IN (0, -1)");
    check("(id) % 4 <> 3", "NOT id % 4 = 3");
    check("hash(region) % 8 = 7", "hash(region) % 8 = 7");
    check("2 = HASH(since) % 8", "hash(since) % 8 = 2");
    check("\"Odd Name\" < 1e3 -- comment", "Odd Name < 1000.0");
    check(
        "since >= '2024-02-29' AND since < DATE '2025-01-01'",
        "since >= '2024-02-29' AND since < '2025-01-01'",
    );
    check("at >= '2024-01-01 01:00:00+01:00'", "at >= '2024-01-01 00:00:00'");
    check("at < TIMESTAMP '2024-01-01T00:00:00.5Z'", "at < '2024-01-01 00:00:00.500000'");
    check("at < '2024-01-01'", "at < '2024-01-01 00:00:00'");
    check("id = 1 OR id = 2 AND ok", "id = 1 OR (id = 2 AND ok)");
    check("TRUE", "TRUE");
}

#[test]
fn refusals_name_column_and_literal() {
    refuse("id = 'x'", "column `id` is integer: 'x' is no value of it");
    refuse("id <= 2147483648", "column `id` is integer: 2147483648 is no value of it");
    refuse("price = 1.005", "column `price` is decimal(6,2): 1.005 is no value of it");
    refuse("region = 1", "column `region` is text: 1 is no value of it");
    refuse(
        "since = '2024-02-30'",
        "column `since` is date: '2024-02-30' is no value of it (dates and times are written as ISO 8601 has them)",
    );
    refuse(
        "ref = 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'",
        "column `ref` is uuid: 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11' is no value of it (a uuid is written in lower case)",
    );
    refuse("\"Odd Name\" = 1e400", "column `Odd Name` is double: 1e400 is no value of it");
    refuse("doc IS NULL", "column `doc` is json: a condition of a part cannot use it");
    refuse("regoin = 'EU'", "unknown column `regoin`: did you mean `region`?");
    refuse("small = 1", "column `small` cannot be used here: it is in another vertical part");
    refuse("region = NULL", "no value equals NULL: write IS NULL or IS NOT NULL");
    refuse(
        "lower(region) = 'eu'",
        "a condition of a part knows one function, hash(column), not `lower`",
    );
    refuse("id = small", "column `small` cannot be used here: it is in another vertical part");
    refuse("id = id", "a comparison has one column and one literal, not two columns");
    refuse("id IN (SELECT 1)", "a condition of a part cannot hold a subquery");
    refuse("id", "column `id` is integer, no condition: compare it with a literal");
    refuse("region % 2 = 0", "column `region` is text: only whole numbers have a remainder");
    refuse("id % 0 = 0", "`% 0`: the divisor is a whole number from 1 to 4294967295");
    refuse("id % 4 = 4", "`% 4` is never 4: it is a whole number from -3 to 3");
    refuse("hash(id) % 4 = -1", "`% 4` is never -1: it is a whole number from 0 to 3");
    refuse(
        "hash(price) % 4 = 1",
        "column `price` is decimal(6,2): only whole numbers, text, uuid and date have a hash",
    );
    refuse("id = 1 id = 2", "expected AND, OR or the end of the condition, found `id`");
    refuse("id < 1 < 2", "expected AND, OR or the end of the condition, found `<`");
    refuse("id = 1 AND", "the condition ends where a column or a literal is expected");
    refuse("(id = 1", "expected `)`, found the end");
    refuse("id = 1 + 1", "expected AND, OR or the end of the condition, found `+`");
    refuse("", "the condition ends where a column or a literal is expected");
}

#[test]
fn limits_hold() {
    let nested = |levels: usize| format!("{}ok{}", "(".repeat(levels), ")".repeat(levels));
    assert!(parsed(&nested(50)).is_ok());
    refuse(&nested(51), "a condition has at most 50 levels of brackets and NOTs");
    refuse(&nested(100_000), "a condition has at most 50 levels of brackets and NOTs");
    refuse(&"NOT ".repeat(100_000), "a condition has at most 50 levels of brackets and NOTs");
    let chain = |terms: usize| format!("id = 0{}", " OR id = 1".repeat(terms - 1));
    assert!(parsed(&chain(100_000)).is_ok());
    refuse(&chain(100_001), "a condition has at most 100000 terms");
    refuse(&format!("id IN (0{})", ",1".repeat(100_000)), "a condition has at most 100000 terms");
}
