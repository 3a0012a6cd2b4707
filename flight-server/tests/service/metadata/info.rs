//! GetSqlInfo: what the server is and can do.

use std::{collections::BTreeMap, time::Duration};

use arrow::{
    array::{Array, ArrayRef, AsArray, RecordBatch},
    datatypes::{DataType, Int32Type, Int64Type, UInt32Type},
};
use arrow_flight::sql::{CommandGetSqlInfo, SqlInfo};
use intarsia_flight_server::service::Options;

use super::{ask, code};
use crate::support::{csv, fetch, serve, serve_with};

/// The infos by code: the place of the union's child, and the value.
fn infos(batch: &RecordBatch) -> BTreeMap<u32, (i8, ArrayRef)> {
    let codes = batch.column(0).as_primitive::<UInt32Type>();
    let values = batch.column(1).as_union();
    let rows = 0..batch.num_rows();
    rows.map(|row| (codes.value(row), (values.type_id(row), values.value(row)))).collect()
}

const TEXT: i8 = 0;
const FLAG: i8 = 1;
const LONG: i8 = 2;
const INT: i8 = 3;
const LIST: i8 = 4;
const MAP: i8 = 5;

/// What the JDBC driver casts each value to, from its source; ADBC and ODBC agree where they look.
fn child(code: u32) -> i8 {
    match code {
        0..=2 | 6 | 7 | 504 | 513 | 514 | 529..=531 => TEXT,
        8 | 100 | 101 => INT,
        522 | 525 | 526 | 528 | 533..=535 | 538 | 540 | 564 | 567..=571 => INT,
        503 | 505 | 507 | 541..=555 | 557..=562 => LONG,
        508..=512 => LIST,
        517 => MAP,
        _ => FLAG,
    }
}

/// The JDBC driver fails on a missing code as on an unknown one, and on a value in the wrong child.
#[tokio::test]
async fn every_code_of_the_protocol_is_there_in_the_child_that_drivers_cast_to() {
    let server = serve().await;
    let infos = infos(&ask(&server, CommandGetSqlInfo::default()).await);
    let expected: Vec<u32> = (0..=11).chain(100..=101).chain(500..=576).collect();
    assert_eq!(infos.keys().copied().collect::<Vec<_>>(), expected);
    for (code, (place, value)) in &infos {
        let known = i32::try_from(*code).ok().and_then(|code| SqlInfo::try_from(code).ok());
        assert_eq!(*place, child(*code), "{known:?}");
        assert!(value.is_valid(0), "{known:?}");
    }
}

/// C++ and Go read the union's children by place.
#[tokio::test]
async fn the_union_has_the_protocols_children() {
    let server = serve().await;
    let rows = ask(&server, CommandGetSqlInfo::default()).await;
    let DataType::Union(fields, _) = rows.column(1).data_type().clone() else { panic!() };
    let names: Vec<_> = fields.iter().map(|(id, field)| (id, field.name().clone())).collect();
    let DataType::Map(entries, _) = fields.iter().nth(5).unwrap().1.data_type() else { panic!() };
    let DataType::Struct(sides) = entries.data_type() else { panic!() };
    assert_eq!((sides[0].name().as_str(), sides[1].name().as_str()), ("key", "value"), "for Java");
    let expected = [
        (0, "string_value"),
        (1, "bool_value"),
        (2, "bigint_value"),
        (3, "int32_bitmask"),
        (4, "string_list"),
        (5, "int32_to_int32_list_map"),
    ];
    assert_eq!(names, expected.map(|(id, name)| (id, name.to_owned())));
}

/// ADBC asks for 8 at connect and for 0, 1, 2, 4, 5, 6, 7 in `adbc_get_info`.
#[tokio::test]
async fn only_what_is_asked_is_told() {
    let server = serve().await;
    let mut client = server.client().await;
    let asked = vec![SqlInfo::FlightSqlServerTransaction, SqlInfo::FlightSqlServerName];
    let info = client.get_sql_info(asked).await.unwrap();
    let rows = super::told(&mut client, info).await;
    let infos = infos(&rows);
    assert_eq!(infos.keys().collect::<Vec<_>>(), [&0, &8]);
    assert_eq!(infos[&0].1.as_string::<i32>().value(0), "Intarsia");
    assert_eq!(infos[&8].1.as_primitive::<Int32Type>().value(0), 0, "no transactions yet");
    let unknown = CommandGetSqlInfo { info: vec![3000] };
    assert_eq!(ask(&server, unknown).await.num_rows(), 0);
}

