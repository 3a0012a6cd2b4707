//! The `where` of a catalog: conditions on single columns, joined by AND, OR and NOT.
//!
//! The words are sqlparser's, the grammar is our own: a chain of 100,000 ORs is one flat list here, where a
//! general expression parser builds (and drops) a tree as deep, and every refusal can name its reason.

mod cursor;
mod literal;
mod scope;

use sqlparser::{
    keywords::Keyword,
    tokenizer::{Token, Word},
};

use self::{
    cursor::Cursor,
    literal::Literal,
    scope::{Scope, is_whole},
};
use super::{Compare, Predicate};
use crate::{Column, Type};

/// Brackets and NOTs inside each other.
const LEVELS: usize = 50;

/// Conditions, and values in lists.
const TERMS: usize = 100_000;

/// Reads a condition over `columns`, of which only the `allowed` ones may be used, to its end.
///
/// # Errors
/// What is wrong, in a sentence that names the column and the literal.
pub fn parse(text: &str, columns: &[Column], allowed: &[usize]) -> Result<Predicate, String> {
    let words = Cursor::new(text)?;
    let mut parser = Parser { words, scope: Scope { columns, allowed }, levels: 0, terms: 0 };
    let item = parser.any_of()?;
    let condition = parser.condition(item)?;
    match parser.words.peek() {
        Token::EOF => Ok(condition),
        _ => Err(format!(
            "expected AND, OR or the end of the condition, found {}",
            parser.words.shown()
        )),
    }
}

struct Parser<'a> {
    words: Cursor,
    scope: Scope<'a>,
    levels: usize,
    terms: usize,
}

/// What stands between two operators. Only what follows tells `(a) = 1` from `(a = 1)`.
enum Item {
    Condition(Predicate),
    Operand(Operand),
}

enum Operand {
    Column(usize),
    Modulo(usize, u32),
    Hash(usize, u32),
    Literal(Literal),
}

