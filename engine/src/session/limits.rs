//! Limits on the text of a statement, found in its tokens, before anything recurses over them.

use datafusion::sql::sqlparser::{
    keywords::Keyword,
    tokenizer::{Token, Word},
};

use crate::{Error, ErrorKind, Result};

/// Bytes of SQL text in a statement.
pub const SQL_BYTES: usize = 1 << 20;
/// Parentheses, brackets and CASEs within one another.
pub const NESTING: usize = 50;
/// Operators in a chain, NOTs and signs among them.
pub const OPERATORS: usize = 5_000;
/// Operators in a chain without AND, OR or a comma: DataFusion works out the name and the type of each from the
/// leaves up.
pub const LINKS: usize = 1_000;
/// Joins, set operations and FROMs in a statement.
pub const RELATIONS: usize = 300;
/// Values in an IN list.
pub const IN_VALUES: usize = 100_000;

/// Refuses a text that is too long.
pub(super) fn check_text(sql: &str) -> Result<()> {
    at_most(sql.len(), SQL_BYTES, "bytes of SQL text (1 MiB)", "split the statement")
}

/// Chained operators that an ordinary stack has room for, whatever recurses over them.
const SHALLOW: usize = 100;
/// Joins, set operations and FROMs likewise: more recurses over each.
const FEW: usize = 30;

/// Refuses a statement whose syntax tree would be too deep or too wide. The answer is whether it is so deep that
/// what recurses over it needs a deep stack.
pub(super) fn check_tokens<'a>(tokens: impl IntoIterator<Item = &'a Token>) -> Result<bool> {
    let mut depth = Depth::default();
    let mut deep = false;
    for token in tokens {
        depth.take(token)?;
        deep |= depth.operators > SHALLOW || depth.relations > FEW;
    }
    // Last, so that a statement past a wider limit is told that one.
    let what = "chained operators other than AND and OR";
    at_most(depth.longest, LINKS, what, "split the expression")?;
    Ok(deep)
}

/// What is open at a token. The sum of all counts bounds the depth of the syntax tree there.
#[derive(Default)]
struct Depth {
    levels: Vec<Level>,
    outermost: Level,
    /// Joins, set operations and FROMs so far: each can be one level of the plan, also where the text is flat
    /// (a CTE that reads the one before it).
    relations: usize,
    /// Operators of all open levels.
    operators: usize,
    /// The longest chain without AND and OR.
    longest: usize,
    /// Prefix operators one after the other: each is inside the one before.
    prefixes: usize,
    /// What they come to if this token is an operator.
    next_prefixes: usize,
    previous: Previous,
}

/// An open parenthesis, bracket or CASE.
#[derive(Default)]
struct Level {
    case: bool,
    /// Operators since the last comma: what a comma parts is not one inside the other.
    operators: usize,
    /// Those since the last AND or OR.
    links: usize,
    /// Elements so far, in an IN list.
    values: Option<usize>,
    /// Commas join relations here.
    from: bool,
    /// Open angle brackets of types.
    types: usize,
}

/// The token before, as far as it decides what a word is.
#[derive(Default, Clone, Copy, PartialEq)]
enum Previous {
    /// A value, a name, a closing parenthesis: a keyword may follow.
    #[default]
    Operand,
    /// An operator or the start of something: WHEN, THEN, ELSE, END and SELECT would be names here.
    Operator,
    /// A point or AS: any word is a name here.
    Naming,
    In,
    Interval,
    IntervalText,
    TypeWord,
}

impl Depth {
    fn take(&mut self, token: &Token) -> Result<()> {
        if matches!(token, Token::Whitespace(_)) {
            return Ok(());
        }
        let before = std::mem::replace(&mut self.previous, Previous::Operand);
        let prefix = matches!(before, Previous::Operator | Previous::Interval);
        self.next_prefixes = if prefix { self.prefixes + 1 } else { 0 };
        self.prefixes = 0;
        self.take_after(token, before)?;
        self.check_nesting()
    }

    fn take_after(&mut self, token: &Token, before: Previous) -> Result<()> {
        match token {
            Token::LParen => self.open(Level {
                values: (before == Previous::In).then_some(1),
                ..Level::default()
            })?,
            Token::LBracket | Token::LBrace => {
                self.operator()?;
                self.open(Level::default())?;
            }
            Token::RParen | Token::RBracket | Token::RBrace => self.close(),
            Token::Comma => self.comma()?,
            Token::Lt if before == Previous::TypeWord => self.open_type()?,
            Token::Gt | Token::ShiftRight if self.level().types > 0 => self.close_type(token),
            Token::Word(word) if word.quote_style.is_none() => self.word(word, before)?,
            Token::Period => self.previous = Previous::Naming,
            Token::VerticalBarRightAngleBracket => self.relation()?,
            Token::SemiColon => *self = Depth { longest: self.longest, ..Depth::default() },
            token if is_operand(token) => {
                if before == Previous::Interval {
                    self.previous = Previous::IntervalText;
                }
            }
            _ => self.operator()?,
        }
        Ok(())
    }

