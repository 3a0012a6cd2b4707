//! `intarsia shell`, from a pipe and in a terminal.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

use crate::{
    interrupt,
    server::Server,
    support::{Ended, Folder, endless, shop},
    terminal::Terminal,
};

const PROMPT: &str = "intarsia> ";
const CTRL_C: &str = "\x03";
const CTRL_D: &str = "\x04";

fn piped(folder: &Folder, script: &str) -> Ended {
    folder.run_with(&["shell", "-c", "shop.yaml", "--format", "csv"], script)
}

#[test]
fn a_pipe_holds_statements_and_commands() {
    let script = "SELECT 1 AS a; SELECT\n 2 AS b -- ;\n;\n\\timing off\n\
                  \\format ndjson\nSELECT ';' AS c;\n\n\\q\nSELECT 3;";
    assert_eq!(piped(&shop(), script).well(), "a\n1\n\nb\n2\n\n{\"c\":\";\"}\n");
}

#[test]
fn the_last_statement_of_a_pipe_needs_no_semicolon() {
    assert_eq!(piped(&shop(), "SELECT 1 AS a").well(), "a\n1\n");
    assert_eq!(piped(&shop(), "").well(), "");
}

#[test]
fn the_first_failure_ends_a_pipe_with_its_status() {
    for failing in
        ["SELECT\n  nam\nFROM customers;", "\\dance", "SELEKT;", "\\i none.sql", "\\d none"]
    {
        let run = piped(&shop(), &format!("SELECT 1 AS a;\n{failing}\nSELECT 3 AS c;"));
        let status = if failing == "\\i none.sql" { 2 } else { 1 };
        assert_eq!((run.status, run.out.as_str()), (status, "a\n1\n"), "{}", run.err);
        assert!(run.err.starts_with("error: "), "{}", run.err);
    }
}

#[test]
fn a_fault_of_sql_has_line_column_and_caret() {
    let run = piped(&shop(), "SELECT id,\n       nam\nFROM customers;");
    assert_eq!(run.status, 1);
    assert!(run.err.contains("at line 2, column 8\n         nam\n         ^"), "{}", run.err);
}

