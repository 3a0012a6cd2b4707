//! Hostile files end with a message that has a place, in bounded time and memory.

use std::time::{Duration, Instant};

use intarsia_catalog::{Catalog, MAX_BYTES, Secrets};

/// Nothing has a value.
struct Nothing;

impl Secrets for Nothing {
    fn env(&self, _: &str) -> Result<String, String> {
        Err("is not set".to_owned())
    }

    fn file(&self, _: &str) -> Result<String, String> {
        Err("is not there".to_owned())
    }
}

/// The most that one file may take without optimisation, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The first problem of a file, which has to have one.
fn first(text: impl AsRef<[u8]>) -> String {
    let started = Instant::now();
    let problems = Catalog::parse("c.yaml", text.as_ref(), &Nothing).expect_err("is hostile");
    let taken = started.elapsed();
    assert!(taken < PATIENCE, "took {taken:?}");
    problems.list[0].in_file("c.yaml").to_string()
}

#[test]
fn an_alias_bomb_ends_at_a_limit() {
    let mut bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
    for level in 1..40 {
        let alias = format!("*a{},", level - 1).repeat(10);
        bomb.push_str(&format!("a{level}: &a{level} [{alias}]\n"));
    }
    assert_eq!(first(bomb), "c.yaml:7:9: more than 2000000 values, aliases followed");
}

#[test]
fn an_alias_of_itself_is_refused() {
    assert_eq!(first("a: &a [*a]"), "c.yaml:1:8: an alias inside its own anchor");
    assert_eq!(first("a: *b"), "c.yaml:1:4: no anchor `&b` before this");
}

#[test]
fn depth_has_a_limit() {
    for text in [
        "[".repeat(100_000),
        "{".repeat(100_000),
        "{a: ".repeat(100_000),
        "- ".repeat(100_000),
        "? ".repeat(100_000),
        format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)),
        (0..3_000).map(|level| format!("{}a:\n", " ".repeat(level))).collect(),
    ] {
        let message = first(&text);
        assert!(message.ends_with("nested more than 128 deep"), "{message}");
    }
}

#[test]
fn what_is_not_utf8_is_told_where_it_is() {
    assert_eq!(
        first(b"version: 1\nno\xc3\xa4\xffdes: {}"),
        "c.yaml:2:4: the file is not UTF-8 here"
    );
    assert_eq!(first(b"\xff\xfev\0e\0"), "c.yaml:1:1: the file is not UTF-8 here");
}

#[test]
fn length_has_a_limit() {
    assert_eq!(first("a".repeat(100 << 20)), "c.yaml:1:1: the file is longer than 64 MiB");
    // Linear in the length: the whole limit takes no more than sixteen times as long as this.
    let long = MAX_BYTES / 16;
    for text in [
        "a".repeat(long),
        format!("a: {}", "b".repeat(long)),
        format!("\"{}", "b ".repeat(long / 2)),
        format!("a: |\n{}", "  b\n".repeat(long / 4)),
        "#".repeat(long),
        "\n".repeat(long / 4),
        "\t".repeat(long / 4),
        " ".repeat(long / 4),
    ] {
        first(text);
    }
}

#[test]
fn many_small_things_end_at_a_limit() {
    for unit in ["[],", "a: b,", "? ", "{}: [],", "&a x,", "'',", "!a b,", "a,\n"] {
        let text = format!("[{}]", unit.repeat(200_000 / unit.len()));
        first(text);
    }
    for unit in ["a: b\n", "- a\n", "---\n", "---\na: b\n", "%A b\n", "a\n", "a: [\n", "*a : b\n"] {
        first(unit.repeat(200_000 / unit.len()));
    }
    first((0..20_000).map(|key| format!("k{key}: v\n")).collect::<String>());
}

#[test]
fn control_characters_are_refused() {
    for text in ["\0", "a: \0", "a: \u{1}b", "\u{feff}", "a: \"\\q\"", "a: \"\\ud800\""] {
        first(text);
    }
}

#[test]
fn a_long_text_that_aliases_repeat_ends_at_a_limit() {
    let text = format!("a: &a \"{}\"\nb: [{}]", "x".repeat(1 << 20), "*a,".repeat(10_000));
    assert_eq!(first(text), "c.yaml:2:4: more than 2000000 values, aliases followed");
}

#[test]
fn problems_are_told_up_to_a_limit() {
    let keys: String = (0..20_000).map(|key| format!("k{key}: v\n")).collect();
    let problems = Catalog::parse("c.yaml", keys.as_bytes(), &Nothing).unwrap_err();
    let last = &problems.list.last().unwrap().message;
    assert_eq!(last, "1000 problems are told at once, there may be more");
}

/// Layouts nest as deep as YAML does, on the stack that a thread has by default.
#[test]
fn layouts_nest_deep() {
    let mut layout = "stored: n.t".to_owned();
    for _ in 0..62 {
        layout = format!("horizontal: [{{ where: id IS NOT NULL, {layout} }}]");
    }
    let text = format!(
        "version: 1\nnodes: {{ n: {{ url: 'sqlite:a.db' }} }}\ntables:\n  t:\n    columns: {{ id: \
         bigint not null }}\n    layout: {{ {layout} }}\n"
    );
    Catalog::parse("c.yaml", text.as_bytes(), &Nothing).map_err(|e| e.to_string()).unwrap();
}
