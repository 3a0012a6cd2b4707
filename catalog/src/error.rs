//! What is wrong with a catalog file: all of it at once, each problem with its place.

use std::fmt;

/// A place in the file, counted from 1; columns are characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Position {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

impl Position {
    /// Where a file begins.
    pub(crate) const START: Position = Position { line: 1, column: 1 };
}

/// One thing that is wrong, or, among warnings, that could be better.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Problem {
    /// The line, from 1.
    pub line: usize,
    /// The column, in characters from 1.
    pub column: usize,
    /// What is wrong and what to write instead; never a secret.
    pub message: String,
}

impl Problem {
    /// The problem as `FILE:LINE:COLUMN: message`.
    pub fn in_file(&self, file: &str) -> impl fmt::Display {
        format!("{file}:{}:{}: {}", self.line, self.column, self.message)
    }
}

/// Everything that is wrong with a catalog file. Prints as one line for each problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems {
    /// The file's name.
    pub file: String,
    /// The problems in the order of their positions; at least one.
    pub list: Vec<Problem>,
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.list.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{}", problem.in_file(&self.file))?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// Collects problems while a file is read. Each begins with what it is about: `` table `orders`, part `eu`: ``.
#[derive(Debug, Default)]
pub(crate) struct Report {
    problems: Vec<Problem>,
    warnings: Vec<Problem>,
}

/// So many problems are told at once. Nobody reads more, and looking for names that may have been meant
/// would take ever longer.
const MOST: usize = 1_000;

impl Report {
    /// Something is wrong at `at`.
    pub(crate) fn fault(&mut self, at: Position, message: impl Into<String>) {
        if !self.is_full() {
            self.problems.push(problem(at, message.into()));
        }
    }

    /// Whether no more problems are told: the reading may end.
    pub(crate) fn is_full(&self) -> bool {
        self.problems.len() >= MOST
    }

    /// Something could be better at `at`.
    pub(crate) fn warn(&mut self, at: Position, message: impl Into<String>) {
        self.warnings.push(problem(at, message.into()));
    }

    /// The warnings, if nothing was wrong.
    pub(crate) fn finish(self, file: &str) -> Result<Vec<Problem>, Problems> {
        if self.problems.is_empty() {
            Ok(in_order(self.warnings))
        } else {
            let full = self.is_full();
            let mut list = in_order(self.problems);
            if let Some(last) = list.last().filter(|_| full).cloned() {
                let message = format!("{MOST} problems are told at once, there may be more");
                list.push(Problem { message, ..last });
            }
            Err(Problems { file: file.to_owned(), list })
        }
    }
}

fn problem(at: Position, message: String) -> Problem {
    Problem { line: at.line, column: at.column, message }
}

/// By position, each told once: what an alias repeats is one problem of the file.
fn in_order(mut list: Vec<Problem>) -> Vec<Problem> {
    list.sort();
    list.dedup();
    list
}
