//! What is told of the columns of results.

use arrow::datatypes::Schema;
use arrow_flight::IpcMessage;

use crate::support::serve;

/// JDBC's ResultSetMetaData takes a decimal's digits from there, and replaces a column's label by its remarks.
#[tokio::test]
async fn columns_of_results_are_told_as_those_of_tables_but_without_remarks() {
    let server = serve().await;
    let sql = "SELECT balance, upper(name) AS loud, seen, 1.50 AS price FROM customers";
    let info = server.client().await.execute(sql.to_owned(), None).await.unwrap();
    let schema = Schema::try_from(IpcMessage(info.schema)).unwrap();
    let told: Vec<_> = schema
        .fields()
        .iter()
        .map(|field| {
            let told = |key: &str| field.metadata().get(&format!("ARROW:FLIGHT:SQL:{key}"));
            assert_eq!(told("REMARKS"), None);
            let text = |key| told(key).map_or("-", String::as_str);
            let name = field.name();
            format!("{name} {}({},{})", text("TYPE_NAME"), text("PRECISION"), text("SCALE"))
        })
        .collect();
    let expected =
        ["balance DECIMAL(12,2)", "loud TEXT(-,-)", "seen TIMESTAMP(26,6)", "price DECIMAL(3,2)"];
    assert_eq!(told, expected);
}
