//! The words of a condition, one after the other.

use sqlparser::{
    dialect::GenericDialect,
    keywords::Keyword,
    tokenizer::{Token, Tokenizer},
};

pub(super) struct Cursor {
    tokens: Vec<Token>,
    next: usize,
}

impl Cursor {
    pub(super) fn new(text: &str) -> Result<Cursor, String> {
        let tokens = Tokenizer::new(&GenericDialect {}, text)
            .tokenize()
            .map_err(|error| error.to_string())?
            .into_iter()
            .filter(|token| !matches!(token, Token::Whitespace(_)))
            .collect();
        Ok(Cursor { tokens, next: 0 })
    }

    pub(super) fn peek(&self) -> &Token {
        self.tokens.get(self.next).unwrap_or(&Token::EOF)
    }

    pub(super) fn take_token(&mut self) -> Token {
        let token = self.peek().clone();
        self.next += 1;
        token
    }

    pub(super) fn at(&self, keyword: Keyword) -> bool {
        matches!(self.peek(), Token::Word(word) if word.keyword == keyword && word.quote_style.is_none())
    }

    pub(super) fn take(&mut self, keyword: Keyword) -> bool {
        let found = self.at(keyword);
        self.next += usize::from(found);
        found
    }

    pub(super) fn expect(&mut self, token: &Token) -> Result<(), String> {
        if self.peek() != token {
            return Err(format!("expected `{token}`, found {}", self.shown()));
        }
        self.next += 1;
        Ok(())
    }

    /// Goes on to the next word.
    pub(super) fn advance(&mut self) {
        self.next += 1;
    }

    pub(super) fn number(&mut self) -> Result<String, String> {
        match self.take_token() {
            Token::Number(number, _) => Ok(number),
            token => Err(format!("expected a number, found `{token}`")),
        }
    }

    /// The next word, for a message.
    pub(super) fn shown(&self) -> String {
        match self.peek() {
            Token::EOF => "the end".into(),
            token => format!("`{token}`"),
        }
    }
}
