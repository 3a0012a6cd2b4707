//! Every database that the tests use is there, and is the software that it should be.

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
