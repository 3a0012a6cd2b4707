//! What goes wrong: files that are missing, broken, locked or replaced, and statements that SQLite refuses.

use std::{fs, time::Duration};

use arrow_array::{Array, cast::AsArray};
use futures::{StreamExt, TryStreamExt};
use intarsia_catalog::Type;
use intarsia_connectors::{ErrorKind, connect};
use sqlx::{ConnectOptions, Executor, sqlite::SqliteConnectOptions};
use tokio::time::timeout;

use crate::support::{File, ONCE, node, query};

const TABLE: &str = "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)";
const MANY: &str = "INSERT INTO t WITH RECURSIVE n(i) AS \
                    (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000) SELECT i, 'text ' || i FROM n";

fn ids() -> intarsia_connectors::Query {
    query("SELECT id FROM t", &[("id", Type::BigInt)])
}

#[tokio::test]
async fn a_missing_file_is_named_and_not_made() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("gone.db");
    let connector = connect(&node(path.clone(), 1));
    let error = connector.server().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    let expect = format!("node `archive`: cannot open the file `{}`: ", path.display());
    assert!(error.to_string().starts_with(&expect), "{error}");
    assert!(!path.exists());
}

#[tokio::test]
async fn a_folder_and_a_file_of_something_else_are_no_node() {
    let dir = tempfile::tempdir().unwrap();
    let error = connect(&node(dir.path().to_owned(), 1)).server().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.message().ends_with("is not a file"), "{error}");
    let text = dir.path().join("text");
    fs::write(&text, "not a database, but longer than the header of one: ".repeat(40)).unwrap();
    let error = connect(&node(text, 1)).server().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.message().contains("file is not a database"), "{error}");
}

#[tokio::test]
async fn a_name_is_a_path_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    for name in [":memory:", "file:x?mode=memory", "file:x?mode=rwc"] {
        let path = dir.path().join(name);
        assert!(connect(&node(path.clone(), 1)).server().await.is_err(), "{name}");
        let connector = connect(&node(path, 1));
        connector.run(&["CREATE TABLE t (x)".to_owned()]).await.unwrap();
        connector.server().await.unwrap();
        assert!(dir.path().join(name).is_file(), "{name}");
    }
}

#[tokio::test]
async fn a_file_cut_short_is_an_error_and_no_short_answer() {
    let file = File::new(&[TABLE, MANY]).await;
    let whole = fs::read(file.path()).unwrap();
    for part in [2, 4, 8] {
        fs::write(file.path(), &whole[..whole.len() / part]).unwrap();
        let error = file.fails(ids()).await;
        assert_eq!(error.kind(), ErrorKind::Unavailable, "1/{part}: {error}");
    }
    fs::write(file.path(), &whole).unwrap();
    let batches = file.rows(ids()).await.unwrap();
    assert_eq!(batches.iter().map(|batch| batch.num_rows()).sum::<usize>(), 50_000);
}

#[tokio::test]
async fn a_damaged_page_in_the_middle_is_an_error() {
    let file = File::new(&[TABLE, MANY]).await;
    let mut bytes = fs::read(file.path()).unwrap();
    let page = bytes.len() / 4096 / 2 * 4096;
    bytes[page..page + 64].fill(0xff);
    fs::write(file.path(), bytes).unwrap();
    let error = file.fails(ids()).await;
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    assert!(error.message().contains("malformed"), "{error}");
}

#[tokio::test]
async fn a_replaced_file_is_read_anew() {
    let file = File::new(&[TABLE, "INSERT INTO t VALUES (1, 'old')"]).await;
    assert_eq!(file.rows(ids()).await.unwrap()[0].num_rows(), 1);
    let other = File::new(&[TABLE, "INSERT INTO t VALUES (1, 'new'), (2, 'new')"]).await;
    fs::rename(other.path(), file.path()).unwrap();
    assert_eq!(file.rows(ids()).await.unwrap()[0].num_rows(), 2);
    fs::remove_file(file.path()).unwrap();
    assert_eq!(file.fails(ids()).await.kind(), ErrorKind::Unavailable);
}

