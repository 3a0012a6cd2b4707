//! The file of users: a line `NAME:HASH` each, the hash of Argon2id in the PHC string format.
//!
//! ```text
//! # the analysts
//! ada:$argon2id$v=19$m=19456,t=2,p=1$…$…
//! ```

use std::{collections::BTreeMap, fmt, sync::Arc};

use argon2::{Argon2, PasswordHasher, PasswordVerifier, password_hash::phc::PasswordHash};

/// The only algorithm that is taken.
const ALGORITHM: &str = "argon2id";

/// Memory of one verification at most, in KiB: a hash that asks for more would let its user exhaust the server.
const MEMORY_KIB: u32 = 1 << 20;

/// Bytes of a name at most.
const NAME: usize = 256;

/// The users and their hashes.
#[derive(Clone, Default)]
pub struct Users(BTreeMap<Arc<str>, Hash>);

/// A password's hash, as the file has it.
#[derive(Clone, PartialEq, Eq)]
pub struct Hash(Arc<str>);

impl fmt::Debug for Users {
    /// How many: names are nobody's business, hashes even less.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Users").field(&self.0.len()).finish()
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hash").finish_non_exhaustive()
    }
}

impl Hash {
    /// The hash of a new password, by Argon2id with the parameters that OWASP recommends and a salt of its own. Takes
    /// some ten milliseconds and 19 MiB.
    ///
    /// # Errors
    /// If the machine has no random numbers or no memory to give.
    pub fn of(password: &str) -> Result<Hash, String> {
        let hash: PasswordHash = Argon2::default()
            .hash_password(password.as_bytes())
            .map_err(|error| format!("the password cannot be hashed: {error}"))?;
        Ok(Hash(hash.to_string().into()))
    }

    /// Reads one from a file.
    fn read(text: &str) -> Result<Hash, String> {
        let no = "what stands behind the colon is no hash; `intarsia users hash` makes one";
        let parsed = PasswordHash::new(text).map_err(|_| no)?;
        if parsed.salt.is_none() || parsed.hash.is_none() {
            return Err(no.to_owned());
        }
        if parsed.algorithm.as_str() != ALGORITHM {
            return Err(format!("a hash by {}; only {ALGORITHM} is taken", parsed.algorithm));
        }
        let params = argon2::Params::try_from(&parsed).map_err(|error| error.to_string())?;
        if params.m_cost() > MEMORY_KIB {
            return Err(format!("a hash that takes {} KiB; at most {MEMORY_KIB}", params.m_cost()));
        }
        Ok(Hash(text.into()))
    }

    /// Whether it is this password's. Takes as long as making the hash; compares in constant time.
    pub(super) fn is_of(&self, password: &str) -> bool {
        PasswordHash::new(&self.0)
            .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
    }

    /// The hash in the PHC string format.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Users {
    /// Reads a file of users.
    ///
    /// # Errors
    /// Names the line, and never shows what stands behind its colon.
    pub fn parse(text: &str) -> Result<Users, String> {
        let mut users = BTreeMap::new();
        for (at, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let in_line = |why: String| format!("line {}: {why}", at + 1);
            let (name, hash) =
                line.split_once(':').ok_or_else(|| in_line("not of the form NAME:HASH".into()))?;
            Users::check_name(name).map_err(in_line)?;
            if users.insert(name.into(), Hash::read(hash).map_err(in_line)?).is_some() {
                return Err(in_line(format!("user `{name}` a second time")));
            }
        }
        Ok(Users(users))
    }

    /// The file's text with `name` having `hash`: its line is replaced, or one is added. All else stays as it is.
    ///
    /// # Errors
    /// A name that no file can hold.
    pub fn with(text: &str, name: &str, hash: &Hash) -> Result<String, String> {
        Users::check_name(name)?;
        let own = format!("{name}:{}", hash.as_str());
        let is_own =
            |line: &str| line.trim().split_once(':').is_some_and(|(found, _)| found == name);
        let mut lines: Vec<&str> = text.lines().collect();
        match lines.iter_mut().find(|line| is_own(line)) {
            Some(line) => *line = &own,
            None => lines.push(&own),
        }
        Ok(lines.join("\n") + "\n")
    }

    /// Whether a line can begin with `name`.
    ///
    /// # Errors
    /// Says what a name must be.
    pub fn check_name(name: &str) -> Result<(), String> {
        let odd = |c: char| c == ':' || c.is_control();
        if name.is_empty() || name.len() > NAME || name.trim() != name || name.starts_with('#') {
            return Err(format!(
                "a user's name has 1 to {NAME} bytes, no space around and no # in front"
            ));
        }
        if name.contains(odd) {
            return Err("a user's name holds no colon and no control character".to_owned());
        }
        Ok(())
    }

    /// Whether there is such a user.
    pub fn contains(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nobody can log in.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A user with the hash.
    pub(super) fn get(&self, name: &str) -> Option<(&Arc<str>, &Hash)> {
        self.0.get_key_value(name)
    }

    /// A hash that is checked in place of an unknown user's, so that the answer takes as long as for a known one.
    pub(super) fn decoy(&self) -> Option<&Hash> {
        self.0.values().next()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A hash that costs next to nothing, for tests that log in.
    pub(crate) fn cheap(password: &str) -> Hash {
        let params = argon2::Params::new(8, 1, 1, None).unwrap();
        let hash: PasswordHash = Argon2::from(params).hash_password(password.as_bytes()).unwrap();
        Hash(hash.to_string().into())
    }

    #[test]
    fn a_password_verifies_against_its_hash_only() {
        let hash = Hash::of("sesame").unwrap();
        assert!(hash.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", hash.as_str());
        assert!(hash.is_of("sesame") && !hash.is_of("Sesame"));
    }

    #[test]
    fn a_user_is_added_or_gets_a_new_password_and_the_rest_stays() {
        let (old, new) = (cheap("old"), cheap("new"));
        let text = Users::with("# who\n", "ada", &old).unwrap();
        let text = Users::with(&text, "bob", &old).unwrap();
        let text = Users::with(&text, "ada", &new).unwrap();
        assert_eq!(text, format!("# who\nada:{}\nbob:{}\n", new.as_str(), old.as_str()));
        let users = Users::parse(&text).unwrap();
        assert_eq!(users.len(), 2);
        assert!(users.get("ada").unwrap().1.is_of("new"));
    }

    #[test]
    fn a_faulty_line_is_named_and_its_secret_is_not() {
        let bcrypt = "ada:$2b$12$secretsecretsecretsecretsecretsecretsecretsecretsecret";
        let hungry =
            "ada:$argon2id$v=19$m=4194304,t=1,p=1$c29tZXNhbHQ$RdescudvJCsgt3ub+b+dWRWJTmaaJObG";
        for line in ["ada", "ada:secret", ":secret", bcrypt, hungry, "a\tb:secret", " # :secret"] {
            let fault = Users::parse(&format!("# one\n{line}\n"));
            let Err(fault) = fault else {
                assert_eq!(line, " # :secret", "a comment");
                continue;
            };
            assert!(fault.starts_with("line 2: ") && !fault.contains("secret"), "{fault}");
        }
        let twice = format!("ada:{0}\nada:{0}\n", cheap("x").as_str());
        assert!(Users::parse(&twice).unwrap_err().contains("second time"));
    }

    #[test]
    fn debug_shows_neither_name_nor_hash() {
        let users = Users::parse(&Users::with("", "ada", &cheap("x")).unwrap()).unwrap();
        assert_eq!(format!("{users:?} {:?}", cheap("x")), "Users(1) Hash { .. }");
    }
}
