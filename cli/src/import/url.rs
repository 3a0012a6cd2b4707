//! `NAME=URL`, and the password that may stand in it.

use std::{env, str::FromStr};

use super::yaml::is_plain;

/// A node as the command line names it.
#[derive(Clone)]
pub(crate) struct NamedUrl {
    pub(super) name: String,
    pub(super) url: String,
}

impl FromStr for NamedUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<NamedUrl, String> {
        let (name, url) = text.split_once('=').ok_or("write NAME=URL")?;
        // The name becomes a schema and part of a variable's name.
        if !is_plain(name) {
            return Err("a node's name here is letters, digits and `_`".to_owned());
        }
        Ok(NamedUrl { name: name.to_owned(), url: url.to_owned() })
    }
}

impl NamedUrl {
    /// The environment's variable that holds the password.
    pub(super) fn variable(&self) -> String {
        format!("{}_PASSWORD", self.name.to_uppercase())
    }

    /// Whether the password comes from the environment.
    pub(super) fn in_environment(&self) -> bool {
        let server = !self.url.starts_with("sqlite:");
        server && self.password().is_none() && env::var_os(self.variable()).is_some()
    }

    /// Whether there is a password that must not be printed.
    pub(super) fn has_password(&self) -> bool {
        self.in_environment() || self.password().is_some()
    }

    /// The URL as it may be printed.
    pub(super) fn without_password(&self) -> String {
        match self.password() {
            Some((start, end)) => format!("{}{}", &self.url[..start], &self.url[end..]),
            None => self.url.clone(),
        }
    }

    /// Where `:password` stands in the URL. A reference is none: it can be printed.
    fn password(&self) -> Option<(usize, usize)> {
        let start = self.url.find("://")? + 3;
        let length = self.url[start..].find(['/', '?', '#']).unwrap_or(self.url.len() - start);
        let at = start + self.url[start..start + length].rfind('@')?;
        let colon = start + self.url[start..at].find(':')?;
        let password = &self.url[colon + 1..at];
        (!(password.starts_with("${") && password.ends_with('}'))).then_some((colon, at))
    }
}

/// Without the password.
impl std::fmt::Debug for NamedUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}={}", self.name, self.without_password())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(url: &str) -> String {
        format!("{:?}", format!("n={url}").parse::<NamedUrl>().unwrap())
    }

    #[test]
    fn a_password_is_never_printed() {
        assert_eq!(printed("mysql://app:s3c:ret@h:3306/db"), "n=mysql://app@h:3306/db");
        assert_eq!(printed("mysql://app:p@ss@h/db"), "n=mysql://app@h/db");
        assert_eq!(
            printed("postgresql://app@h/db?sslmode=disable"),
            "n=postgresql://app@h/db?sslmode=disable"
        );
        assert_eq!(printed("postgresql://h/a:b@c"), "n=postgresql://h/a:b@c");
        assert_eq!(printed("mysql://app:${env:X}@h/db"), "n=mysql://app:${env:X}@h/db");
        assert_eq!(printed("sqlite:a.db"), "n=sqlite:a.db");
    }

    #[test]
    fn names_are_plain() {
        assert!("a.b=sqlite:x".parse::<NamedUrl>().is_err());
        assert!("sqlite:x".parse::<NamedUrl>().is_err());
    }
}