#[tokio::test]
async fn a_lock_that_ends_is_waited_for_and_one_that_stays_is_an_error() {
    let file = File::new(&[TABLE, "INSERT INTO t VALUES (1, 'a')"]).await;
    file.rows(ids()).await.unwrap();
    let mut writer = SqliteConnectOptions::new().filename(file.path()).connect().await.unwrap();
    writer.execute("BEGIN EXCLUSIVE").await.unwrap();
    let error = timeout(Duration::from_secs(10), file.fails(ids())).await.unwrap();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.message().contains("locked"), "{error}");
    let (rows, commit) = tokio::join!(file.rows(ids()), async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        writer.execute("COMMIT").await
    });
    commit.unwrap();
    assert_eq!(rows.unwrap()[0].num_rows(), 1);
}

#[tokio::test]
async fn a_stream_that_waits_for_a_lock_stops_when_it_is_dropped() {
    let file = File::new(&[TABLE]).await;
    file.rows(ids()).await.unwrap();
    let mut writer = SqliteConnectOptions::new().filename(file.path()).connect().await.unwrap();
    writer.execute("BEGIN EXCLUSIVE").await.unwrap();
    let rows = file.rows(ids());
    assert!(timeout(Duration::from_millis(300), rows).await.is_err());
    timeout(Duration::from_secs(1), file.connector.settle()).await.expect("it still waits");
}

