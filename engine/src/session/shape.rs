//! A statement's text without what it is about: values may be private, names and structure are not.

use datafusion::sql::sqlparser::tokenizer::{Token, Whitespace};

use super::{limits, statement};

/// The text with `?` for every literal and without comments, about as much of it as `bytes`. It is made of the very tokens
/// that the parser takes: what another reader of SQL takes for the end of a literal may be the middle of it here.
///
/// None if it does not read, since then nobody knows where a literal ends, and if it is longer than any statement may be.
pub fn shape(sql: &str, bytes: usize) -> Option<String> {
    limits::check_text(sql).ok()?;
    let mut shape = String::with_capacity(sql.len().min(bytes));
    for token in statement::tokenize(sql).ok()? {
        if shape.len() > bytes {
            break;
        }
        shape.push_str(&shown(&token.token));
    }
    Some(shape)
}

fn shown(token: &Token) -> String {
    match token {
        Token::Whitespace(
            Whitespace::SingleLineComment { .. } | Whitespace::MultiLineComment(_),
        ) => " ".to_owned(),
        Token::Whitespace(_) | Token::Word(_) | Token::Placeholder(_) => token.to_string(),
        // What is allowed is listed and not the kinds of literals, so that one more of these is hidden too: every literal has
        // a digit, a letter or a quote.
        _ => Some(token.to_string()).filter(|text| is_symbol(text)).unwrap_or("?".to_owned()),
    }
}

fn is_symbol(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_punctuation() && !matches!(c, '\'' | '"' | '`' | '$'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(sql: &str) -> Option<String> {
        shape(sql, usize::MAX)
    }

    #[test]
    fn literals_and_comments_are_left_out_and_names_stay() {
        for (sql, expected) in [
            ("SELECT a1, \"o'dd 7\" FROM t2", "SELECT a1, \"o'dd 7\" FROM t2"),
            ("WHERE n = 'O''Brien' AND x > 1.5e-3", "WHERE n = ? AND x > ?"),
            ("x = E'a' OR y = DATE '2025-01-01'", "x = ? OR y = DATE ?"),
            ("LIMIT 10 -- for Ada\nOFFSET 5", "LIMIT ?  OFFSET ?"),
            ("a /* Ada /* 1 */ 2 */ b", "a   b"),
            ("id = $1 AND b = $$Ada$$ OR c = $x$ $y$ $x$", "id = $1 AND b = ? OR c = ?"),
            ("a-1, 0x1F, .5, é9", "a-?, ?, ?, é9"),
            ("f(a.b)[1]::text <> ANY (?)", "f(a.b)[?]::text <> ANY (?)"),
            ("x IN ('', '***', $$$$)", "x IN (?, ?, ?)"),
        ] {
            assert_eq!(whole(sql).as_deref(), Some(expected), "{sql}");
        }
    }

    /// Quotes inside of them end nothing.
    #[test]
    fn literals_of_every_kind_are_left_out_as_a_whole() {
        for sql in [
            r"SELECT E'it\'s Ada Ada'",
            r"SELECT e'\\\' Ada '",
            "SELECT Q'[it's Ada ]'",
            "SELECT nq'{it's Ada }'",
            "SELECT N'it''s Ada '",
            "SELECT X'Ada'",
            "SELECT B'Ada', R'Ada '",
            r"SELECT U&'\0041da Ada'",
        ] {
            let shape = whole(sql);
            assert!(shape.as_ref().is_none_or(|shape| !shape.contains("Ada")), "{sql}: {shape:?}");
        }
    }

    #[test]
    fn of_what_does_not_read_nothing_is_shown() {
        for sql in ["'Ada", "$$Ada", "/* Ada", "$a$ Ada $b$", "SELECT 'it's Ada'", "\"Ada"] {
            assert_eq!(whole(sql), None, "{sql}");
        }
        assert_eq!(whole(&format!("SELECT {}", " ".repeat(limits::SQL_BYTES))), None);
    }

    #[test]
    fn a_long_text_is_shown_in_part() {
        let long = shape(&"1+".repeat(100_000), 100).unwrap();
        assert!((100..110).contains(&long.len()), "{long}");
    }
}
