//! Catalogs, schemas, tables.

use arrow::{
    array::{Array, AsArray},
    datatypes::Schema,
};
use arrow_flight::{
    IpcMessage,
    sql::{CommandGetCatalogs, CommandGetDbSchemas, CommandGetTableTypes, CommandGetTables},
};

use super::{ask, lines};
use crate::support::{Running, serve};

async fn tables(server: &Running, asked: CommandGetTables) -> Vec<String> {
    let rows = ask(server, asked).await;
    let names = rows.column_by_name("table_name").unwrap().as_string::<i32>();
    names.iter().map(|name| name.unwrap().to_owned()).collect()
}

fn named(pattern: &str) -> CommandGetTables {
    CommandGetTables { table_name_filter_pattern: Some(pattern.into()), ..Default::default() }
}

/// `adbc_get_objects`, JDBC's `getCatalogs`, ODBC's SQLTables("%").
#[tokio::test]
async fn there_is_one_catalog() {
    let server = serve().await;
    assert_eq!(lines(&ask(&server, CommandGetCatalogs {}).await), ["intarsia"]);
}

/// ADBC sends a pattern only, JDBC also the catalog.
#[tokio::test]
async fn schemas_are_found_by_catalog_and_pattern() {
    let server = serve().await;
    let schemas = async |catalog: Option<&str>, pattern: Option<&str>| {
        let catalog = catalog.map(str::to_owned);
        let db_schema_filter_pattern = pattern.map(str::to_owned);
        lines(&ask(&server, CommandGetDbSchemas { catalog, db_schema_filter_pattern }).await)
    };
    let all = ["intarsia,information_schema", "intarsia,public", "intarsia,sales"];
    assert_eq!(schemas(None, None).await, all);
    assert_eq!(schemas(Some("intarsia"), Some("%")).await, all);
    assert_eq!(schemas(None, Some("_ales")).await, ["intarsia,sales"]);
    assert_eq!(schemas(Some("Intarsia"), None).await, [""; 0]);
    assert_eq!(schemas(Some(""), None).await, [""; 0], "every schema is of a catalog");
}

#[tokio::test]
async fn tables_come_by_schema_and_name_with_their_types() {
    let server = serve().await;
    let rows = lines(&ask(&server, CommandGetTables::default()).await);
    let ours: Vec<_> = rows.iter().filter(|row| row.ends_with(",TABLE")).collect();
    assert_eq!(
        ours,
        [
            "intarsia,public,customers,TABLE",
            "intarsia,public,orders,TABLE",
            "intarsia,sales,odd_name,TABLE"
        ]
    );
    assert!(rows.is_sorted(), "{rows:?}");
    assert!(rows.contains(&"intarsia,information_schema,columns,SYSTEM TABLE".to_owned()));
}

/// `get_table_schema` sends a name as it is; JDBC escapes it with what SQL_SEARCH_STRING_ESCAPE says.
#[tokio::test]
async fn a_table_is_found_by_pattern_by_name_and_by_escaped_name() {
    let server = serve().await;
    for pattern in ["odd_name", "odd\\_name", "odd%", "%\\_name", "___\\_____"] {
        assert_eq!(tables(&server, named(pattern)).await, ["odd_name"], "{pattern}");
    }
    for pattern in ["odd", "odd\\%", "ODD_NAME", "", "odd\\_nam"] {
        assert_eq!(tables(&server, named(pattern)).await, [""; 0], "{pattern}");
    }
    let of = |schema: &str| CommandGetTables {
        db_schema_filter_pattern: Some(schema.into()),
        table_types: vec!["TABLE".into()],
        ..Default::default()
    };
    assert_eq!(tables(&server, of("sal%")).await, ["odd_name"]);
    assert_eq!(tables(&server, of("%")).await, ["customers", "orders", "odd_name"]);
    assert_eq!(tables(&server, of("")).await, [""; 0], "every table is in a schema");
}

/// No catalog is any catalog, and the empty one has no tables.
#[tokio::test]
async fn a_catalog_is_named_exactly_or_not_at_all() {
    let server = serve().await;
    let of = |catalog: &str| CommandGetTables {
        catalog: Some(catalog.into()),
        table_types: vec!["TABLE".into()],
        ..Default::default()
    };
    assert_eq!(tables(&server, of("intarsia")).await.len(), 3);
    for other in ["", "intars%", "INTARSIA"] {
        assert_eq!(tables(&server, of(other)).await, [""; 0], "{other}");
    }
}

