//! Texts as YAML scalars.

/// Words that other readers of YAML take for something else than a text.
const WORDS: [&str; 9] = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"];

/// A text as a key or a value, quoted where it must be.
pub(super) fn scalar(text: &str) -> String {
    let plain = text.split('.').all(is_plain);
    if plain && !WORDS.contains(&text.to_lowercase().as_str()) {
        text.to_owned()
    } else {
        quoted(text)
    }
}

/// A text in double quotes.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            // What YAML counts as unprintable or as a line's end.
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                quoted.push_str(&format!("\\U{:08x}", u32::from(c)));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// Whether a name is a plain one: `[A-Za-z_][A-Za-z0-9_]*`.
pub(super) fn is_plain(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_must_be_is_quoted() {
        assert_eq!(scalar("eu.customers"), "eu.customers");
        assert_eq!(scalar("No"), "\"No\"");
        assert_eq!(scalar("odd name"), "\"odd name\"");
        assert_eq!(scalar("1"), "\"1\"");
        assert_eq!(scalar("ключ"), "\"ключ\"");
        assert_eq!(quoted("a\"b\\c\n\u{85}"), r#""a\"b\\c\n\U00000085""#);
    }
}
