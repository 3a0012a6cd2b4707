//! A value that the promised type cannot hold.

use std::fmt;

use intarsia_catalog::Type;

/// At most so many characters of a value appear in a message.
const SHOWN: usize = 200;

/// A value that its column cannot hold. One pointer wide: it is part of the result of every append.
#[derive(Debug)]
pub(crate) struct Misfit(Box<str>);

impl Misfit {
    /// `value`, as the node shows it, is none of `ty`.
    #[cold]
    pub(crate) fn new(value: impl fmt::Display, ty: Type) -> Misfit {
        let value = value.to_string();
        let mut shown: String = value.chars().take(SHOWN).collect();
        if shown.len() < value.len() {
            shown.push('…');
        }
        Misfit(format!("value `{shown}` does not fit {ty}").into())
    }

    /// The same with the reason.
    #[cold]
    pub(crate) fn because(value: impl fmt::Display, ty: Type, reason: &str) -> Misfit {
        let Misfit(text) = Misfit::new(value, ty);
        Misfit(format!("{text}: {reason}").into())
    }

    /// A NULL where none may be.
    #[cold]
    pub(crate) fn null() -> Misfit {
        Misfit("value NULL, but the catalog says not null".into())
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
