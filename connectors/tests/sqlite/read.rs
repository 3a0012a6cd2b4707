//! Reading rows.

use arrow_array::{cast::AsArray, types::Int64Type};
use intarsia_catalog::Type;

use crate::support::{File, query};

#[tokio::test]
async fn rows_come_in_batches_of_the_promised_schema() {
    let file = File::new(&[
        "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)",
        "INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) \
         SELECT i, 'name ' || i FROM n",
    ])
    .await;
    let query = query("SELECT id, name FROM t", &[("id", Type::BigInt), ("name", Type::Text)]);
    let batches = file.rows(query.clone()).await.unwrap();
    assert_eq!(
        batches.iter().map(|batch| batch.num_rows()).collect::<Vec<_>>(),
        [8192, 8192, 3616]
    );
    assert!(batches.iter().all(|batch| batch.schema() == query.schema()));
    assert_eq!(batches[2].column(0).as_primitive::<Int64Type>().value(3615), 20_000);
    assert_eq!(batches[2].column(1).as_string::<i32>().value(3615), "name 20000");
}
