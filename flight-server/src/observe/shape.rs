//! How much of a statement's text the log shows.

use intarsia_engine::session;

/// Bytes of a text in the log.
const LONGEST: usize = 2048;

/// How much of a statement is logged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LogSql {
    /// Nothing.
    None,
    /// Its shape: `?` in place of every literal, without comments; nothing of what does not read.
    #[default]
    Shape,
    /// All of it.
    Full,
}

impl LogSql {
    /// What of `sql` is logged, cut if it is long.
    pub(super) fn of(self, sql: &str) -> Option<String> {
        match self {
            LogSql::None => None,
            LogSql::Shape => session::shape(sql, LONGEST).map(cut),
            LogSql::Full => Some(cut(sql.to_owned())),
        }
    }
}

fn cut(mut text: String) -> String {
    if text.len() > LONGEST {
        text.truncate(text.floor_char_boundary(LONGEST));
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_shows_no_literal_and_nothing_of_what_does_not_read() {
        let shape = LogSql::Shape.of(r"SELECT E'it\'s secret word' AS word").unwrap();
        assert_eq!(shape, "SELECT ? AS word");
        assert_eq!(LogSql::Shape.of("SELECT 'it's secret'"), None);
        assert_eq!(LogSql::None.of("SELECT 1"), None);
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let long = LogSql::Full.of(&"é".repeat(5000)).unwrap();
        assert!(long.len() <= LONGEST + 3 && long.ends_with("é…"));
        let deep = LogSql::Shape.of(&"1+".repeat(100_000)).unwrap();
        assert!(deep.len() <= LONGEST + 3);
    }
}
