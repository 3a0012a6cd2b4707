//! EXPLAIN, answered here: DataFusion's own would show its plan, not where the work goes.

use std::sync::Arc;

use datafusion::{
    arrow::datatypes::{DataType, Field, Schema, SchemaRef},
    sql::sqlparser::{
        keywords::Keyword,
        tokenizer::{Token, TokenWithSpan},
    },
};

use super::statement::{is_space, keyword};
use crate::{Error, ErrorKind, Result};

/// What an EXPLAIN asks for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Explain {
    /// Run the query, and tell what it took.
    pub analyze: bool,
    /// Tell more.
    pub verbose: bool,
    /// One JSON document for programs, not lines for people.
    pub json: bool,
}

impl Explain {
    /// The column of its answer: the lines about a plan.
    pub(super) fn schema() -> SchemaRef {
        Arc::new(Schema::new(vec![Field::new("plan", DataType::Utf8, false)]))
    }

    /// Takes the words of an EXPLAIN off the start of a statement.
    pub(super) fn take(tokens: &mut Vec<TokenWithSpan>) -> Result<Option<Explain>> {
        let mut words = Words { tokens, at: 0 };
        if !words.take_if(|token| keyword(token) == Some(Keyword::EXPLAIN)) {
            return Ok(None);
        }
        let mut explain = Explain::default();
        if words.options_follow() {
            words.options(&mut explain)?;
        } else {
            words.keywords(&mut explain)?;
        }
        let at = words.at;
        tokens.drain(..at);
        if tokens.iter().find(|token| !is_space(&token.token)).and_then(|t| keyword(&t.token))
            == Some(Keyword::EXPLAIN)
        {
            return Err(invalid("EXPLAIN of an EXPLAIN"));
        }
        Ok(Some(explain))
    }
}

fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Invalid, message)
}

/// The words at the start of a statement.
struct Words<'a> {
    tokens: &'a [TokenWithSpan],
    at: usize,
}

impl Words<'_> {
    /// The tokens from here on that are no spaces, with their positions.
    fn rest(&self) -> impl Iterator<Item = (usize, &Token)> {
        let tokens = self.tokens.iter().map(|token| &token.token).enumerate();
        tokens.skip(self.at).filter(|(_, token)| !is_space(token))
    }

    fn take_if(&mut self, test: impl Fn(&Token) -> bool) -> bool {
        let found = self.rest().next().filter(|(_, token)| test(token)).map(|(at, _)| at);
        self.at = found.map_or(self.at, |at| at + 1);
        found.is_some()
    }

    /// The next word, in capitals.
    fn word(&mut self) -> Option<String> {
        let (at, word) = match self.rest().next()? {
            (at, Token::Word(word)) => (at, word.value.to_uppercase()),
            (at, Token::SingleQuotedString(text)) => (at, text.to_uppercase()),
            _ => return None,
        };
        self.at = at + 1;
        Some(word)
    }

    /// Whether a parenthesis of options comes next, and not one around a query.
    fn options_follow(&self) -> bool {
        use Keyword as K;
        let mut rest = self.rest().map(|(_, token)| token);
        rest.next() == Some(&Token::LParen)
            && rest.next().is_some_and(|token| {
                let query = [K::SELECT, K::WITH, K::VALUES, K::TABLE, K::FROM];
                *token != Token::LParen && !keyword(token).is_some_and(|word| query.contains(&word))
            })
    }

    fn options(&mut self, explain: &mut Explain) -> Result<()> {
        self.take_if(|token| *token == Token::LParen);
        loop {
            let name = self.word().ok_or_else(|| invalid("EXPLAIN: an option is missing"))?;
            match name.as_str() {
                "ANALYZE" => explain.analyze = self.switch()?,
                "VERBOSE" => explain.verbose = self.switch()?,
                "FORMAT" => explain.json = self.format()?,
                _ => {
                    return Err(invalid(format!(
                        "EXPLAIN has no option {name}; the options are ANALYZE, VERBOSE and FORMAT"
                    )));
                }
            }
            if self.take_if(|token| *token == Token::RParen) {
                return Ok(());
            }
            if !self.take_if(|token| *token == Token::Comma) {
                return Err(invalid("EXPLAIN: a comma or `)` belongs behind an option"));
            }
        }
    }

    fn switch(&mut self) -> Result<bool> {
        match self.word().as_deref() {
            None | Some("TRUE" | "ON") => Ok(true),
            Some("FALSE" | "OFF") => Ok(false),
            Some(word) => Err(invalid(format!("EXPLAIN: `{word}` is neither ON nor OFF"))),
        }
    }

    fn format(&mut self) -> Result<bool> {
        match self.word().as_deref() {
            Some("JSON") => Ok(true),
            Some("TEXT") => Ok(false),
            _ => Err(Error::new(ErrorKind::Unsupported, "EXPLAIN has the formats TEXT and JSON")),
        }
    }

    fn keywords(&mut self, explain: &mut Explain) -> Result<()> {
        let is = |word: Keyword| move |token: &Token| keyword(token) == Some(word);
        explain.analyze = self.take_if(is(Keyword::ANALYZE));
        explain.verbose = self.take_if(is(Keyword::VERBOSE));
        if self.take_if(is(Keyword::FORMAT)) {
            explain.json = self.format()?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use datafusion::sql::sqlparser::{dialect::GenericDialect, tokenizer::Tokenizer};

    use super::*;

    fn take(sql: &str) -> Result<(Option<Explain>, String)> {
        let mut tokens =
            Tokenizer::new(&GenericDialect {}, sql).tokenize_with_location().expect("tokens");
        let explain = Explain::take(&mut tokens)?;
        let rest = tokens.iter().map(|token| token.token.to_string()).collect::<String>();
        Ok((explain, rest.replace("EOF", "").trim().to_owned()))
    }

    #[test]
    fn the_words_are_taken_off_the_query() {
        let json = Explain { json: true, ..Explain::default() };
        let analyze = Explain { analyze: true, ..Explain::default() };
        for (sql, expected) in [
            ("SELECT 1", None),
            ("EXPLAIN SELECT 1", Some(Explain::default())),
            ("explain (select 1)", Some(Explain::default())),
            ("EXPLAIN ANALYZE SELECT 1", Some(analyze)),
            ("EXPLAIN (ANALYZE, FORMAT TEXT) SELECT 1", Some(analyze)),
            ("EXPLAIN (FORMAT JSON) SELECT 1", Some(json)),
            ("EXPLAIN (FORMAT JSON, ANALYZE off) SELECT 1", Some(json)),
            ("/* why */ EXPLAIN FORMAT JSON SELECT 1", Some(json)),
            ("EXPLAIN VERBOSE SELECT 1", Some(Explain { verbose: true, ..Explain::default() })),
        ] {
            let (explain, rest) = take(sql).unwrap();
            assert_eq!(explain, expected, "{sql}");
            assert_eq!(rest.to_uppercase().trim_matches(['(', ')']), "SELECT 1", "{sql}");
        }
    }

    #[test]
    fn what_explain_does_not_know_is_refused() {
        for sql in [
            "EXPLAIN (COSTS) SELECT 1",
            "EXPLAIN (FORMAT XML) SELECT 1",
            "EXPLAIN EXPLAIN SELECT 1",
        ] {
            take(sql).unwrap_err();
        }
    }
}
