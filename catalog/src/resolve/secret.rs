//! References to secrets in the values of nodes: `${env:NAME}` and `${file:path}`.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// Where references lead. The catalog itself reads neither the environment nor files.
pub trait Secrets {
    /// The value of the environment variable `name`.
    ///
    /// # Errors
    /// Why there is none; the message never holds a value.
    fn env(&self, name: &str) -> Result<String, String>;

    /// The text of the file at `path`, which is relative to the catalog file. One newline at its end is
    /// dropped by the caller.
    ///
    /// # Errors
    /// Why it could not be read.
    fn file(&self, path: &str) -> Result<String, String>;
}

/// A value with its references replaced.
#[derive(Debug)]
pub(super) struct Resolved {
    pub(super) text: String,
    /// Whether something came from a reference: then no message may show the text.
    pub(super) secret: bool,
}

impl Resolved {
    /// `part` of the text in quotes if it may be shown, else `instead`.
    pub(super) fn show(&self, part: &str, instead: &str) -> String {
        if self.secret { instead.to_owned() } else { format!("`{part}`") }
    }
}

/// Replaces the references in a value that is not a URL.
pub(super) fn resolve(written: &str, secrets: &dyn Secrets) -> Result<Resolved, String> {
    substitute(written, secrets, |_, secret| secret)
}

/// Replaces the references in a URL. As user or password a secret stands for itself: its special
/// characters are encoded.
pub(super) fn resolve_url(written: &str, secrets: &dyn Secrets) -> Result<Resolved, String> {
    substitute(written, secrets, |(before, after), secret| {
        if in_credentials(before, after) {
            utf8_percent_encode(&secret, NON_ALPHANUMERIC).to_string()
        } else {
            secret
        }
    })
}

/// Whether what stands between `before` and `after` is in front of the URL's `@`.
fn in_credentials(before: &str, after: &str) -> bool {
    let ends = |c: char| matches!(c, '/' | '?' | '#');
    let opened = before.split_once("://").is_some_and(|(_, authority)| !authority.contains(ends));
    opened && literals(after).take_while(|c| !ends(*c)).any(|c| c == '@')
}

/// The characters outside of references.
fn literals(text: &str) -> impl Iterator<Item = char> {
    let mut inside = false;
    let mut previous = ' ';
    text.chars().filter(move |&next| {
        let literal = !inside;
        inside = if inside { next != '}' } else { previous == '$' && next == '{' };
        previous = next;
        literal
    })
}

fn substitute(
    written: &str,
    secrets: &dyn Secrets,
    place: impl Fn((&str, &str), String) -> String,
) -> Result<Resolved, String> {
    let mut resolved = Resolved { text: String::new(), secret: false };
    let mut rest = written;
    while let Some(start) = rest.find("${") {
        let (literal, reference) = rest.split_at(start);
        let Some((inner, after)) = reference[2..].split_once('}') else {
            return Err("a reference `${` has no `}`".to_owned());
        };
        resolved.text.push_str(literal);
        let around = (written.split_at(written.len() - reference.len()).0, after);
        resolved.text.push_str(&place(around, look_up(inner, secrets)?));
        resolved.secret = true;
        rest = after;
    }
    resolved.text.push_str(rest);
    Ok(resolved)
}

/// The value of the reference `${inner}`.
fn look_up(inner: &str, secrets: &dyn Secrets) -> Result<String, String> {
    let found = match inner.split_once(':') {
        Some(("env", name)) => secrets.env(name),
        Some(("file", path)) => secrets.file(path).map(without_newline),
        _ => Err("a reference is `${env:NAME}` or `${file:path}`".to_owned()),
    };
    found.map_err(|message| format!("`${{{inner}}}`: {message}"))
}

fn without_newline(mut text: String) -> String {
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed;

    impl Secrets for Fixed {
        fn env(&self, name: &str) -> Result<String, String> {
            match name {
                "PW" => Ok("p@s/s".to_owned()),
                "HOST" => Ok("db.example:5433".to_owned()),
                _ => Err("is not set".to_owned()),
            }
        }

        fn file(&self, path: &str) -> Result<String, String> {
            Ok(format!("{path}\r\n\n"))
        }
    }

    fn url(written: &str) -> String {
        resolve_url(written, &Fixed).unwrap().text
    }

    #[test]
    fn a_secret_in_front_of_the_host_is_encoded_and_elsewhere_stands_as_it_is() {
        assert_eq!(url("mysql://a:${env:PW}@h/d"), "mysql://a:p%40s%2Fs@h/d");
        assert_eq!(url("mysql://${env:PW}:${env:PW}@h/d"), "mysql://p%40s%2Fs:p%40s%2Fs@h/d");
        assert_eq!(url("mysql://a@${env:HOST}/d"), "mysql://a@db.example:5433/d");
        assert_eq!(url("mysql://${env:HOST}/d"), "mysql://db.example:5433/d");
        assert_eq!(url("mysql://a:${file:x/y@z}@h/d"), "mysql://a:x%2Fy%40z%0D%0A@h/d");
    }

    #[test]
    fn one_newline_of_a_file_is_dropped() {
        assert_eq!(resolve("${file:k}", &Fixed).unwrap().text, "k\r\n");
    }

    #[test]
    fn what_is_no_reference_is_told_without_a_value() {
        for (written, message) in [
            ("a${env:NO}", "`${env:NO}`: is not set"),
            ("${env:PW", "a reference `${` has no `}`"),
            ("${x}", "`${x}`: a reference is `${env:NAME}` or `${file:path}`"),
        ] {
            assert_eq!(resolve(written, &Fixed).unwrap_err(), message);
        }
        assert_eq!(resolve("$5 {a}", &Fixed).unwrap().text, "$5 {a}");
    }
}