#[test]
fn statements_run_as_they_come() {
    let folder = shop();
    let mut command = folder.command(&["shell", "-c", "shop.yaml", "--format", "csv"]);
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    for (statement, answer) in [("SELECT 1 AS a;\n", ["a", "1"]), ("SELECT 2 AS b;\n", ["", "b"])] {
        input.write_all(statement.as_bytes()).unwrap();
        input.flush().unwrap();
        let seen: Vec<String> = lines.by_ref().take(2).map(Result::unwrap).collect();
        assert_eq!(seen, answer);
    }
    drop(input);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_shell_outlives_a_restart_of_its_server() {
    let folder = shop();
    assert_eq!(folder.run_with(&["users", "add", "users", "ada"], "s3cret\n").status, 0);
    let server = Server::start(&folder, "shop.yaml", &["--users", "users"]);
    let address = server.url.trim_start_matches("grpc://").to_owned();
    let mut command = folder.command(&["shell", "--format", "csv", "--connect"]);
    let mut child =
        command.arg(server.url_of("ada:s3cret@")).stdin(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    // What the shell itself says comes after the answer's end.
    writeln!(input, "SELECT 1 AS a;\n\\format").unwrap();
    assert_eq!(lines.by_ref().take(3).collect::<Vec<_>>(), ["a", "1", "csv"]);
    drop(server);
    let _server = Server::start_at(&address, &folder, "shop.yaml", &["--users", "users"]);
    writeln!(input, "SELECT 2 AS b;").unwrap();
    drop(input);
    assert_eq!(lines.collect::<Vec<_>>(), ["", "b", "2"]);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_pipe_that_is_interrupted_ends_with_130() {
    let folder = endless();
    let mut command = folder.command(&["shell", "-c", "n.yaml"]);
    fs::write(folder.path("in.sql"), "SELECT i FROM endless WHERE i < 0;\n").unwrap();
    command.stdin(fs::File::open(folder.path("in.sql")).unwrap());
    assert_eq!(interrupt::after(command, Duration::from_secs(2)), Some(130));
}

#[test]
fn tables_are_listed_and_described() {
    let run = piped(&shop(), "\\dt\n\\dn\n\\dt none*\n\\d CUST*;");
    let expected = " schema | name
--------+-----------
 public | customers
(1 row)
 schema
--------
 public
(1 row)
 schema | name
--------+------
(0 rows)
Table customers
 column  | type          | null
---------+---------------+----------
 id      | bigint        | not null
 name    | text          |
 region  | text          | not null
 balance | decimal(12,2) |
Primary key: id
Rows:
  eu: region = 'EU'
    eu.customers
  us: region <> 'EU'
    names: name, region
      us.people
    money: balance
      vault.balances
";
    assert_eq!(run.well(), expected);
}

#[test]
fn answers_are_shown_as_the_shell_is_told() {
    let run =
        piped(&shop(), "\\x\nSELECT id, name FROM customers WHERE id = 1;\n\\x off\n\\format\n");
    assert_eq!(run.well(), "-[ row 1 ]-\nid   | 1\nname | Ada\n(1 row)\ncsv\n");
    let run = piped(&shop(), "\\timing on\nSELECT 1 AS a;");
    assert_eq!((run.status, run.out.as_str()), (0, "a\n1\n"));
    assert!(run.err.starts_with("Time: "), "{}", run.err);
    let run = piped(&shop(), "\\format parquet");
    assert_eq!(run.status, 2, "{}", run.err);
}

#[test]
fn a_plan_is_shown_of_a_statement_or_of_the_last() {
    for script in ["\\explain SELECT id FROM customers WHERE region = 'EU';", ""] {
        let script = match script {
            "" => "SELECT id FROM customers WHERE region = 'EU' AND id < 0;\n\\explain",
            script => script,
        };
        let run = piped(&shop(), script);
        let plan = run.well();
        assert!(plan.contains("eu.customers") || plan.contains("customers/eu"), "{plan}");
        assert!(plan.contains("pruned"), "{plan}");
    }
    assert_eq!(piped(&shop(), "\\explain").status, 1);
}

#[test]
fn functions_are_listed_by_pattern() {
    let out = piped(&shop(), "\\df date_tr*\n").well();
    assert!(out.starts_with("function,kind,usage\ndate_trunc,SCALAR,"), "{out}");
}

#[test]
fn scripts_are_run_and_may_run_scripts() {
    let folder = shop()
        .file("outer.sql", "SELECT 1 AS a;\n\\i inner.sql\nSELECT 3 AS c\n")
        .file("inner.sql", "SELECT\n2 AS b;")
        .file("circle.sql", "\\i circle.sql\n");
    let run = piped(&folder, "\\i outer.sql\nSELECT 4 AS d;");
    assert_eq!(run.well(), "a\n1\n\nb\n2\n\nc\n3\n\nd\n4\n");
    let run = piped(&folder, "\\i circle.sql");
    assert_eq!(run.status, 1);
    assert!(run.err.contains("circle"), "{}", run.err);
}

/// A shell in a terminal, its history in the folder, at its first prompt.
fn terminal(folder: &Folder, from: [&str; 2]) -> Terminal {
    let mut command = folder.command(&["shell", from[0], from[1]]);
    command.env("XDG_DATA_HOME", folder.path("data")).env_remove("NO_COLOR");
    let mut terminal = Terminal::start(&command);
    terminal.wait_for("\\q leaves.");
    terminal.wait_for(PROMPT);
    terminal
}

#[test]
fn statements_of_many_lines_are_typed_and_answered() {
    let folder = shop();
    let mut terminal = terminal(&folder, ["-c", "shop.yaml"]);
    terminal.keys("SELECT id, name\r");
    terminal.wait_for("-> ");
    terminal.keys("FROM customers WHERE id = 5;\r");
    let shown = terminal.wait_for("(1 row)");
    assert!(shown.contains(" id | name\n----+------\n  5 | Cy\n"), "{shown}");
    terminal.wait_for("Time: ");
    terminal.wait_for(PROMPT);
    terminal.keys("SET intarsia.statement_timeout = '9s';\r");
    terminal.wait_for("\nSET\n");
    terminal.wait_for(PROMPT);
    terminal.keys(CTRL_D);
    assert_eq!(terminal.end().0, Some(0));
}

#[test]
fn a_fault_leaves_the_shell_as_it_is() {
    let folder = shop();
    let mut terminal = terminal(&folder, ["-c", "shop.yaml"]);
    terminal.keys("SELECT nam FROM customers;\r");
    terminal.wait_for("at line 1, column 8\n  SELECT nam FROM customers\n         ^\n");
    terminal.wait_for(PROMPT);
    terminal.keys("SELEKT;\r");
    terminal.wait_for("error: ");
    terminal.wait_for(PROMPT);
    terminal.keys("\\q\r");
    assert_eq!(terminal.end().0, Some(0));
}

#[test]
fn tab_completes_tables_and_columns() {
    let folder = shop();
    let mut terminal = terminal(&folder, ["-c", "shop.yaml"]);
    terminal.keys("SELECT c.bal");
    terminal.keys(" FROM cust\t c WHERE id = 4;\x01\x1bf\x1bf\t\r");
    let shown = terminal.wait_for("(1 row)");
    assert!(shown.contains(" balance\n---------\n   99.99\n"), "{shown}");
}

#[test]
fn history_is_kept_for_its_owner_alone() {
    let folder = shop();
    let mut first = terminal(&folder, ["-c", "shop.yaml"]);
    first.keys("SELECT 40 +\r");
    first.wait_for("-> ");
    first.keys("2 AS kept;\r");
    first.wait_for("(1 row)");
    first.wait_for(PROMPT);
    first.keys(" SELECT 'secret' AS unkept;\r");
    first.wait_for("(1 row)");
    first.wait_for(PROMPT);
    first.keys(CTRL_D);
    assert_eq!(first.end().0, Some(0));
    let path = folder.path("data/intarsia/history");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let kept = fs::read_to_string(&path).unwrap();
    assert!(kept.contains("2 AS kept;") && !kept.contains("secret"), "{kept}");
    let mut second = terminal(&folder, ["-c", "shop.yaml"]);
    second.keys("\x1b[A");
    second.wait_for("2 AS kept;");
    second.keys("\r");
    let shown = second.wait_for("(1 row)");
    assert!(shown.contains("   42\n"), "{shown}");
}

/// Ctrl-C stops `sql` after it said that it takes long, and the next statement is answered.
fn stopped(terminal: &mut Terminal, sql: &str) {
    terminal.keys(&format!("{sql}\r"));
    terminal.wait_for("(Ctrl-C stops it)");
    terminal.keys(CTRL_C);
    terminal.wait_for("stopped");
    terminal.wait_for(PROMPT);
    terminal.keys("SELECT 'still' AS here;\r");
    terminal.wait_for("(1 row)");
    terminal.wait_for(PROMPT);
}

/// Work of hours that reads nothing of any node.
const JOIN: &str =
    "SELECT count(*) FROM generate_series(1, 1000000) a, generate_series(1, 1000000) b;";

#[test]
fn an_interrupt_stops_the_statement_and_keeps_the_shell() {
    let folder = endless();
    let mut terminal = terminal(&folder, ["-c", "n.yaml"]);
    terminal.keys("SELECT half\x03");
    terminal.wait_for(PROMPT);
    stopped(&mut terminal, "SELECT i FROM endless WHERE i < 0;");
    stopped(&mut terminal, JOIN);
    terminal.keys("exit\r");
    assert_eq!(terminal.end().0, Some(0));
}

#[test]
fn a_shell_on_a_server_is_the_same_shell() {
    let folder = endless();
    let mut server = Server::start(&folder, "n.yaml", &[]);
    let url = server.url.clone();
    let mut terminal = terminal(&folder, ["--connect", &url]);
    stopped(&mut terminal, "SELECT i FROM endless WHERE i < 0;");
    let line = server.logged(&["endless"]);
    assert!(line.contains("\"status\":\"CANCELLED\""), "{line}");
    stopped(&mut terminal, JOIN);
    terminal.keys(CTRL_D);
    assert_eq!(terminal.end().0, Some(0));
}

#[test]
fn a_terminal_that_can_do_little_gets_plain_lines() {
    let folder = shop();
    let mut command = folder.command(&["shell", "-c", "shop.yaml"]);
    command.args(["--format", "csv"]).env("XDG_DATA_HOME", folder.path("data"));
    let mut terminal = Terminal::start_as(&command, "dumb");
    terminal.wait_for(PROMPT);
    terminal.keys("SELECT 1\n");
    terminal.wait_for("-> ");
    terminal.keys("AS a;\n");
    terminal.wait_for("a\n1\n");
    terminal.wait_for(PROMPT);
    terminal.keys("\\q\n");
    assert_eq!(terminal.end().0, Some(0));
}

#[test]
fn a_shell_whose_terminal_is_gone_ends() {
    let folder = shop();
    let mut command = folder.command(&["shell", "-c", "shop.yaml"]);
    command.env("XDG_DATA_HOME", folder.path("data"));
    let (mut terminal, process) = Terminal::start_deaf(&command);
    terminal.wait_for(PROMPT);
    drop(terminal);
    let begun = Instant::now();
    while Path::new(&format!("/proc/{process}")).exists() {
        assert!(begun.elapsed() < Duration::from_secs(30), "it goes on without a terminal");
        thread::park_timeout(Duration::from_millis(50));
    }
}