/// Each claim about what a query may say is tried.
#[tokio::test]
async fn what_is_claimed_of_queries_holds() {
    let server = serve().await;
    let mut client = server.client().await;
    for (claim, sql, answer) in [
        ("column aliases", "SELECT id AS n FROM customers WHERE id = 1", "1\n"),
        ("null plus text", "SELECT (NULL || 'a') IS NULL", "true\n"),
        ("table aliases", "SELECT c.id FROM customers AS c WHERE c.id = 1", "1\n"),
        ("the same name", "SELECT customers.id FROM orders AS customers ORDER BY 1", "10\n11\n"),
        ("ORDER BY expression", "SELECT id FROM customers ORDER BY -id", "3\n2\n1\n"),
        ("ORDER BY unrelated", "SELECT id FROM customers ORDER BY region, id", "1\n2\n3\n"),
        (
            "GROUP BY unrelated",
            "SELECT count(*) AS n FROM customers GROUP BY region ORDER BY n",
            "1\n2\n",
        ),
        ("LIKE … ESCAPE", r"SELECT 'a_b' LIKE 'a\_b' ESCAPE '\'", "true\n"),
        ("nulls high", "SELECT id FROM customers ORDER BY name, id", "1\n3\n2\n"),
        ("nulls high, down", "SELECT id FROM customers ORDER BY name DESC, id", "2\n3\n1\n"),
        (
            "full outer join",
            "SELECT count(*) FROM customers FULL JOIN orders ON customers.id = orders.customer_id",
            "3\n",
        ),
        ("compared", "SELECT id FROM customers WHERE id = (SELECT max(id) FROM customers)", "3\n"),
        (
            "EXISTS, correlated",
            "SELECT id FROM customers AS c WHERE EXISTS \
             (SELECT 1 FROM orders WHERE customer_id = c.id) ORDER BY id",
            "1\n3\n",
        ),
        ("IN", "SELECT id FROM customers WHERE id NOT IN (SELECT customer_id FROM orders)", "2\n"),
        ("ALL", "SELECT id FROM customers WHERE id >= ALL (SELECT id FROM customers)", "3\n"),
        ("ANY", "SELECT id FROM customers WHERE id < ANY (SELECT 2 FROM orders)", "1\n"),
        ("UNION", "SELECT 1 UNION SELECT 1", "1\n"),
        ("UNION ALL", "SELECT 1 UNION ALL SELECT 1", "1\n1\n"),
        ("catalog first", "SELECT count(*) FROM intarsia.public.orders", "2\n"),
        ("names fold to lower case", "SELECT ID FROM Customers WHERE Id = 1", "1\n"),
        ("quoted names keep their case", "SELECT 1 AS \"Id\"", "1\n"),
    ] {
        let info = client.execute(sql.to_owned(), None).await;
        let info = info.unwrap_or_else(|error| panic!("{claim}: {error}"));
        let rows = fetch(&mut client, &info).await;
        let rows = rows.unwrap_or_else(|error| panic!("{claim}: {error}"));
        assert_eq!(csv(&rows), answer, "{claim}");
    }
}

/// ADBC and JDBC read how long a prepared statement lives unused, in milliseconds.
#[tokio::test]
async fn bounds_are_those_of_this_server() {
    let prepared_idle = Duration::from_secs(7);
    let options = Options { statements: 9, prepared_idle, ..Options::default() };
    let infos = infos(&ask(&serve_with(options).await, CommandGetSqlInfo::default()).await);
    assert_eq!(infos[&100].1.as_primitive::<Int32Type>().value(0), 7000);
    assert_eq!(infos[&558].1.as_primitive::<Int64Type>().value(0), 9);
}

/// The longest statement that is told is taken, and one byte more is not.
#[tokio::test]
async fn the_longest_statement_is_as_told() {
    let server = serve().await;
    let infos = infos(&ask(&server, CommandGetSqlInfo { info: vec![557] }).await);
    let longest = infos[&557].1.as_primitive::<Int64Type>().value(0);
    let longest = usize::try_from(longest).unwrap();
    let sql = |length: usize| format!("SELECT 1{}", " ".repeat(length - 8));
    let mut client = server.client().await;
    client.execute(sql(longest), None).await.unwrap();
    let error = client.execute(sql(longest + 1), None).await.unwrap_err();
    assert_eq!(code(error), tonic::Code::ResourceExhausted);
}

/// The lists are of what there is: names of functions run, and reserved words do not pass for names.
#[tokio::test]
async fn functions_and_words_are_those_of_queries() {
    let server = serve().await;
    let rows = ask(&server, CommandGetSqlInfo { info: (508..=512).collect() }).await;
    let infos = infos(&rows);
    let list = |code: u32| -> Vec<String> {
        let list = infos[&code].1.as_list::<i32>().value(0);
        list.as_string::<i32>().iter().map(|word| word.unwrap().to_owned()).collect()
    };
    for (code, some) in [
        (508, ["SELECT", "WHERE"]),
        (509, ["abs", "round"]),
        (510, ["upper", "substr"]),
        (511, ["coalesce", "version"]),
        (512, ["date_trunc", "now"]),
    ] {
        let words = list(code);
        assert!(words.is_sorted(), "{code}");
        assert!(some.iter().all(|some| words.iter().any(|word| word == some)), "{code}: {words:?}");
    }
}
