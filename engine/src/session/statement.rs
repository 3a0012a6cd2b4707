//! SQL text → one statement of a kind that is answered here.
//!
//! Kinds are allowed, never forbidden one by one: what is not known to only read is refused before it is parsed.

use std::collections::VecDeque;

use datafusion::sql::{
    parser::{DFParserBuilder, ResetStatement, Statement as Parsed},
    sqlparser::{
        ast::{Expr, ObjectName, Set, Statement as Sql, UnaryOperator, Value},
        dialect::GenericDialect,
        keywords::Keyword,
        tokenizer::{Location, Token, TokenWithSpan, Tokenizer},
    },
};

use super::{explain::Explain, limits, refuse};
use crate::{Error, ErrorKind, Result, semantics};

/// What a statement asks for.
pub(super) enum Statement {
    /// Rows.
    Query(Parsed),
    /// The plan of a query.
    Explain(Explain, Parsed),
    /// `SET intarsia.name = value`.
    Set { name: String, value: String },
    /// `RESET intarsia.name`.
    Reset { name: String },
}

/// A statement and how many values it wants for its parameters.
pub(super) struct Counted {
    pub(super) statement: Statement,
    pub(super) parameters: usize,
    /// Whether what recurses over its expressions needs a deep stack.
    pub(super) deep: bool,
}

/// Levels that the parser may recurse: some for each level of nesting, for operators that bind ever more tightly.
/// Prefix operators and what else nests without a parenthesis ends here; chains do not recurse in the parser.
const PARSER_DEPTH: usize = 10 * limits::NESTING;

/// Parses one statement. Needs a deep stack.
pub(super) fn parse(sql: &str) -> Result<Counted> {
    limits::check_text(sql)?;
    let mut tokens = tokenize(sql)?;
    let deep = limits::check_tokens(tokens.iter().map(|token| &token.token))?;
    let parameters = number_parameters(&mut tokens)?;
    let explain = Explain::take(&mut tokens)?;
    refuse::by_first_word(&tokens)?;
    let mut parsed = parse_tokens(tokens, sql)?;
    let statement = match (parsed.pop_front(), parsed.is_empty()) {
        (Some(statement), true) => statement,
        (None, _) => return Err(Error::new(ErrorKind::Invalid, "there is no statement")),
        (Some(_), false) => {
            return Err(Error::new(ErrorKind::Invalid, "one statement at a time, please"));
        }
    };
    Ok(Counted { statement: classify(explain, statement)?, parameters, deep })
}

/// Splits a script into its statements' texts, each within the limits and without a fault of syntax.
pub(super) fn split(script: &str) -> Result<Vec<String>> {
    let tokens = tokenize(script)?;
    let mut cursor = Cursor::new(script);
    let mut texts = Vec::new();
    for statement in tokens.split(|token| token.token == Token::SemiColon) {
        let mut seen = statement.iter().filter(|token| !is_space(&token.token));
        let Some(first) = seen.next() else { continue };
        let last = seen.next_back().unwrap_or(first);
        let range = cursor.offset(first.span.start)..cursor.offset(last.span.end);
        let text = script.get(range).unwrap_or_default();
        check_syntax(text, statement, script)?;
        texts.push(text.to_owned());
    }
    Ok(texts)
}

fn check_syntax(text: &str, tokens: &[TokenWithSpan], script: &str) -> Result<()> {
    limits::check_text(text)?;
    limits::check_tokens(tokens.iter().map(|token| &token.token))?;
    let mut tokens = tokens.to_vec();
    Explain::take(&mut tokens)?;
    parse_tokens(tokens, script).map(drop)
}

/// The tokens of a text, as every statement is parsed from them.
pub(super) fn tokenize(sql: &str) -> Result<Vec<TokenWithSpan>> {
    Tokenizer::new(&GenericDialect {}, sql)
        .tokenize_with_location()
        .map_err(|error| Error::in_token(&error, sql))
}

fn parse_tokens(tokens: Vec<TokenWithSpan>, sql: &str) -> Result<VecDeque<Parsed>> {
    DFParserBuilder::new(tokens)
        .with_recursion_limit(PARSER_DEPTH)
        .build()
        .and_then(|mut parser| parser.parse_statements())
        .map_err(|error| Error::in_text(&error, sql))
}