/// JDBC hands the types back that GetTableTypes told.
#[tokio::test]
async fn types_of_tables_are_told_and_taken() {
    let server = serve().await;
    let types = lines(&ask(&server, CommandGetTableTypes {}).await);
    assert_eq!(types, ["SYSTEM TABLE", "TABLE", "VIEW"]);
    let of =
        |types: &[String]| CommandGetTables { table_types: types.to_vec(), ..Default::default() };
    let all = tables(&server, of(&types)).await;
    assert_eq!(all, tables(&server, of(&[])).await);
    assert_eq!(tables(&server, of(&types[1..])).await, ["customers", "orders", "odd_name"]);
    assert_eq!(tables(&server, of(&["LOCAL TEMPORARY".into()])).await, [""; 0]);
}

/// JDBC's `getColumns`, ODBC's SQLColumns, ADBC's `xdbc_*`: one message a table, with real nullability.
#[tokio::test]
async fn columns_come_as_a_message_of_arrow() {
    let server = serve().await;
    let asked = CommandGetTables { include_schema: true, ..named("customers") };
    let rows = ask(&server, asked).await;
    let message = rows.column_by_name("table_schema").unwrap().as_binary::<i32>().value(0);
    assert_eq!(message[..4], [0xff; 4], "with a continuation, as every message has");
    let columns = Schema::try_from(IpcMessage(message.to_vec().into())).unwrap();
    let fields: Vec<_> = columns
        .fields()
        .iter()
        .map(|field| {
            let told = |key: &str| field.metadata().get(&format!("ARROW:FLIGHT:SQL:{key}"));
            let text = |key| told(key).map_or("-", String::as_str);
            format!(
                "{} {} {}({},{}) {}.{}.{} {}{}{}{}",
                field.name(),
                field.is_nullable(),
                text("TYPE_NAME"),
                text("PRECISION"),
                text("SCALE"),
                text("CATALOG_NAME"),
                text("DB_SCHEMA_NAME"),
                text("TABLE_NAME"),
                text("IS_CASE_SENSITIVE"),
                text("IS_SEARCHABLE"),
                text("IS_READ_ONLY"),
                text("IS_AUTO_INCREMENT"),
            )
        })
        .collect();
    assert_eq!(
        fields,
        [
            "id false BIGINT(19,0) intarsia.public.customers 0110",
            "name true TEXT(-,-) intarsia.public.customers 1110",
            "region false TEXT(-,-) intarsia.public.customers 1110",
            "balance true DECIMAL(12,2) intarsia.public.customers 0110",
            "since true DATE(10,0) intarsia.public.customers 0110",
            "seen true TIMESTAMP(26,6) intarsia.public.customers 0110",
        ]
    );
    let comment = columns.metadata().get("ARROW:FLIGHT:SQL:REMARKS").map(String::as_str);
    assert_eq!(comment, Some("people who buy"));
}

/// What a client is told of a system table is what a query of it has.
#[tokio::test]
async fn system_tables_have_the_columns_that_a_query_has() {
    let server = serve().await;
    let asked = CommandGetTables {
        include_schema: true,
        table_types: vec!["SYSTEM TABLE".into()],
        ..Default::default()
    };
    let rows = ask(&server, asked).await;
    let names = rows.column_by_name("table_name").unwrap().as_string::<i32>();
    let schemas = rows.column_by_name("table_schema").unwrap().as_binary::<i32>();
    assert!(names.len() >= 6, "{names:?}");
    for (name, schema) in names.iter().flatten().zip(schemas.iter().flatten()) {
        let told = Schema::try_from(IpcMessage(schema.to_vec().into())).unwrap();
        let query = format!("SELECT * FROM information_schema.{name}");
        let info = server.client().await.execute(query, None).await.unwrap();
        let real = Schema::try_from(IpcMessage(info.schema)).unwrap();
        let shape = |schema: &Schema| -> Vec<_> {
            let fields = schema.fields().iter();
            fields.map(|it| (it.name().clone(), it.data_type().clone(), it.is_nullable())).collect()
        };
        assert_eq!(shape(&told), shape(&real), "{name}");
    }
}
