//! Where the rows of a table are, for people.

use intarsia_catalog::{Keys, Layout, Stored, Table};

/// Of more parts than this beside one another only the first are shown.
const SHOWN: usize = 20;

/// The layout of a table, a line a part, what is inside of it indented below.
pub(super) fn lines(table: &Table) -> Vec<String> {
    let mut lines = Vec::new();
    write(table, &table.layout, 1, &mut lines);
    lines
}

fn write(table: &Table, layout: &Layout, depth: usize, lines: &mut Vec<String>) {
    let indent = "  ".repeat(depth);
    match layout {
        Layout::Stored(stored) => lines.push(format!("{indent}{}", places(stored))),
        Layout::Horizontal(split) => {
            for part in split.parts.iter().take(SHOWN) {
                let domain = part.domain.display(&table.columns);
                let home = match &part.follows {
                    Some(parent) => format!("as {parent} of {}", followed(table)),
                    None => domain.to_string(),
                };
                lines.push(format!("{indent}{}: {home}", part.name));
                write(table, &part.layout, depth + 1, lines);
            }
            lines.extend(more(&indent, split.parts.len()));
        }
        Layout::Vertical(split) => {
            for part in split.parts.iter().take(SHOWN) {
                let columns = part.columns.iter().map(|at| table.columns[*at].name.as_str());
                let columns = columns.collect::<Vec<_>>().join(", ");
                let keys = match part.keys {
                    Keys::Complete => "",
                    Keys::Optional => " (some keys may be missing)",
                };
                lines.push(format!("{indent}{}: {columns}{keys}", part.name));
                write(table, &part.layout, depth + 1, lines);
            }
            lines.extend(more(&indent, split.parts.len()));
        }
    }
}

/// The table whose parts a derived one follows.
fn followed(table: &Table) -> String {
    match &table.layout {
        Layout::Horizontal(split) => {
            split.follows.as_ref().map(|follows| follows.table.to_string()).unwrap_or_default()
        }
        Layout::Stored(_) | Layout::Vertical(_) => String::new(),
    }
}

fn places(stored: &Stored) -> String {
    let places = stored.replicas.iter().map(|replica| replica.place.to_string());
    places.collect::<Vec<_>>().join(" = ")
}

fn more(indent: &str, parts: usize) -> Option<String> {
    let hidden = parts.checked_sub(SHOWN).filter(|hidden| *hidden > 0);
    hidden.map(|hidden| format!("{indent}… {hidden} more parts"))
}
