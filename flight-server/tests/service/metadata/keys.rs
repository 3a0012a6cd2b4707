//! Primary and foreign keys: what JDBC's `getPrimaryKeys` and its kin, and so diagrams, are made of.

use arrow::array::RecordBatch;
use arrow_flight::sql::{
    CommandGetCrossReference, CommandGetExportedKeys, CommandGetImportedKeys, CommandGetPrimaryKeys,
};

use super::{ask, lines};
use crate::support::serve;

const FOREIGN: &str = "intarsia,public,customers,id,intarsia,public,orders,customer_id,1,\
                       orders_customer_id_fkey,customers_pkey,3,3";

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[tokio::test]
async fn a_primary_key_is_told_column_by_column() {
    let server = serve().await;
    let key = async |schema: Option<&str>, table: &str| {
        let db_schema = schema.map(str::to_owned);
        let asked = CommandGetPrimaryKeys { catalog: None, db_schema, table: table.to_owned() };
        lines(&ask(&server, asked).await)
    };
    let customers = ["intarsia,public,customers,id,1,customers_pkey"];
    assert_eq!(key(None, "customers").await, customers);
    assert_eq!(key(Some("public"), "customers").await, customers);
    assert_eq!(key(Some("sales"), "customers").await, [""; 0]);
    assert_eq!(key(Some("sales"), "odd_name").await, [""; 0], "a table without a key");
    assert_eq!(key(None, "%").await, [""; 0], "a name, no pattern");
}

#[tokio::test]
async fn a_followed_table_exports_a_key_and_its_follower_imports_it() {
    let server = serve().await;
    let exported = async |table: &str| {
        let asked = CommandGetExportedKeys { table: table.to_owned(), ..Default::default() };
        lines(&ask(&server, asked).await)
    };
    let imported = async |table: &str| {
        let catalog = text("intarsia");
        let asked =
            CommandGetImportedKeys { catalog, db_schema: text("public"), table: table.to_owned() };
        lines(&ask(&server, asked).await)
    };
    assert_eq!(exported("customers").await, [FOREIGN]);
    assert_eq!(imported("orders").await, [FOREIGN]);
    assert_eq!(exported("orders").await, [""; 0]);
    assert_eq!(imported("customers").await, [""; 0]);
}

#[tokio::test]
async fn keys_between_two_tables_go_one_way() {
    let server = serve().await;
    let between = async |parent: &str, child: &str| {
        let asked = CommandGetCrossReference {
            pk_table: parent.to_owned(),
            fk_table: child.to_owned(),
            ..Default::default()
        };
        lines(&ask(&server, asked).await)
    };
    assert_eq!(between("customers", "orders").await, [FOREIGN]);
    assert_eq!(between("orders", "customers").await, [""; 0]);
}

/// A column as the protocol lists it.
fn columns(rows: &RecordBatch) -> Vec<String> {
    let schema = rows.schema();
    let told = schema.fields().iter().map(|field| {
        let null = if field.is_nullable() { "" } else { " not null" };
        format!("{} {}{null}", field.name(), field.data_type())
    });
    told.collect()
}

/// JDBC's driver goes by name, others by place and type.
#[tokio::test]
async fn keys_come_in_the_protocols_columns() {
    let server = serve().await;
    let primary = columns(&ask(&server, CommandGetPrimaryKeys::default()).await);
    assert_eq!(
        primary,
        [
            "catalog_name Utf8",
            "db_schema_name Utf8",
            "table_name Utf8 not null",
            "column_name Utf8 not null",
            "key_sequence Int32 not null",
            "key_name Utf8",
        ]
    );
    let foreign = [
        "pk_catalog_name Utf8",
        "pk_db_schema_name Utf8",
        "pk_table_name Utf8 not null",
        "pk_column_name Utf8 not null",
        "fk_catalog_name Utf8",
        "fk_db_schema_name Utf8",
        "fk_table_name Utf8 not null",
        "fk_column_name Utf8 not null",
        "key_sequence Int32 not null",
        "fk_key_name Utf8",
        "pk_key_name Utf8",
        "update_rule UInt8 not null",
        "delete_rule UInt8 not null",
    ];
    assert_eq!(columns(&ask(&server, CommandGetExportedKeys::default()).await), foreign);
    assert_eq!(columns(&ask(&server, CommandGetImportedKeys::default()).await), foreign);
    assert_eq!(columns(&ask(&server, CommandGetCrossReference::default()).await), foreign);
}
