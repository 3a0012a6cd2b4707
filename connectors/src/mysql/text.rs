//! Keeps the driver's hands off the text of a statement.

use std::borrow::Cow;

/// The statement in a spelling that the driver passes on as it is.
///
/// The driver (0.37) looks for parameters like `:name` in every text that it prepares and sends a `?` in their
/// place. It knows to skip quotes, but takes a backslash for an escape, which it is not in our sessions, and
/// overlooks a quote right after `-` or `/`; so a `:name` inside of a literal could silently become another
/// literal. Where the text has anything like `:name`, it is written so that the driver sees quotes where the
/// server sees them.
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

/// Where a quote follows a backslash, the driver takes it for part of the literal: there the literal ends, and in
/// a comment stands the quote that ends it for the driver. Literals that stand side by side are one.
fn push_quoted(out: &mut String, token: &str) {
    let mut rest = token;
    while let Some(at) = rest.find('\\').filter(|_| token.starts_with('\'')) {
        let (before, after) = rest.split_at(at + 1);
        out.push_str(before);
        rest = match after.as_bytes() {
            [b'\''] => return out.push_str("'/*'*/ "),
            [b'\'', ..] => {
                out.push_str("'/*'*/ '''");
                &after[2..]
            }
            _ => {
                let skipped = after.chars().next().map_or(0, char::len_utf8);
                out.push_str(&after[..skipped]);
                &after[skipped..]
            }
        };
    }
    out.push_str(rest);
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
            r"SELECT 1 FROM t WHERE a =  '\'/*'*/  AND b =  'x :y'"
        );
        assert_eq!(untouched(r"SELECT ':a\''b\\\'"), r"SELECT  ':a\'/*'*/ '''b\\\'/*'*/ ");
        assert_eq!(untouched(r"SELECT 'it''s \é :a'"), r"SELECT  'it''s \é :a'");
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
