//! Every database that the tests use is there, and is the software that it should be.

use std::{
    io::{BufRead, BufReader},
    net::TcpStream,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use intarsia_connectors::Flavor;
use intarsia_integration::{
    Result,
    cluster::{Cluster, SUPPORTED},
};

#[tokio::test]
async fn usual_servers_answer() {
    each_answers(Cluster::shared()).await.unwrap();
}

#[tokio::test]
async fn hostile_servers_answer() {
    each_answers(Cluster::hostile()).await.unwrap();
}

async fn each_answers(cluster: &Cluster) -> Result<()> {
    for flavor in SUPPORTED {
        let database = cluster.database(flavor).await?;
        assert_eq!(database.connector().server().await?.flavor, flavor);
        let text = if flavor == Flavor::Postgres { "text" } else { "varchar(10)" };
        let fill = format!("INSERT INTO t VALUES ('it''s \\'), ('{}')", "é");
        database.run(&[format!("CREATE TABLE t (a {text})"), fill]).await?;
        let relations = database.connector().relations().await?;
        assert_eq!(relations.len(), 1, "{flavor:?}: {relations:?}");
    }
    Ok(())
}

/// Set in the process that is to be killed.
const HOLD: &str = "INTARSIA_TEST_HOLDS_A_SERVER";

/// However a test process ends, its servers end with it: here it is killed, and cannot clean up.
#[tokio::test]
async fn servers_end_with_their_process() {
    if std::env::var_os(HOLD).is_some() {
        let database = Cluster::shared().database(Flavor::Postgres).await.unwrap();
        println!("holds {}", database.url());
        return std::future::pending().await;
    }
    let mut holder = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "servers_end_with_their_process", "--nocapture"])
        .env(HOLD, "")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(holder.stdout.take().unwrap()).lines().map(Result::unwrap);
    let held = lines.find_map(|line| Some(line.split_once("@127.0.0.1:")?.1.to_owned())).unwrap();
    let port: u16 = held.split('/').next().unwrap().parse().unwrap();
    assert!(TcpStream::connect(("127.0.0.1", port)).is_ok());
    holder.kill().unwrap();
    holder.wait().unwrap();
    let start = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_ok() {
        assert!(start.elapsed() < Duration::from_secs(20), "the server outlived its process");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
