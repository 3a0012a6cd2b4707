//! Colours for SQL while it is typed.

use intarsia_engine::session::{WordKind, words};
use nu_ansi_term::{Color, Style};
use reedline::{Highlighter, StyledText};

use super::{command, vocabulary};

/// Colours by the engine's own reading of the text.
pub(super) struct Sql;

impl Highlighter for Sql {
    fn highlight(&self, text: &str, _cursor: usize) -> StyledText {
        let mut styled = StyledText::new();
        if command::is_command(text) {
            styled.push((Style::new().bold(), text.to_owned()));
            return styled;
        }
        for word in words(text) {
            let piece = &text[word.range];
            styled.push((style(piece, word.kind), piece.to_owned()));
        }
        styled
    }
}

fn style(piece: &str, kind: WordKind) -> Style {
    match kind {
        WordKind::Plain if vocabulary::is_keyword(piece) => Color::Blue.bold(),
        WordKind::Number => Color::Cyan.normal(),
        WordKind::Text => Color::Green.normal(),
        WordKind::Comment => Style::new().dimmed(),
        // What has no end yet looks like what it will be.
        WordKind::Open if piece.starts_with("/*") => Style::new().dimmed(),
        WordKind::Open if !piece.starts_with('"') => Color::Green.normal(),
        WordKind::Faulty => Color::Red.normal(),
        WordKind::Plain
        | WordKind::Quoted
        | WordKind::Space
        | WordKind::Symbol
        | WordKind::Open => Style::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_follow_the_words_and_keep_the_text() {
        let text = "select \"from\" from t where a = 'x' -- y";
        let styled = Sql.highlight(text, 0);
        assert_eq!(styled.raw_string(), text);
        let of = |wanted: &str| {
            styled.buffer.iter().find(|(_, piece)| piece == wanted).map(|(style, _)| *style)
        };
        assert_eq!(of("from"), Some(Color::Blue.bold()));
        assert_eq!(of("\"from\""), Some(Style::default()));
        assert_eq!(of("'x'"), Some(Color::Green.normal()));
    }
}
