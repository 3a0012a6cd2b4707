//! A statement's text without what it is about: values may be private, names and structure are not.

use std::iter::Peekable;

/// Bytes of a text in the log.
const LONGEST: usize = 2048;

/// How much of a statement is logged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LogSql {
    /// Nothing.
    None,
    /// Its shape: `?` in place of every literal, without comments.
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
            LogSql::Shape => Some(cut(shape(sql))),
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

/// The text with `?` for every literal. What does not end (a quote, a comment) is taken as a literal up to the end of the
/// text: in doubt less is shown.
fn shape(sql: &str) -> String {
    let mut shape = String::with_capacity(sql.len().min(LONGEST));
    let mut rest = sql.chars().peekable();
    while let Some(next) = rest.next() {
        match next {
            '\'' => {
                quoted(&mut rest, '\'');
                shape.push('?');
            }
            '"' | '`' => {
                shape.push(next);
                shape.push_str(&quoted(&mut rest, next));
                shape.push(next);
            }
            '$' if dollar_quoted(&mut rest, &mut shape) => {}
            '-' if rest.peek() == Some(&'-') => {
                rest.by_ref().take_while(|c| *c != '\n').for_each(drop);
                shape.push(' ');
            }
            '/' if rest.peek() == Some(&'*') => {
                block_comment(&mut rest);
                shape.push(' ');
            }
            digit if digit.is_ascii_digit() => {
                number(&mut rest);
                shape.push('?');
            }
            letter if is_word(letter) => {
                shape.push(letter);
                while let Some(more) = rest.next_if(|c| is_word(*c)) {
                    shape.push(more);
                }
            }
            other => shape.push(other),
        }
        if shape.len() > LONGEST {
            return shape;
        }
    }
    shape
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// What stands up to the closing quote, which is doubled inside.
fn quoted(rest: &mut Peekable<impl Iterator<Item = char>>, quote: char) -> String {
    let mut inside = String::new();
    while let Some(next) = rest.next() {
        if next != quote {
            inside.push(next);
        } else if rest.next_if_eq(&quote).is_some() {
            inside.extend([quote, quote]);
        } else {
            break;
        }
    }
    inside
}

/// After a `$`: a parameter's number is kept, `$tag$…$tag$` is a literal.
fn dollar_quoted(rest: &mut Peekable<impl Iterator<Item = char>>, shape: &mut String) -> bool {
    let mut tag = String::new();
    while let Some(letter) = rest.next_if(|c| is_word(*c)) {
        tag.push(letter);
    }
    if rest.next_if_eq(&'$').is_none() {
        shape.push('$');
        shape.push_str(&tag);
        return true;
    }
    let end = format!("${tag}$");
    let mut inside = String::new();
    for next in rest.by_ref() {
        inside.push(next);
        if inside.ends_with(&end) {
            break;
        }
    }
    shape.push('?');
    true
}

/// The rest of a comment, others inside it included.
fn block_comment(rest: &mut Peekable<impl Iterator<Item = char>>) {
    let mut depth = 1_usize;
    rest.next();
    while let Some(next) = rest.next() {
        if next == '/' && rest.next_if_eq(&'*').is_some() {
            depth += 1;
        } else if next == '*' && rest.next_if_eq(&'/').is_some() {
            depth -= 1;
            if depth == 0 {
                return;
            }
        }
    }
}

/// The rest of a number: digits, a point, an exponent.
fn number(rest: &mut Peekable<impl Iterator<Item = char>>) {
    let mut last = '0';
    while let Some(next) = rest.next_if(|c| {
        is_word(*c) || *c == '.' || (matches!(last, 'e' | 'E') && matches!(c, '+' | '-'))
    }) {
        last = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_and_comments_are_left_out_and_names_stay() {
        for (sql, expected) in [
            ("SELECT a1, \"o'dd 7\" FROM t2", "SELECT a1, \"o'dd 7\" FROM t2"),
            ("WHERE n = 'O''Brien' AND x > 1.5e-3", "WHERE n = ? AND x > ?"),
            ("x = E'a' OR y = DATE '2025-01-01'", "x = E? OR y = DATE ?"),
            ("LIMIT 10 -- for Ada\nOFFSET 5", "LIMIT ?  OFFSET ?"),
            ("a /* Ada /* 1 */ 2 */ b", "a   b"),
            ("id = $1 AND b = $$Ada$$ OR c = $x$ $y$ $x$", "id = $1 AND b = ? OR c = ?"),
            ("a-1, 0x1F, .5, é9", "a-?, ?, .?, é9"),
        ] {
            assert_eq!(shape(sql), expected, "{sql}");
        }
    }

    #[test]
    fn what_does_not_end_shows_nothing_of_itself() {
        for sql in ["'Ada", "$$Ada", "/* Ada", "-- Ada", "$a$ Ada $b$"] {
            assert!(!shape(sql).contains("Ada"), "{sql}");
        }
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let long = LogSql::Full.of(&"é".repeat(5000)).unwrap();
        assert!(long.len() <= LONGEST + 3 && long.ends_with("é…"));
        let deep = LogSql::Shape.of(&"1+".repeat(100_000)).unwrap();
        assert!(deep.len() <= LONGEST + 3);
        assert_eq!(LogSql::None.of("SELECT 1"), None);
    }
}