#[tokio::test]
async fn a_writer_is_not_kept_out_by_idle_connections() {
    let file = File::new(&[TABLE, MANY]).await;
    file.rows(ids()).await.unwrap();
    let reading = file.connector.reading(ONCE);
    let mut batches = reading.open(ids()).await.unwrap();
    batches.next().await.unwrap().unwrap();
    drop(batches);
    file.connector.settle().await;
    file.run(&["DELETE FROM t"]).await;
    assert!(file.rows(ids()).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_file_in_wal_mode_is_read_with_what_its_log_holds() {
    let file = File::new(&["PRAGMA journal_mode = WAL", TABLE]).await;
    let mut writer = SqliteConnectOptions::new().filename(file.path()).connect().await.unwrap();
    writer.execute("PRAGMA wal_autocheckpoint = 0").await.unwrap();
    writer.execute("INSERT INTO t VALUES (1, 'a')").await.unwrap();
    assert_eq!(file.rows(ids()).await.unwrap()[0].num_rows(), 1);
    writer.execute("BEGIN IMMEDIATE; INSERT INTO t VALUES (2, 'b')").await.unwrap();
    assert_eq!(file.rows(ids()).await.unwrap()[0].num_rows(), 1);
    writer.execute("COMMIT").await.unwrap();
    assert_eq!(file.rows(ids()).await.unwrap()[0].num_rows(), 2);
}

/// What a writer leaves behind that is killed now: a copy of its files.
fn killed(file: &File, files: &[&str]) -> (tempfile::TempDir, std::path::PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    for name in files {
        fs::copy(file.dir.path().join(name), dir.path().join(name)).unwrap();
    }
    let path = dir.path().join(files[0]);
    (dir, path)
}

#[tokio::test]
async fn the_log_of_a_killed_writer_counts() {
    let file = File::new(&["PRAGMA journal_mode = WAL", TABLE]).await;
    let mut writer = SqliteConnectOptions::new().filename(file.path()).connect().await.unwrap();
    writer.execute("PRAGMA wal_autocheckpoint = 0").await.unwrap();
    writer.execute("INSERT INTO t VALUES (1, 'a')").await.unwrap();
    let (_dir, path) = killed(&file, &["node.db", "node.db-wal"]);
    let reading = connect(&node(path, 1)).reading(ONCE);
    let batches: Vec<_> = reading.open(ids()).await.unwrap().try_collect().await.unwrap();
    assert_eq!(batches[0].num_rows(), 1);
}

#[tokio::test]
async fn half_a_transaction_of_a_killed_writer_is_never_read() {
    let file = File::new(&[TABLE, MANY]).await;
    let mut writer = SqliteConnectOptions::new().filename(file.path()).connect().await.unwrap();
    writer.execute("PRAGMA cache_size = 1; BEGIN; UPDATE t SET v = 'half'").await.unwrap();
    let (_dir, path) = killed(&file, &["node.db", "node.db-journal"]);
    let error = connect(&node(path, 1)).server().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.message().contains("it needs recovery"), "{error}");
}

#[tokio::test]
async fn queries_cannot_write_nor_attach() {
    let file = File::new(&[TABLE]).await;
    let other = file.dir.path().join("other.db");
    for sql in [
        "INSERT INTO t VALUES (1, 'a') RETURNING id".to_owned(),
        "CREATE TEMP TABLE u (x)".to_owned(),
        format!("ATTACH '{}' AS other", other.display()),
        "SELECT load_extension('x')".to_owned(),
        "SELECT 1; SELECT 2".to_owned(),
        "SELECT 1 -- \0\n + 1".to_owned(),
        String::new(),
    ] {
        let error = file.fails(query(&sql, &[("id", Type::BigInt)])).await;
        assert_ne!(error.kind(), ErrorKind::Cancelled, "{sql}: {error}");
    }
    assert!(!other.exists());
    assert!(file.rows(ids()).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_double_quoted_name_is_never_a_text() {
    let file = File::new(&[TABLE, MANY]).await;
    let error = file
        .fails(query("SELECT id FROM t WHERE \"dropped\" = 'dropped'", &[("id", Type::BigInt)]))
        .await;
    assert_eq!(error.kind(), ErrorKind::Mismatch);
    assert!(error.message().starts_with("no such column"), "{error}");
    let error = file.fails(query("SELECT id FROM u", &[("id", Type::BigInt)])).await;
    assert_eq!(error.kind(), ErrorKind::Mismatch);
    assert_eq!(error.to_string(), "node `archive`: no such table: u");
}

#[tokio::test]
async fn an_answer_of_other_columns_than_promised_is_an_error() {
    let file = File::new(&[TABLE, MANY]).await;
    let error = file.fails(query("SELECT id, v FROM t", &[("id", Type::BigInt)])).await;
    assert_eq!(error.kind(), ErrorKind::Mismatch);
}

#[tokio::test]
async fn an_error_of_sqlite_in_the_middle_is_no_end() {
    let file = File::new(&[TABLE, MANY]).await;
    let sql = "SELECT CASE id WHEN 30000 THEN abs(-9223372036854775807 - 1) ELSE id END FROM t";
    let reading = file.connector.reading(ONCE);
    let batches = reading.open(query(sql, &[("id", Type::BigInt)])).await.unwrap();
    let error = batches.try_collect::<Vec<_>>().await.unwrap_err();
    assert_eq!(error.to_string(), "node `archive`: integer overflow");
}

#[tokio::test]
async fn md5_is_that_of_every_other_database() {
    let file = File::new(&[]).await;
    let sql = "SELECT md5('') || ' ' || md5('ß漢') || ' ' || md5(-42) AS hashes, md5(NULL) AS none";
    let columns = [("hashes", Type::Text), ("none", Type::Text)];
    let batches = file.rows(query(sql, &columns)).await.unwrap();
    assert_eq!(
        batches[0].column(0).as_string::<i32>().value(0),
        "d41d8cd98f00b204e9800998ecf8427e 5bf7c4416d39a5e1d841081ad277b891 \
         8dfcb89fd8620e3e7fb6a03a53f307dc"
    );
    assert!(batches[0].column(1).is_null(0));
}

#[tokio::test]
async fn reading_leaves_nothing_beside_the_file() {
    let file = File::new(&[TABLE, MANY]).await;
    file.rows(ids()).await.unwrap();
    assert_eq!(fs::read_dir(file.dir.path()).unwrap().count(), 1);
}