    fn word(&mut self, word: &Word, before: Previous) -> Result<()> {
        use Keyword as K;
        if is_name(word.keyword, before) {
            return Ok(());
        }
        match word.keyword {
            K::CASE => self.open(Level { case: true, ..Level::default() })?,
            K::END => self.close_case(),
            K::WHEN | K::THEN | K::ELSE
                if self.level().case && before != Previous::IntervalText =>
            {
                self.part();
            }
            K::SELECT => self.level().from = false,
            K::FROM => {
                self.level().from = true;
                self.relation()?;
            }
            K::JOIN
            | K::UNION
            | K::EXCEPT
            | K::INTERSECT
            | K::MINUS
            | K::TABLE
            | K::PIVOT
            | K::UNPIVOT
            | K::EXPLAIN => self.relation()?,
            K::ARRAY | K::STRUCT | K::MAP => self.previous = Previous::TypeWord,
            K::AS | K::ZONE | K::OVER => self.previous = Previous::Naming,
            K::IN => {
                self.operator()?;
                self.previous = Previous::In;
            }
            K::INTERVAL => {
                self.operator()?;
                self.previous = Previous::Interval;
            }
            K::AND | K::OR => {
                self.operator()?;
                self.level().links = 0;
            }
            keyword if is_operator(keyword) => self.operator()?,
            _ => {}
        }
        Ok(())
    }

    fn level(&mut self) -> &mut Level {
        self.levels.last_mut().unwrap_or(&mut self.outermost)
    }

    fn open(&mut self, level: Level) -> Result<()> {
        self.previous = Previous::Operator;
        self.prefixes = 0;
        self.levels.push(level);
        self.check_nesting()
    }

    fn open_type(&mut self) -> Result<()> {
        self.level().types += 1;
        self.check_nesting()
    }

    fn close_type(&mut self, token: &Token) {
        let closed = if *token == Token::ShiftRight { 2 } else { 1 };
        self.level().types = self.level().types.saturating_sub(closed);
    }

    fn check_nesting(&self) -> Result<()> {
        let types: usize = self.levels.iter().map(|level| level.types).sum();
        let nesting = self.levels.len() + types + self.outermost.types + self.prefixes;
        at_most(nesting, NESTING, "levels of nesting", "use WITH for the inner parts")
    }

    fn close(&mut self) {
        while let Some(level) = self.levels.pop() {
            self.operators -= level.operators;
            if !level.case {
                break;
            }
        }
    }

    fn close_case(&mut self) {
        if self.level().case
            && let Some(level) = self.levels.pop()
        {
            self.operators -= level.operators;
        }
    }

    /// What follows is beside what came before, not above it.
    fn part(&mut self) {
        self.previous = Previous::Operator;
        self.level().links = 0;
        self.operators -= std::mem::take(&mut self.level().operators);
    }

    fn comma(&mut self) -> Result<()> {
        self.part();
        if self.level().from {
            self.relation()?;
        }
        let Some(values) = self.level().values.as_mut() else { return Ok(()) };
        *values += 1;
        at_most(*values, IN_VALUES, "values in an IN list", "join with a VALUES list instead")
    }

    fn relation(&mut self) -> Result<()> {
        self.relations += 1;
        let advice = "split the query";
        at_most(self.relations, RELATIONS, "joins, set operations and FROMs", advice)
    }

    fn operator(&mut self) -> Result<()> {
        self.previous = Previous::Operator;
        self.prefixes = self.next_prefixes;
        let level = self.level();
        level.operators += 1;
        level.links += 1;
        self.longest = self.longest.max(self.level().links);
        self.operators += 1;
        at_most(self.operators, OPERATORS, "chained operators", "split the query")
    }
}

fn at_most(count: usize, limit: usize, what: &str, advice: &str) -> Result<()> {
    if count <= limit {
        return Ok(());
    }
    let limit = thousands(limit);
    Err(Error::new(
        ErrorKind::Exhausted,
        format!("the statement has more than {limit} {what}, which is the limit: {advice}"),
    ))
}

fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let group = |(index, digit): (usize, char)| {
        let comma = index > 0 && (digits.len() - index).is_multiple_of(3);
        comma.then_some(',').into_iter().chain([digit])
    };
    digits.chars().enumerate().flat_map(group).collect()
}

fn is_operand(token: &Token) -> bool {
    use Token as T;
    matches!(
        token,
        T::EOF
            | T::Word(_)
            | T::Number(..)
            | T::SingleQuotedString(_)
            | T::DoubleQuotedString(_)
            | T::DollarQuotedString(_)
            | T::NationalStringLiteral(_)
            | T::EscapedStringLiteral(_)
            | T::UnicodeStringLiteral(_)
            | T::HexStringLiteral(_)
            | T::Placeholder(_)
    )
}

/// Whether what could be a keyword is a name, after what comes before it. Only words that take counts back
/// need care: a name counted as an operator does no harm.
fn is_name(keyword: Keyword, before: Previous) -> bool {
    use Keyword as K;
    match before {
        Previous::Naming => !matches!(keyword, K::ARRAY | K::STRUCT | K::MAP),
        Previous::Operator => {
            matches!(keyword, K::WHEN | K::THEN | K::ELSE | K::END | K::SELECT)
        }
        Previous::Operand
        | Previous::In
        | Previous::Interval
        | Previous::IntervalText
        | Previous::TypeWord => false,
    }
}

fn is_operator(keyword: Keyword) -> bool {
    use Keyword as K;
    matches!(
        keyword,
        K::XOR
            | K::NOT
            | K::IS
            | K::LIKE
            | K::ILIKE
            | K::SIMILAR
            | K::RLIKE
            | K::REGEXP
            | K::BETWEEN
            | K::DIV
            | K::COLLATE
            | K::AT
            | K::OVERLAPS
            | K::PRIOR
            | K::LATERAL
    )
}
