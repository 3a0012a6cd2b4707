//! What a session is pinned to, so that no default of the server, the user or the database changes an answer.
//!
//! The settings are made in each transaction and end with it: they hold behind a pooler like PgBouncer too, which
//! gives every transaction another session. They cost no round trip, since they travel with its BEGIN.

use std::sync::Arc;

use intarsia_catalog::Node;
use tokio_postgres::SimpleQueryMessage;

use crate::{
    Error, ErrorKind, Result,
    pool::{Held, Pool},
};

use super::{
    connect::{Manager, Session},
    error::told,
};

/// Settings and their values, as the server spells them when asked.
const PINS: [(&str, &str); 19] = [
    ("search_path", "pg_catalog, pg_temp"), // no operator or function of a user stands before PostgreSQL's
    ("client_encoding", "UTF8"),
    ("TimeZone", "UTC"),
    ("DateStyle", "ISO, MDY"),
    ("IntervalStyle", "postgres"),
    ("extra_float_digits", "1"),
    ("bytea_output", "hex"),
    ("standard_conforming_strings", "on"),
    ("backslash_quote", "safe_encoding"),
    ("escape_string_warning", "off"),
    ("array_nulls", "on"),
    ("transform_null_equals", "off"),
    ("quote_all_identifiers", "off"),
    ("xmlbinary", "base64"),
    ("gin_fuzzy_search_limit", "0"), // else an index may leave rows out
    ("statement_timeout", "0"),      // the deadline is ours
    ("lock_timeout", "0"),
    ("idle_in_transaction_session_timeout", "0"), // a slow consumer holds a stream back
    ("default_transaction_deferrable", "off"),
];

/// Since PostgreSQL 17.
const TRANSACTION_TIMEOUT: (&str, &str) = ("transaction_timeout", "0");

/// How a transaction sees the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sight {
    /// As it is now.
    Now,
    /// As it is now, and others may join: the transaction tells its snapshot's name.
    Exported,
    /// As the transaction with this snapshot does.
    Joined(String),
}

/// A connection with a transaction begun, and the name of its snapshot if it is exported. A connection that
/// died while it was idle is found out here, and another one is taken.
pub(super) async fn begin(
    pool: &Arc<Pool<Manager>>,
    sight: &Sight,
) -> Result<(Held<Manager>, Option<String>)> {
    let mut dead = 0;
    loop {
        let held = pool.take().await?;
        match held.begin(pool.node(), sight).await {
            Ok(snapshot) => return Ok((held, snapshot)),
            Err(_) if held.client.is_closed() && dead < pool.node().connections => dead += 1,
            Err(error) => return Err(error),
        }
    }
}

impl Session {
    /// Begins a read-only transaction of one snapshot, pinned, and reads the settings back. The name of the
    /// snapshot if it is exported. The savepoint `reads` is where a read that is broken off takes it back to.
    pub(super) async fn begin(&self, node: &Node, sight: &Sight) -> Result<Option<String>> {
        let messages = self.client.simple_query(&self.begin_sql(sight)).await;
        let messages = messages.map_err(|e| told(node, &e))?;
        let mut rows = messages.iter().filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some(row),
            _ => None,
        });
        let pinned = rows.next();
        for (at, (name, value)) in self.pins().enumerate() {
            if pinned.and_then(|row| row.get(at)) != Some(value) {
                let message = format!("the setting {name} could not be set to `{value}`");
                return Err(Error::new(ErrorKind::Refused, &node.name, message));
            }
        }
        Ok(rows.next().and_then(|row| row.get(0)).map(str::to_owned))
    }

    fn pins(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let newer = (self.version >= 170_000).then_some(TRANSACTION_TIMEOUT);
        PINS.into_iter().chain(newer)
    }

    fn begin_sql(&self, sight: &Sight) -> String {
        let mut sql = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;".to_owned();
        if let Sight::Joined(snapshot) = sight {
            // Comes from `pg_export_snapshot`: hexadecimal digits and hyphens.
            sql.push_str(&format!("SET TRANSACTION SNAPSHOT '{snapshot}';"));
        }
        let pin = |(name, value)| format!("pg_catalog.set_config('{name}', '{value}', true)");
        let pins: Vec<_> = self.pins().map(pin).collect();
        sql.push_str(&format!("SELECT {};", pins.join(", ")));
        if *sight == Sight::Exported {
            sql.push_str("SELECT pg_catalog.pg_export_snapshot();");
        }
        sql.push_str("SAVEPOINT reads");
        sql
    }
}

/// Runs statements that may write, each a transaction of its own, on a connection that is closed afterwards.
pub(super) async fn run(pool: &Arc<Pool<Manager>>, statements: &[String]) -> Result<()> {
    let session = pool.take().await?;
    let node = pool.node();
    let own = "SET default_transaction_read_only = off; SET TimeZone = 'UTC'; \
               SET standard_conforming_strings = on; SET statement_timeout = 0";
    session.client.batch_execute(own).await.map_err(|e| told(node, &e))?;
    for statement in statements {
        session.client.batch_execute(statement).await.map_err(|e| told(node, &e))?;
    }
    Ok(())
}
