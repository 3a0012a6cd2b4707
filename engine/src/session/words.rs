//! SQL text by its words, for those who show or complete it while it is typed. What is at fault in it is no error here.

use std::ops::Range;

use datafusion::sql::sqlparser::{
    dialect::GenericDialect,
    tokenizer::{Token, Tokenizer, TokenizerError, Whitespace},
};

use super::statement::Cursor;

/// A piece of a text. The pieces follow one another without a gap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Where it is, in bytes.
    pub range: Range<usize>,
    /// What it is.
    pub kind: WordKind,
}

/// What a piece of SQL text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WordKind {
    /// A keyword or a name without quotes.
    Plain,
    /// A name in double quotes.
    Quoted,
    /// A number.
    Number,
    /// A text in quotes.
    Text,
    /// A comment.
    Comment,
    /// Spaces and line ends.
    Space,
    /// An operator, a parenthesis, a comma.
    Symbol,
    /// A text, a name in quotes or a comment that has no end yet, up to the end of all.
    Open,
    /// What cannot be read, up to the end of all.
    Faulty,
}

/// The pieces of a text.
pub fn words(text: &str) -> Vec<Word> {
    let mut tokens = Vec::new();
    let mut tokenizer = Tokenizer::new(&GenericDialect {}, text);
    let read = tokenizer.tokenize_with_location_into_buf(&mut tokens);
    let mut cursor = Cursor::new(text);
    let mut words = Vec::with_capacity(tokens.len() + 1);
    let mut end = 0;
    for token in tokens.iter().filter(|token| token.token != Token::EOF) {
        let start = std::mem::replace(&mut end, cursor.offset(token.span.end));
        words.push(Word { range: start..end, kind: kind(&token.token) });
    }
    if let Err(error) = read {
        let kind = if is_open(&error) { WordKind::Open } else { WordKind::Faulty };
        words.push(Word { range: end..text.len(), kind });
    }
    words
}

/// Whether a text ends with a statement's `;`, which is not inside of quotes or a comment. One that cannot be read is
/// not waited for either.
pub fn is_complete(text: &str) -> bool {
    let words = words(text);
    let mut seen =
        words.iter().rev().filter(|w| !matches!(w.kind, WordKind::Space | WordKind::Comment));
    seen.next().is_some_and(|last| match last.kind {
        WordKind::Faulty => true,
        WordKind::Symbol => text[last.range.clone()].ends_with(';'),
        _ => false,
    })
}

/// Whether more text may mend it. The tokenizer says so by its words only.
fn is_open(error: &TokenizerError) -> bool {
    let message = &error.message;
    message.starts_with("Unterminated")
        || message.starts_with("Unexpected EOF")
        || message.ends_with("before EOF.")
}

fn kind(token: &Token) -> WordKind {
    match token {
        Token::Word(word) if word.quote_style.is_none() => WordKind::Plain,
        Token::Word(_) => WordKind::Quoted,
        Token::Number(..) => WordKind::Number,
        Token::Whitespace(
            Whitespace::SingleLineComment { .. } | Whitespace::MultiLineComment(_),
        ) => WordKind::Comment,
        Token::Whitespace(_) => WordKind::Space,
        Token::SingleQuotedString(_)
        | Token::DollarQuotedString(_)
        | Token::NationalStringLiteral(_)
        | Token::EscapedStringLiteral(_)
        | Token::UnicodeStringLiteral(_)
        | Token::HexStringLiteral(_) => WordKind::Text,
        _ => WordKind::Symbol,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<(&str, WordKind)> {
        let words = words(text).into_iter().filter(|word| word.kind != WordKind::Space);
        words.map(|word| (&text[word.range], word.kind)).collect()
    }

    #[test]
    fn words_have_their_kinds_and_leave_no_gap() {
        use WordKind::{Comment, Number, Plain, Quoted, Symbol, Text};
        let text = "SELECT \"Ö\".ä, 'it''s' -- why\n/* how */ <= 1.5;";
        let expected = [
            ("SELECT", Plain),
            ("\"Ö\"", Quoted),
            (".", Symbol),
            ("ä", Plain),
            (",", Symbol),
            ("'it''s'", Text),
            ("-- why\n", Comment),
            ("/* how */", Comment),
            ("<=", Symbol),
            ("1.5", Number),
            (";", Symbol),
        ];
        assert_eq!(kinds(text), expected);
        let whole: String = words(text).into_iter().map(|word| &text[word.range]).collect();
        assert_eq!(whole, text);
    }

    #[test]
    fn what_has_no_end_yet_is_open() {
        for (text, open) in [
            ("SELECT 'a;\nb", "'a;\nb"),
            ("x \"y", "\"y"),
            ("1 /* c ;", "/* c ;"),
            ("$a$b;", "$a$b;"),
        ] {
            assert_eq!(kinds(text).last(), Some(&(open, WordKind::Open)), "{text}");
        }
    }

    #[test]
    fn a_statement_ends_at_a_semicolon_outside_of_quotes() {
        for text in ["SELECT 1;", "SELECT 1; -- done", "SELECT ';' ; /* so */\n", ";"] {
            assert!(is_complete(text), "{text}");
        }
        for text in [
            "",
            "SELECT 1",
            "SELECT ';",
            "SELECT 1 -- ;",
            "SELECT 1 /* ; */",
            "SELECT 1; SELECT",
            "\";",
        ] {
            assert!(!is_complete(text), "{text}");
        }
    }
}
