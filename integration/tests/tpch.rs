//! The 22 queries of TPC-H over three databases and every form of layout: the answers of one DataFusion.

use intarsia_integration::{
    cluster::Cluster,
    deployment::Deployment,
    oracle::{ask, oracle},
    tpch::{CATALOG, QUERIES, generate},
};

/// About 100 MB of text.
const SCALE: f64 = 0.1;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_query_answers_as_one_datafusion_does() {
    let rows = |catalog: &_| generate(catalog, SCALE);
    let place = Deployment::new(Cluster::shared(), CATALOG, &rows, 0).await.unwrap();
    let oracle = oracle(place.catalog(), &rows(place.catalog()).unwrap()).unwrap();
    let session = place.engine().unwrap().session();
    let mut failures = Vec::new();
    for (at, sql) in QUERIES.iter().enumerate() {
        let expected = ask(&oracle, sql).await.unwrap();
        assert!(!expected.rows.is_empty(), "query {} answers nothing here", at + 1);
        let found =
            ask(&session, sql).await.and_then(|found| match found.difference(&expected, &[]) {
                None => Ok(()),
                Some(difference) => Err(difference.into()),
            });
        failures.extend(found.err().map(|error| format!("query {}: {error}", at + 1)));
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
