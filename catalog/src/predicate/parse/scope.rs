//! The columns that a condition may use.

use sqlparser::tokenizer::Word;

use crate::{Column, Type, names::nearest};

pub(super) struct Scope<'a> {
    pub(super) columns: &'a [Column],
    pub(super) allowed: &'a [usize],
}

impl Scope<'_> {
    pub(super) fn column(&self, word: &Word) -> Result<usize, String> {
        let name = match word.quote_style {
            Some(_) => word.value.clone(),
            None => word.value.to_lowercase(),
        };
        let known = |at: &&usize| self.columns[**at].name == name;
        let Some(&at) = self.allowed.iter().find(known) else { return Err(self.unknown(&name)) };
        match self.typed(at) {
            Type::Json | Type::Binary | Type::Time => {
                Err(format!("{}: a condition of a part cannot use it", self.described(at)))
            }
            _ => Ok(at),
        }
    }

    fn unknown(&self, name: &str) -> String {
        if self.columns.iter().any(|column| column.name == name) {
            return format!("column `{name}` cannot be used here: it is in another vertical part");
        }
        let allowed = self.allowed.iter().map(|at| self.columns[*at].name.as_str());
        match nearest(name, allowed) {
            Some(near) => format!("unknown column `{name}`: did you mean `{}`?", quoted(near)),
            None => format!("unknown column `{name}`"),
        }
    }

    pub(super) fn typed(&self, column: usize) -> Type {
        self.columns[column].ty
    }

    pub(super) fn described(&self, column: usize) -> String {
        format!("column `{}` is {}", self.columns[column].name, self.columns[column].ty)
    }
}

pub(super) fn is_whole(ty: Type) -> bool {
    matches!(
        ty,
        Type::SmallInt
            | Type::SmallIntUnsigned
            | Type::Integer
            | Type::IntegerUnsigned
            | Type::BigInt
            | Type::BigIntUnsigned
    )
}

/// A name as a condition has to spell it.
fn quoted(name: &str) -> String {
    let plain = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}
