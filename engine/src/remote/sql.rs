//! The one writer of SQL text.
//!
//! A [`Sql`] is put together from constant keywords, names and literals only: a name or a value reaches it
//! through [`quoted`](Sql::quoted) or [`text`](Sql::text), which double the quote that ends them. There is no
//! other way from a `String` to SQL, so no value can be read as syntax.

use std::fmt;

/// A piece of SQL text in some node's dialect.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Sql(String);

impl Sql {
    /// A name between two `quote` characters (`"` or a backtick).
    pub(crate) fn quoted(name: &str, quote: char) -> Sql {
        let doubled = name.replace(quote, &format!("{quote}{quote}"));
        Sql(format!("{quote}{doubled}{quote}"))
    }

    /// A text literal, for nodes on which a backslash means itself (every session is pinned so).
    pub(crate) fn text(value: &str) -> Sql {
        Sql(format!("'{}'", value.replace('\'', "''")))
    }

    /// A number whose text holds digits, a sign, a point and an exponent at most; anything else is quoted.
    pub(crate) fn number(text: &str) -> Sql {
        let plain = text
            .bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b'-' | b'+' | b'.' | b'e' | b'E'));
        if !plain {
            return Sql::text(text);
        }
        if text.starts_with('-') { Sql(format!("({text})")) } else { Sql(text.to_owned()) }
    }

    /// Pieces one after another.
    pub(crate) fn concat(pieces: impl IntoIterator<Item = Sql>) -> Sql {
        Sql(pieces.into_iter().map(|piece| piece.0).collect())
    }

    /// Pieces with a separator between.
    pub(crate) fn join(pieces: impl IntoIterator<Item = Sql>, separator: &'static str) -> Sql {
        Sql(pieces.into_iter().map(|piece| piece.0).collect::<Vec<_>>().join(separator))
    }

    /// The text.
    pub(crate) fn into_string(self) -> String {
        self.0
    }
}

impl From<&'static str> for Sql {
    fn from(keyword: &'static str) -> Sql {
        Sql(keyword.to_owned())
    }
}

impl From<&Sql> for Sql {
    fn from(sql: &Sql) -> Sql {
        sql.clone()
    }
}

impl fmt::Display for Sql {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Puts keywords (constant texts) and pieces together: `sql!["(", left, " = ", right, ")"]`.
macro_rules! sql {
    ($($piece:expr),* $(,)?) => { $crate::remote::sql::Sql::concat([$($crate::remote::sql::Sql::from($piece)),*]) };
}
pub(crate) use sql;
