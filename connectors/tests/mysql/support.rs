//! What the tests share: one server of each flavor, queries and rows as texts.

use std::sync::Arc;

use arrow::util::display::array_value_to_string;
use arrow_array::{Array, RecordBatch};
use futures::TryStreamExt;
use intarsia_catalog::Type;
use intarsia_connectors::{Batches, Column, Connector, Flavor, Query, Reads, Result};
use tokio::sync::OnceCell;

use crate::server::Server;

/// One read of one relation.
pub(crate) const ONCE: Reads = Reads { streams: 1, repeats: false };

/// Every test runs on both.
pub(crate) const BOTH: [Flavor; 2] = [Flavor::MySql, Flavor::MariaDb];

/// The server of `flavor` that most tests use, started when the first one asks.
pub(crate) async fn server(flavor: Flavor) -> &'static Server {
    static MYSQL: OnceCell<Server> = OnceCell::const_new();
    static MARIADB: OnceCell<Server> = OnceCell::const_new();
    let cell = if flavor == Flavor::MariaDb { &MARIADB } else { &MYSQL };
    cell.get_or_init(|| Server::start(flavor, HOSTILE)).await
}

/// Defaults of a server that would change answers if sessions were not pinned.
const HOSTILE: &[&str] = &[
    "sql-mode=ANSI,PIPES_AS_CONCAT,PAD_CHAR_TO_FULL_LENGTH,HIGH_NOT_PRECEDENCE",
    "default-time-zone=-05:00",
    "character-set-server=latin1",
    "init-connect=SET sql_select_limit=1, sql_auto_is_null=1, group_concat_max_len=8, div_precision_increment=0, \
     lc_time_names='de_DE', default_week_format=3, sql_safe_updates=1, completion_type=2",
    "max-sort-length=64",
    "autocommit=0",
];

/// A query of nullable columns of relation `shop.t`.
pub(crate) fn query(sql: &str, columns: &[(&str, Type)]) -> Query {
    let column = |(name, ty): &(&str, Type)| Column {
        name: (*name).to_owned(),
        ty: *ty,
        nullable: true,
        local: (*name).to_owned(),
        encoding: None,
    };
    let columns = columns.iter().map(column).collect();
    Query { sql: sql.to_owned(), columns, relation: "shop.t".to_owned() }
}

/// Runs set-up statements.
pub(crate) async fn run(connector: &Arc<dyn Connector>, statements: &[&str]) {
    let statements: Vec<_> = statements.iter().map(|sql| (*sql).to_owned()).collect();
    connector.run(&statements).await.unwrap();
}

/// The whole answer, read alone.
pub(crate) async fn answer(
    connector: &Arc<dyn Connector>,
    query: Query,
) -> Result<Vec<RecordBatch>> {
    connector.reading(ONCE).open(query).await?.try_collect().await
}

/// The first column of an answer as texts; NULL is `NULL`.
pub(crate) async fn values(connector: &Arc<dyn Connector>, query: Query) -> Result<Vec<String>> {
    Ok(texts(&answer(connector, query).await?))
}

/// The rest of a stream as texts.
pub(crate) async fn rest(batches: Batches) -> Result<Vec<String>> {
    Ok(texts(&batches.try_collect::<Vec<_>>().await?))
}

fn texts(batches: &[RecordBatch]) -> Vec<String> {
    let cell = |column: &dyn Array, row| {
        if column.is_null(row) {
            return "NULL".to_owned();
        }
        array_value_to_string(column, row).unwrap()
    };
    let rows = |batch: &RecordBatch| {
        (0..batch.num_rows()).map(|row| cell(batch.column(0), row)).collect::<Vec<_>>()
    };
    batches.iter().flat_map(rows).collect()
}