impl Parser<'_> {
    /// `item OR item …`
    fn any_of(&mut self) -> Result<Item, String> {
        let first = self.all_of()?;
        if !self.words.at(Keyword::OR) {
            return Ok(first);
        }
        let mut all = vec![self.condition(first)?];
        while self.words.take(Keyword::OR) {
            let item = self.all_of()?;
            all.push(self.condition(item)?);
        }
        Ok(Item::Condition(Predicate::Or(all)))
    }

    /// `item AND item …`
    fn all_of(&mut self) -> Result<Item, String> {
        let first = self.negation()?;
        if !self.words.at(Keyword::AND) {
            return Ok(first);
        }
        let mut all = vec![self.condition(first)?];
        while self.words.take(Keyword::AND) {
            let item = self.negation()?;
            all.push(self.condition(item)?);
        }
        Ok(Item::Condition(Predicate::And(all)))
    }

    /// `[NOT] item`
    fn negation(&mut self) -> Result<Item, String> {
        if !self.words.take(Keyword::NOT) {
            return self.test();
        }
        self.descend()?;
        let item = self.negation()?;
        let inner = self.condition(item)?;
        self.levels -= 1;
        Ok(Item::Condition(Predicate::Not(Box::new(inner))))
    }

    /// An operand and what is said of it.
    fn test(&mut self) -> Result<Item, String> {
        let operand = match self.bracketed()? {
            Item::Operand(operand) => operand,
            condition @ Item::Condition(_) => return Ok(condition),
        };
        if let Some(op) = comparison(self.words.peek()) {
            self.words.advance();
            let right = self.operand()?;
            return self.compare(operand, op, right).map(Item::Condition);
        }
        if self.words.take(Keyword::IS) {
            return self.is_null(&operand).map(Item::Condition);
        }
        let negated = self.words.take(Keyword::NOT);
        let condition = if self.words.take(Keyword::IN) {
            self.in_list(&operand)?
        } else if self.words.take(Keyword::BETWEEN) {
            self.between(&operand)?
        } else if negated {
            return Err(format!("expected IN or BETWEEN after NOT, found {}", self.words.shown()));
        } else {
            return Ok(Item::Operand(operand));
        };
        Ok(Item::Condition(if negated { Predicate::Not(Box::new(condition)) } else { condition }))
    }

    /// An operand, or any item in brackets.
    fn bracketed(&mut self) -> Result<Item, String> {
        if *self.words.peek() != Token::LParen {
            return self.simple_operand().map(Item::Operand);
        }
        self.words.advance();
        self.descend()?;
        if self.words.at(Keyword::SELECT) || self.words.at(Keyword::WITH) {
            return Err("a condition of a part cannot hold a subquery".into());
        }
        let item = self.any_of()?;
        self.words.expect(&Token::RParen)?;
        self.levels -= 1;
        match item {
            Item::Operand(operand) => self.remainder(operand).map(Item::Operand),
            condition @ Item::Condition(_) => Ok(condition),
        }
    }

    fn operand(&mut self) -> Result<Operand, String> {
        match self.bracketed()? {
            Item::Operand(operand) => Ok(operand),
            Item::Condition(_) => {
                Err("a condition cannot be compared; join conditions by AND or OR".into())
            }
        }
    }

    fn simple_operand(&mut self) -> Result<Operand, String> {
        let operand = match self.words.take_token() {
            Token::Word(word) => self.word(&word)?,
            Token::Number(number, _) => Operand::Literal(Literal::Number(number)),
            Token::Minus => Operand::Literal(Literal::Number(format!("-{}", self.words.number()?))),
            Token::Plus => Operand::Literal(Literal::Number(self.words.number()?)),
            Token::SingleQuotedString(text) => Operand::Literal(Literal::Text(text)),
            Token::EOF => {
                return Err("the condition ends where a column or a literal is expected".into());
            }
            token => return Err(format!("expected a column or a literal, found `{token}`")),
        };
        self.remainder(operand)
    }

    fn word(&mut self, word: &Word) -> Result<Operand, String> {
        let plain = word.quote_style.is_none();
        match (word.keyword, self.words.peek().clone()) {
            (Keyword::TRUE, _) if plain => Ok(Operand::Literal(Literal::Boolean(true))),
            (Keyword::FALSE, _) if plain => Ok(Operand::Literal(Literal::Boolean(false))),
            (Keyword::NULL, _) if plain => {
                Err("no value equals NULL: write IS NULL or IS NOT NULL".into())
            }
            (Keyword::DATE, Token::SingleQuotedString(text)) if plain => {
                self.words.advance();
                Ok(Operand::Literal(Literal::Date(text)))
            }
            (Keyword::TIMESTAMP, Token::SingleQuotedString(text)) if plain => {
                self.words.advance();
                Ok(Operand::Literal(Literal::Timestamp(text)))
            }
            (_, Token::LParen) => self.function(word),
            (_, Token::Period) => Err(format!(
                "`{word}.…`: a condition names columns of its own table only, without the table's name"
            )),
            _ => Ok(Operand::Column(self.scope.column(word)?)),
        }
    }

    /// `hash(column) % N`, the only function.
    fn function(&mut self, word: &Word) -> Result<Operand, String> {
        if !word.value.eq_ignore_ascii_case("hash") {
            return Err(format!(
                "a condition of a part knows one function, hash(column), not `{word}`"
            ));
        }
        self.words.expect(&Token::LParen)?;
        let column = match self.words.take_token() {
            Token::Word(word) => self.scope.column(&word)?,
            token => return Err(format!("hash takes a column, not `{token}`")),
        };
        self.words.expect(&Token::RParen)?;
        if !matches!(self.scope.typed(column), ty if is_whole(ty) || matches!(ty, Type::Text | Type::Uuid | Type::Date))
        {
            return Err(format!(
                "{}: only whole numbers, text, uuid and date have a hash",
                self.scope.described(column)
            ));
        }
        if *self.words.peek() != Token::Mod {
            return Err("hash(column) is used as hash(column) % N = K".into());
        }
        self.words.advance();
        Ok(Operand::Hash(column, self.modulus()?))
    }

    /// `% N` after a column, if it is there.
    fn remainder(&mut self, operand: Operand) -> Result<Operand, String> {
        let Operand::Column(column) = operand else { return Ok(operand) };
        if *self.words.peek() != Token::Mod {
            return Ok(operand);
        }
        if !is_whole(self.scope.typed(column)) {
            return Err(format!(
                "{}: only whole numbers have a remainder",
                self.scope.described(column)
            ));
        }
        self.words.advance();
        Ok(Operand::Modulo(column, self.modulus()?))
    }

    fn modulus(&mut self) -> Result<u32, String> {
        let number = self.words.number()?;
        number.parse().ok().filter(|modulus| *modulus > 0).ok_or_else(|| {
            format!("`% {number}`: the divisor is a whole number from 1 to {}", u32::MAX)
        })
    }

    fn compare(&mut self, left: Operand, op: Compare, right: Operand) -> Result<Predicate, String> {
        self.count()?;
        match (left, right) {
            (Operand::Literal(_), Operand::Literal(_)) => {
                Err("a comparison of two literals says nothing of a row: name a column".into())
            }
            (Operand::Literal(literal), operand) => {
                self.test_literal(&operand, op.flipped(), &literal)
            }
            (operand, Operand::Literal(literal)) => self.test_literal(&operand, op, &literal),
            _ => Err("a comparison has one column and one literal, not two columns".into()),
        }
    }

    fn test_literal(
        &self,
        operand: &Operand,
        op: Compare,
        literal: &Literal,
    ) -> Result<Predicate, String> {
        match (operand, op) {
            (Operand::Column(column), _) => {
                Ok(Predicate::Compare(*column, op, literal.value(&self.scope.columns[*column])?))
            }
            (operand, Compare::Equal) => self.residues(operand, std::slice::from_ref(literal)),
            (operand, Compare::NotEqual) => {
                let equal = self.residues(operand, std::slice::from_ref(literal))?;
                Ok(Predicate::Not(Box::new(equal)))
            }
            _ => Err(format!("a remainder is compared by =, <> or IN, not by `{op}`")),
        }
    }

    fn residues(&self, operand: &Operand, literals: &[Literal]) -> Result<Predicate, String> {
        match *operand {
            Operand::Modulo(column, modulus) => {
                let residues = literals
                    .iter()
                    .map(|literal| literal.residue(modulus, true))
                    .collect::<Result<_, _>>()?;
                Ok(Predicate::Modulo { column, modulus, residues })
            }
            Operand::Hash(column, modulus) => {
                let residue = |literal: &Literal| {
                    literal.residue(modulus, false).map(|residue| {
                        u32::try_from(residue)
                            .expect("an unsigned residue is less than the modulus")
                    })
                };
                let residues = literals.iter().map(residue).collect::<Result<_, _>>()?;
                Ok(Predicate::Hash { column, modulus, residues })
            }
            Operand::Column(_) | Operand::Literal(_) => Err("expected a remainder".into()),
        }
    }

    fn is_null(&mut self, operand: &Operand) -> Result<Predicate, String> {
        self.count()?;
        let negated = self.words.take(Keyword::NOT);
        if !self.words.take(Keyword::NULL) {
            return Err(format!("expected NULL after IS, found {}", self.words.shown()));
        }
        match (operand, negated) {
            (Operand::Column(column), false) => Ok(Predicate::IsNull(*column)),
            (Operand::Column(column), true) => {
                Ok(Predicate::Not(Box::new(Predicate::IsNull(*column))))
            }
            _ => Err("IS NULL is said of a column".into()),
        }
    }

    fn in_list(&mut self, operand: &Operand) -> Result<Predicate, String> {
        self.words.expect(&Token::LParen)?;
        if self.words.at(Keyword::SELECT) || self.words.at(Keyword::WITH) {
            return Err("a condition of a part cannot hold a subquery".into());
        }
        let mut literals = vec![self.literal()?];
        while *self.words.peek() == Token::Comma {
            self.words.advance();
            literals.push(self.literal()?);
        }
        self.words.expect(&Token::RParen)?;
        match operand {
            Operand::Column(column) => {
                let value = |literal: &Literal| literal.value(&self.scope.columns[*column]);
                let values = literals.iter().map(value).collect::<Result<_, _>>()?;
                Ok(Predicate::In { column: *column, values, null: false })
            }
            Operand::Literal(_) => Err("IN is said of a column".into()),
            remainder => self.residues(remainder, &literals),
        }
    }

    fn between(&mut self, operand: &Operand) -> Result<Predicate, String> {
        let &Operand::Column(column) = operand else {
            return Err("BETWEEN is said of a column".into());
        };
        let low = self.literal()?.value(&self.scope.columns[column])?;
        if !self.words.take(Keyword::AND) {
            return Err(format!(
                "expected AND after BETWEEN's first literal, found `{}`",
                self.words.peek()
            ));
        }
        let high = self.literal()?.value(&self.scope.columns[column])?;
        Ok(Predicate::And(vec![
            Predicate::Compare(column, Compare::GreaterOrEqual, low),
            Predicate::Compare(column, Compare::LessOrEqual, high),
        ]))
    }

    fn literal(&mut self) -> Result<Literal, String> {
        self.count()?;
        match self.operand()? {
            Operand::Literal(literal) => Ok(literal),
            _ => Err("expected a literal, found a second column".into()),
        }
    }

    /// An item as a condition: a boolean column or constant may stand alone.
    fn condition(&mut self, item: Item) -> Result<Predicate, String> {
        match item {
            Item::Condition(condition) => Ok(condition),
            Item::Operand(Operand::Column(column)) if self.scope.typed(column) == Type::Boolean => {
                self.count()?;
                Ok(Predicate::Column(column))
            }
            Item::Operand(Operand::Literal(Literal::Boolean(constant))) => {
                Ok(Predicate::Constant(Some(constant)))
            }
            Item::Operand(Operand::Literal(literal)) => {
                Err(format!("`{literal}` alone is no condition: compare a column with it"))
            }
            Item::Operand(Operand::Column(column)) => Err(format!(
                "{}, no condition: compare it with a literal",
                self.scope.described(column)
            )),
            Item::Operand(_) => {
                Err("a remainder alone is no condition: compare it by = or IN".into())
            }
        }
    }

    fn descend(&mut self) -> Result<(), String> {
        self.levels += 1;
        let deep = self.levels > LEVELS;
        if deep {
            Err(format!("a condition has at most {LEVELS} levels of brackets and NOTs"))
        } else {
            Ok(())
        }
    }

    fn count(&mut self) -> Result<(), String> {
        self.terms += 1;
        let many = self.terms > TERMS;
        if many { Err(format!("a condition has at most {TERMS} terms")) } else { Ok(()) }
    }
}

fn comparison(token: &Token) -> Option<Compare> {
    match token {
        Token::Eq => Some(Compare::Equal),
        Token::Neq => Some(Compare::NotEqual),
        Token::Lt => Some(Compare::Less),
        Token::LtEq => Some(Compare::LessOrEqual),
        Token::Gt => Some(Compare::Greater),
        Token::GtEq => Some(Compare::GreaterOrEqual),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
