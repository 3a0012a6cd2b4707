//! GetXdbcTypeInfo: what ODBC's SQLGetTypeInfo shows.

use arrow::{array::AsArray, datatypes::Int32Type};
use arrow_flight::sql::{CommandGetXdbcTypeInfo, XdbcDataType};

use super::ask;
use crate::support::serve;

#[tokio::test]
async fn types_come_by_code_and_name_in_19_columns() {
    let server = serve().await;
    let rows = ask(&server, CommandGetXdbcTypeInfo::default()).await;
    assert_eq!((rows.num_columns(), rows.num_rows()), (19, 18));
    let names = rows.column(0).as_string::<i32>();
    let codes = rows.column(1).as_primitive::<Int32Type>();
    let pairs: Vec<_> = codes.iter().zip(names.iter()).collect();
    assert!(pairs.is_sorted(), "{pairs:?}");
    assert!(pairs.contains(&(Some(-5), Some("BIGINT"))));
    assert!(pairs.contains(&(Some(93), Some("TIMESTAMPTZ"))));
}

#[tokio::test]
async fn one_type_is_told_when_one_is_asked() {
    let server = serve().await;
    let asked = |code: XdbcDataType| CommandGetXdbcTypeInfo { data_type: Some(code as i32) };
    let rows = ask(&server, asked(XdbcDataType::XdbcDecimal)).await;
    assert_eq!(rows.num_rows(), 1);
    let number =
        |name: &str| rows.column_by_name(name).unwrap().as_primitive::<Int32Type>().value(0);
    assert_eq!((number("column_size"), number("maximum_scale")), (38, 38));
    assert_eq!((number("minimum_scale"), number("num_prec_radix")), (0, 10));
    let dates = ask(&server, asked(XdbcDataType::XdbcDate)).await;
    let number =
        |name: &str| dates.column_by_name(name).unwrap().as_primitive::<Int32Type>().value(0);
    assert_eq!((number("sql_data_type"), number("datetime_subcode")), (9, 1));
    assert_eq!(ask(&server, asked(XdbcDataType::XdbcInterval)).await.num_rows(), 0);
}
