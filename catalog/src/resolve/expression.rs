//! Expressions over local columns, in the global dialect.

use std::ops::ControlFlow;

use sqlparser::{
    ast::{Expr, Query, Value, Visit, Visitor},
    dialect::GenericDialect,
    parser::{Parser, ParserError},
    tokenizer::{Token, Tokenizer},
};

use crate::{Local, names::is_plain};

/// Levels of nesting that an expression can have.
const MAX_LEVELS: usize = 50;
/// Operators and names that an expression can have. Beyond some thousands of chained operators the tree
/// could be neither read nor dropped on a thread's stack.
const MAX_OPERATORS: usize = 5_000;

/// What the text under `columns` says: a local column's name if it is plain, else an expression.
pub(super) fn local(text: &str) -> Result<Local, String> {
    let literal = ["null", "true", "false"].iter().any(|word| text.eq_ignore_ascii_case(word));
    if is_plain(text) && !literal {
        return Ok(Local::Column { name: text.to_owned(), exact: true });
    }
    Ok(match parse(text)? {
        Expr::Identifier(name) => {
            let folds = name.quote_style.is_none();
            let name = if folds { name.value.to_ascii_lowercase() } else { name.value };
            Local::Column { name, exact: true }
        }
        expression => Local::Expression(Box::new(expression)),
    })
}

/// Whether the expression is the literal NULL.
pub(super) fn is_null(local: &Local) -> bool {
    match local {
        Local::Expression(expression) => {
            matches!(expression.as_ref(), Expr::Value(value) if value.value == Value::Null)
        }
        Local::Column { .. } => false,
    }
}

/// Parses an expression to its end.
pub(super) fn parse(text: &str) -> Result<Expr, String> {
    let dialect = GenericDialect {};
    let tokens = Tokenizer::new(&dialect, text)
        .tokenize_with_location()
        .map_err(|error| describe(error.into()))?;
    let operators = tokens.iter().filter(|token| counts(&token.token)).count();
    if operators > MAX_OPERATORS {
        return Err(format!("{operators} operators and words, {MAX_OPERATORS} are the limit"));
    }
    if tokens.iter().all(|token| matches!(token.token, Token::Whitespace(_))) {
        return Err("an expression is missing".to_owned());
    }
    let mut parser = Parser::new(&dialect)
        .with_recursion_limit(MAX_LEVELS * FRAMES_PER_LEVEL)
        .with_tokens_with_locations(tokens);
    let expression = parser.parse_expr().map_err(describe)?;
    match parser.peek_token().token {
        Token::EOF => judge(&expression).map(|()| expression),
        more => Err(format!("cannot be read from `{more}` on")),
    }
}

/// The parser counts a parenthesis or a call as up to so many levels of its own.
const FRAMES_PER_LEVEL: usize = 2;

/// Whether a token can make the tree deeper: not a literal, a comma or a parenthesis.
fn counts(token: &Token) -> bool {
    !matches!(
        token,
        Token::Whitespace(_)
            | Token::Comma
            | Token::LParen
            | Token::RParen
            | Token::Number(..)
            | Token::SingleQuotedString(_)
    )
}

fn describe(error: ParserError) -> String {
    match error {
        ParserError::RecursionLimitExceeded => format!("more than {MAX_LEVELS} levels of nesting"),
        ParserError::ParserError(message) | ParserError::TokenizerError(message) => {
            format!("cannot be read: {}", own_position(&message))
        }
    }
}

/// The parser's `at Line: 1, Column: 8` counts within the text, not within the file.
fn own_position(message: &str) -> String {
    message.replace(" at Line: ", " at its line ").replace(", Column: ", ", column ")
}

/// An expression is over one row's local columns and nothing else.
fn judge(expression: &Expr) -> Result<(), String> {
    match expression.visit(&mut Judge) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(message) => Err(message),
    }
}

struct Judge;

impl Visitor for Judge {
    type Break = String;

    fn pre_visit_query(&mut self, _: &Query) -> ControlFlow<String> {
        ControlFlow::Break("a subquery cannot stand in a local expression".to_owned())
    }

    fn pre_visit_expr(&mut self, expression: &Expr) -> ControlFlow<String> {
        let message = match expression {
            Expr::CompoundIdentifier(names) => {
                let names: Vec<&str> = names.iter().map(|name| name.value.as_str()).collect();
                let name = names.join(".");
                format!("`{name}` is no local column's name: write \"{name}\" if it has a point")
            }
            Expr::Wildcard(_) | Expr::QualifiedWildcard(..) => "`*` is no column".to_owned(),
            Expr::Value(value) if matches!(value.value, Value::Placeholder(_)) => {
                format!("nothing is bound to the parameter `{}` here", value.value)
            }
            Expr::Function(function) if function.over.is_some() => {
                format!("the window function `{}` looks at other rows", function.name)
            }
            _ => return ControlFlow::Continue(()),
        };
        ControlFlow::Break(message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str) -> Local {
        Local::Column { name: name.to_owned(), exact: true }
    }

    #[test]
    fn a_plain_name_is_a_column_exactly_as_written() {
        assert_eq!(local("Full_Name$"), Ok(column("Full_Name$")));
        assert_eq!(local("\"odd \"\"Name\""), Ok(column("odd \"Name")));
        assert_eq!(local("\"NULL\""), Ok(column("NULL")));
    }

    #[test]
    fn literals_are_expressions() {
        for text in ["null", "True", "FALSE", "1", "-1", "+1.5", "'x'", "DATE '2020-01-01'"] {
            assert!(matches!(local(text), Ok(Local::Expression(_))), "{text}");
        }
        assert!(is_null(&local("Null").unwrap()));
    }

    #[test]
    fn what_is_not_over_one_row_is_refused() {
        for (text, message) in [
            ("a b", "cannot be read from `b` on"),
            ("", "an expression is missing"),
            ("(SELECT 1)", "a subquery cannot stand in a local expression"),
            ("a = ANY (SELECT 1)", "a subquery cannot stand in a local expression"),
            ("t.a + 1", "`t.a` is no local column's name: write \"t.a\" if it has a point"),
            ("$1", "nothing is bound to the parameter `$1` here"),
            ("sum(a) OVER ()", "the window function `sum` looks at other rows"),
            ("a; DROP TABLE b", "cannot be read from `;` on"),
        ] {
            assert_eq!(local(text).unwrap_err(), message, "{text}");
        }
    }

    #[test]
    fn depth_and_length_have_limits() {
        let nested = |levels: usize| format!("{}a{}", "(".repeat(levels), ")".repeat(levels));
        assert!(parse(&nested(MAX_LEVELS)).is_ok());
        assert_eq!(parse(&nested(100_000)).unwrap_err(), "more than 50 levels of nesting");
        let chained = |terms: usize| vec!["1"; terms].join("+");
        assert!(parse(&chained(MAX_OPERATORS)).is_ok());
        assert!(parse(&chained(100_000)).is_err());
        assert!(parse(&format!("a IN ({})", vec!["1"; 100_000].join(","))).is_ok());
    }
}
