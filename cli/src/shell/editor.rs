//! The line that somebody types into.

use std::{borrow::Cow, env};

use nu_ansi_term::Style;
use reedline::{
    Color, ColumnarMenu, DefaultHinter, EditCommand, Emacs, InputMode, KeyCode, KeyModifiers,
    MenuBuilder, Prompt, PromptEditMode, PromptHistorySearch, PromptHistorySearchStatus, Reedline,
    ReedlineEvent, ReedlineMenu, Signal, ValidationResult, Validator, default_emacs_keybindings,
};

use super::{
    complete::Sql as Completions,
    highlight::Sql as Colours,
    history,
    input::{self, Read},
    names::Known,
};

/// The name of the menu of completions.
const MENU: &str = "completions";

/// Reads entries.
pub(super) struct Editor(Reedline);

impl Editor {
    /// An editor that completes what is known.
    pub(super) fn new(known: Known) -> Editor {
        let menu = ColumnarMenu::default()
            .with_name(MENU)
            .with_marker(PROMPT)
            .with_input_mode(InputMode::FullBuffer);
        let editor = Reedline::create()
            .with_history(history::open())
            .with_history_exclusion_prefix(Some(" ".to_owned()))
            .with_validator(Box::new(Whole))
            .with_completer(Box::new(Completions::new(known)))
            .with_quick_completions(true)
            .with_partial_completions(true)
            .with_menu(ReedlineMenu::EngineCompleter(Box::new(menu)))
            .with_edit_mode(keys())
            .use_bracketed_paste(true);
        // By the convention of no-color.org.
        let coloured = env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let editor = editor.with_ansi_colors(coloured);
        Editor(match coloured {
            true => editor
                .with_highlighter(Box::new(Colours))
                .with_hinter(Box::new(DefaultHinter::default().with_style(Style::new().dimmed()))),
            false => editor,
        })
    }

    /// Waits for an entry.
    pub(super) fn read(&mut self) -> reedline::Result<Read> {
        let signal = self.0.read_line(&Line)?;
        self.0.sync_history()?;
        Ok(match signal {
            Signal::Success(text) if text.trim().is_empty() => Read::Nothing,
            Signal::Success(text) => Read::Entry(text),
            Signal::CtrlD => Read::End,
            _ => Read::Nothing,
        })
    }
}

/// Emacs' keys, as in most shells, and those for the menu.
fn keys() -> Box<Emacs> {
    let mut keys = default_emacs_keybindings();
    let next = vec![ReedlineEvent::Menu(MENU.to_owned()), ReedlineEvent::MenuNext];
    keys.add_binding(KeyModifiers::NONE, KeyCode::Tab, ReedlineEvent::UntilFound(next));
    keys.add_binding(KeyModifiers::SHIFT, KeyCode::BackTab, ReedlineEvent::MenuPrevious);
    let line = ReedlineEvent::Edit(vec![EditCommand::InsertNewline]);
    keys.add_binding(KeyModifiers::ALT, KeyCode::Enter, line);
    Box::new(Emacs::new(keys))
}

/// Enter ends an entry that is whole, and else begins a line.
struct Whole;

impl Validator for Whole {
    fn validate(&self, text: &str) -> ValidationResult {
        if input::is_whole(text) {
            ValidationResult::Complete
        } else {
            ValidationResult::Incomplete
        }
    }
}

/// What stands before an entry.
pub(super) const PROMPT: &str = "intarsia> ";
/// And before its further lines.
pub(super) const MORE: &str = "       -> ";

struct Line;

impl Prompt for Line {
    fn render_prompt_left(&self) -> Cow<'_, str> {
        Cow::Borrowed("")
    }

    fn render_prompt_right(&self) -> Cow<'_, str> {
        Cow::Borrowed("")
    }

    fn render_prompt_indicator(&self, _: PromptEditMode) -> Cow<'_, str> {
        Cow::Borrowed(PROMPT)
    }

    fn render_prompt_multiline_indicator(&self) -> Cow<'_, str> {
        Cow::Borrowed(MORE)
    }

    fn render_prompt_history_search_indicator(&self, search: PromptHistorySearch) -> Cow<'_, str> {
        let failing = match search.status {
            PromptHistorySearchStatus::Passing => "",
            PromptHistorySearchStatus::Failing => "nothing ",
        };
        Cow::Owned(format!("({failing}before: {}) ", search.term))
    }

    fn get_indicator_color(&self) -> Color {
        Color::Reset
    }

    fn get_prompt_multiline_color(&self) -> nu_ansi_term::Color {
        nu_ansi_term::Color::Default
    }
}