pub(super) fn is_space(token: &Token) -> bool {
    matches!(token, Token::Whitespace(_) | Token::EOF)
}

/// Gives each `?` its number, in the order of the text, and counts the parameters.
fn number_parameters(tokens: &mut [TokenWithSpan]) -> Result<usize> {
    let (mut questions, mut highest) = (0_usize, 0_usize);
    for token in tokens {
        let Token::Placeholder(name) = &mut token.token else { continue };
        if name == "?" {
            questions += 1;
            *name = format!("${questions}");
        } else if let Some(number) = name.strip_prefix('$').and_then(|digits| digits.parse().ok())
            && number > 0
        {
            highest = highest.max(number);
        } else {
            return Err(no_parameter(name));
        }
    }
    match (questions, highest) {
        (0, highest) if highest > limits::IN_VALUES => Err(Error::new(
            ErrorKind::Invalid,
            format!("parameter `${highest}`: the number is too high"),
        )),
        (0, highest) => Ok(highest),
        (questions, 0) => Ok(questions),
        _ => Err(Error::new(
            ErrorKind::Invalid,
            "parameters are either `$1`, `$2`, … or `?`, not both",
        )),
    }
}

fn no_parameter(name: &str) -> Error {
    let message = format!("parameter `{name}`: parameters are `$1`, `$2`, … or `?`");
    Error::new(ErrorKind::Invalid, message)
}

fn classify(explain: Option<Explain>, mut statement: Parsed) -> Result<Statement> {
    if let Parsed::Statement(sql) = &mut statement {
        if let Sql::Set(set) = &**sql {
            return assignment(set);
        }
        semantics::mark_doubles(sql);
        if let Some(name) = semantics::parameters::mark(sql) {
            return Err(no_parameter(&name));
        }
    }
    if let Parsed::Reset(ResetStatement::Variable(name)) = &statement {
        return Ok(Statement::Reset { name: setting_name(name)? });
    }
    refuse::by_kind(&statement)?;
    Ok(match explain {
        Some(explain) => Statement::Explain(explain, statement),
        None => Statement::Query(statement),
    })
}

fn assignment(set: &Set) -> Result<Statement> {
    let Set::SingleAssignment { scope: None, hivevar: false, variable, values } = set else {
        return Err(refuse::other_settings());
    };
    let name = setting_name(variable)?;
    let [value] = values.as_slice() else {
        return Err(Error::new(ErrorKind::Invalid, "SET takes one value"));
    };
    Ok(Statement::Set { name, value: setting_value(value)? })
}

fn setting_name(variable: &ObjectName) -> Result<String> {
    let name = variable.to_string().to_lowercase();
    name.strip_prefix("intarsia.").map(str::to_owned).ok_or_else(refuse::other_settings)
}

fn setting_value(value: &Expr) -> Result<String> {
    match value {
        Expr::Identifier(name) => Ok(name.value.clone()),
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) | Value::DoubleQuotedString(text) => Ok(text.clone()),
            Value::Placeholder(_) => Err(Error::new(ErrorKind::Invalid, "SET takes no parameter")),
            other => Ok(other.to_string()),
        },
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } => Ok(format!("-{expr}")),
        _ => Err(Error::new(ErrorKind::Invalid, "SET takes a text or a number")),
    }
}

/// A place in a text that only moves forward, to turn lines and columns of characters into bytes.
pub(super) struct Cursor<'a> {
    rest: std::str::CharIndices<'a>,
    at: Location,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Cursor<'a> {
        Cursor { rest: text.char_indices(), at: Location::new(1, 1) }
    }

    /// The offset of `place`, which is not before the last one asked for.
    pub(super) fn offset(&mut self, place: Location) -> usize {
        while self.at < place {
            match self.rest.next() {
                Some((_, '\n')) => self.at = Location::new(self.at.line + 1, 1),
                Some(_) => self.at.column += 1,
                None => break,
            }
        }
        self.rest.offset()
    }
}

/// The keyword of a token, if it is one.
pub(super) fn keyword(token: &Token) -> Option<Keyword> {
    match token {
        Token::Word(word) if word.quote_style.is_none() => Some(word.keyword),
        _ => None,
    }
}
