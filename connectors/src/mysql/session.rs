//! What every session is pinned to, so that no default of a server, a database or a user changes an answer.

use mysql_async::{Conn, Row, Value, prelude::Queryable};

use crate::{Error, ErrorKind, Flavor, Result, Server};

use super::{connect::Access, error::driver};

/// A session variable and the text that the server reads it back as.
type Pin = (&'static str, &'static str);

/// How long the server keeps an idle session.
pub(super) const WAIT_TIMEOUT_SECONDS: usize = 28800;

const MOST: &str = "18446744073709551615";

/// A literal only doubles its quotes, division by zero is NULL, and nothing is padded or read loosely.
const SQL_MODE: &str = "NO_BACKSLASH_ESCAPES,STRICT_ALL_TABLES";

/// Of both flavors. A week of `net_write_timeout`: a stream that is not read yet is no broken one.
const PINS: &[Pin] = &[
    ("sql_mode", SQL_MODE),
    ("time_zone", "+00:00"),
    ("character_set_client", "utf8mb4"),
    ("character_set_results", "utf8mb4"),
    ("autocommit", "1"),
    ("completion_type", "NO_CHAIN"),
    ("default_week_format", "0"),
    ("div_precision_increment", "4"),
    ("group_concat_max_len", "1073741824"),
    ("lc_time_names", "en_US"),
    ("max_join_size", MOST),
    ("net_write_timeout", "604800"),
    ("sql_auto_is_null", "0"),
    ("sql_big_selects", "1"),
    ("sql_buffer_result", "0"),
    ("sql_safe_updates", "0"),
    ("sql_select_limit", MOST),
    ("wait_timeout", "28800"), // WAIT_TIMEOUT_SECONDS
];

const MYSQL: &[Pin] = &[
    ("max_execution_time", "0"),
    ("max_sort_length", "8388608"),
    ("windowing_use_high_precision", "1"),
];

/// MySQL (9.7) copies conditions into derived tables by printing and parsing them, and doubles every backslash of a
/// literal where it is no escape: `c = '\'` finds nothing in a UNION then.
const NO_COPIES: Pin = (SWITCHES, "derived_condition_pushdown=off");

/// Read back as a list of all switches.
const SWITCHES: &str = "optimizer_switch";

/// MariaDB (10.11) sorts texts by `max_sort_length` bytes, also to group them and in windows, and takes texts
/// that agree so far for equal; it reserves that much per key in the sort buffer, 15 times over. 64 KiB cover
/// every `varchar`; texts that agree over more than that may still come in any order.
const MARIADB: &[Pin] = &[
    ("idle_readonly_transaction_timeout", "0"),
    ("idle_transaction_timeout", "0"),
    ("max_sort_length", "65536"),
    ("max_statement_time", "0.000000"),
    ("old_mode", ""),
    ("sort_buffer_size", "33554432"),
    ("system_versioning_asof", "DEFAULT"),
];

/// Pins the session of `server`, which has these optimizer switches, and reads everything back.
///
/// # Errors
/// `Mismatch` if the server keeps another value: answers would depend on it.
pub(super) async fn pin(
    conn: &mut Conn,
    (server, switches): (&Server, &str),
    access: Access,
    node: &str,
) -> Result<()> {
    let mut pins = pins(server, access);
    if switches.contains("derived_condition_pushdown=") {
        pins.push(NO_COPIES);
    }
    conn.query_drop(set(&pins)).await.map_err(|e| driver(node, e))?;
    let row: Option<Row> = conn.query_first(read_back(&pins)).await.map_err(|e| driver(node, e))?;
    let values = row.map(Row::unwrap).unwrap_or_default();
    if values.len() != pins.len() {
        return Err(Error::new(
            ErrorKind::Mismatch,
            node,
            "the server does not tell its session variables",
        ));
    }
    pins.iter().zip(&values).try_for_each(|(pin, value)| check(pin, value, node))
}

fn pins(server: &Server, access: Access) -> Vec<Pin> {
    let own = if server.flavor == Flavor::MariaDb { MARIADB } else { MYSQL };
    let mut pins = [PINS, own].concat();
    let (isolation, read_only) = transaction(server);
    pins.push((isolation, "REPEATABLE-READ"));
    pins.push((read_only, if access == Access::Read { "1" } else { "0" }));
    pins.push(("collation_connection", collation(server)));
    pins
}

/// How the variables of isolation and of reading only are called.
fn transaction(server: &Server) -> (&'static str, &'static str) {
    if server.flavor == Flavor::MariaDb && server.version < (11, 1, 1) {
        ("tx_isolation", "tx_read_only")
    } else {
        ("transaction_isolation", "transaction_read_only")
    }
}

/// The collation of literals and of what casts make: by bytes and without padding, as far as the server has
/// such a one.
fn collation(server: &Server) -> &'static str {
    match server.flavor {
        Flavor::MariaDb => "utf8mb4_nopad_bin",
        _ if server.version >= (8, 0, 17) => "utf8mb4_0900_bin",
        _ => "utf8mb4_bin",
    }
}

fn set(pins: &[Pin]) -> String {
    let one = |(name, value): &Pin| {
        if *value == "DEFAULT" || value.parse::<f64>().is_ok() {
            format!("{name} = {value}")
        } else {
            format!("{name} = '{value}'")
        }
    };
    format!("SET SESSION {}", pins.iter().map(one).collect::<Vec<_>>().join(", "))
}

fn read_back(pins: &[Pin]) -> String {
    let one = |(name, _): &Pin| format!("@@SESSION.{name}");
    format!("SELECT {}", pins.iter().map(one).collect::<Vec<_>>().join(", "))
}

fn check((name, wanted): &Pin, value: &Value, node: &str) -> Result<()> {
    let found = text(value);
    let listed = *name == SWITCHES && found.split(',').any(|switch| switch == *wanted);
    if listed || found == *wanted {
        return Ok(());
    }
    let message = format!("the session's {name} is `{found}`, not `{wanted}`");
    Err(Error::new(ErrorKind::Mismatch, node, message))
}

/// A value of the text protocol.
fn text(value: &Value) -> String {
    match value {
        Value::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Value::NULL => "NULL".to_owned(),
        other => other.as_sql(true),
    }
}
