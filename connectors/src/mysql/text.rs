//! Keeps the driver's hands off the text of a statement.

use std::{borrow::Cow, fmt::Write};

/// The statement in a spelling that the driver passes on as it is.
///
/// The driver (0.37) looks for parameters like `:name` in every text that it prepares and sends a `?` in their
/// place. It knows to skip quotes, but takes a backslash for an escape, which it is not in our sessions, and
/// overlooks a quote right after `-` or `/`; so a `:name` inside of a literal could silently become another
/// literal. Where the text has anything like `:name`, literals with a backslash are written in hex, and every
/// quote stands after a space: then the driver sees quotes where the server sees them.
pub(super) fn untouched(sql: &str) -> Cow<'_, str> {
    if !mentions_parameter(sql.as_bytes()) {
        return Cow::Borrowed(sql);
    }
    let mut out = String::with_capacity(sql.len() + 64);
    let mut rest = sql;
    while let Some(at) = rest.find(['\'', '`']) {
        let (before, quoted) = rest.split_at(at);
        let (token, after) = quoted.split_at(end_of_quoted(quoted));
        out.push_str(before);
        out.push(' ');
        push_quoted(&mut out, token);
        rest = after;
    }
    out.push_str(rest);
    Cow::Owned(out)
}

fn mentions_parameter(sql: &[u8]) -> bool {
    sql.windows(2).any(|pair| pair[0] == b':' && matches!(pair[1], b'a'..=b'z' | b'_'))
}

/// Where the quoted token at the front of `text` ends; a quote inside is doubled.
fn end_of_quoted(text: &str) -> usize {
    let bytes = text.as_bytes();
    let quote = bytes[0];
    let mut at = 1;
    while at < bytes.len() {
        if bytes[at] != quote {
            at += 1;
        } else if bytes.get(at + 1) == Some(&quote) {
            at += 2;
        } else {
            return at + 1;
        }
    }
    bytes.len()
}

fn push_quoted(out: &mut String, token: &str) {
    let literal = token.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    let Some(escaped) = literal.filter(|literal| literal.contains('\\')) else {
        return out.push_str(token);
    };
    out.push_str("_utf8mb4 X'");
    for byte in escaped.replace("''", "'").bytes() {
        let _ = write!(out, "{byte:02X}"); // a String never fails
    }
    out.push('\'');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_statements_stay_as_they_are() {
        for sql in
            ["SELECT `a` FROM `t` WHERE `b` = 'c:\\ d'", "SELECT TIME '10:00:00', 'A:B', '::'"]
        {
            assert!(matches!(untouched(sql), Cow::Borrowed(_)), "{sql}");
        }
    }

    #[test]
    fn a_backslash_does_not_hide_the_end_of_a_literal() {
        assert_eq!(
            untouched(r"SELECT 1 FROM t WHERE a = '\' AND b = 'x :y'"),
            r"SELECT 1 FROM t WHERE a =  _utf8mb4 X'5C' AND b =  'x :y'"
        );
        assert_eq!(untouched(r"SELECT 'it''s \ :a'"), r"SELECT  _utf8mb4 X'69742773205C203A61'");
    }

    #[test]
    fn a_quote_after_an_operator_is_seen() {
        assert_eq!(untouched("SELECT a/`b:c`, 1-`d``:e`"), "SELECT a/ `b:c`, 1- `d``:e`");
    }

    #[test]
    fn a_quote_that_does_not_end_is_left_to_the_server() {
        assert_eq!(untouched("SELECT ':a"), "SELECT  ':a");
        assert_eq!(untouched(r"SELECT ':a\"), r"SELECT  ':a\");
    }
}
