//! `\d` and its kin: what there is to ask.

use std::{collections::BTreeSet, sync::Arc};

use arrow::array::{ArrayRef, RecordBatch, StringArray};

use super::{
    command::What,
    layout,
    names::{meant, spelled},
};
use crate::{
    render::Format,
    source::{Keys, Source, Table},
    status::{Failure, Result},
};

/// The text that describes it.
pub(super) async fn describe(source: Arc<Source>, what: What) -> Result<String> {
    let all = source.tables().await?;
    match what {
        What::Tables(pattern) => tables(&all, &Pattern::read(&pattern)),
        What::Schemas => {
            let schemas: BTreeSet<&str> = all.iter().map(|table| table.schema.as_str()).collect();
            grid(vec![("schema", schemas.into_iter().map(str::to_owned).collect())])
        }
        What::Table(name) => {
            let pattern = Pattern::read(&name);
            let mut text = Vec::new();
            for table in all.iter().filter(|table| pattern.fits(table)) {
                text.push(described(table, &source.keys(table).await?)?);
            }
            match text.is_empty() {
                true => Err(Failure::fault(format!("no table fits `{name}`; \\dt lists them all"))),
                false => Ok(text.join("\n")),
            }
        }
    }
}

/// A query for the functions whose names fit a pattern.
pub(super) fn functions(pattern: &str) -> String {
    let fits = match pattern.is_empty() {
        true => String::new(),
        false => format!(" WHERE routine_name LIKE '{}' ESCAPE '\\'", like(&meant(pattern))),
    };
    format!(
        "SELECT routine_name AS function, min(function_type) AS kind, min(syntax_example) AS usage \
         FROM information_schema.routines{fits} GROUP BY routine_name ORDER BY routine_name"
    )
}

/// A pattern as the inside of a text for LIKE.
fn like(pattern: &str) -> String {
    let mut like = String::new();
    for c in pattern.chars() {
        match c {
            '*' => like.push('%'),
            '?' => like.push('_'),
            '%' | '_' | '\\' => like.extend(['\\', c]),
            '\'' => like.push_str("''"),
            c => like.push(c),
        }
    }
    like
}

fn tables(all: &[Table], pattern: &Pattern) -> Result<String> {
    let fitting = all.iter().filter(|table| table.kind != "SYSTEM TABLE" && pattern.fits(table));
    let fitting: Vec<&Table> = fitting.collect();
    let texts = |text: fn(&Table) -> String| fitting.iter().map(|table| text(table)).collect();
    let mut columns = vec![
        ("schema", texts(|table| table.schema.clone())),
        ("name", texts(|table| table.name.clone())),
    ];
    if fitting.iter().any(|table| table.comment.is_some()) {
        columns.push(("comment", texts(|table| table.comment.clone().unwrap_or_default())));
    }
    grid(columns)
}

fn described(table: &Table, keys: &Keys) -> Result<String> {
    let comment = table.comment.as_ref().map(|text| format!(": {text}")).unwrap_or_default();
    let kind = if table.kind == "VIEW" { "View" } else { "Table" };
    let mut text = format!("{kind} {}{comment}\n", table.shown());
    let columns = &table.columns;
    let columns = grid(vec![
        ("column", columns.iter().map(|column| column.name.clone()).collect()),
        ("type", columns.iter().map(|column| column.kind.clone()).collect()),
        ("null", columns.iter().map(|c| if c.nullable { "" } else { "not null" }.into()).collect()),
    ])?;
    let lines: Vec<&str> = columns.lines().collect();
    // The last one counts the rows.
    text.extend(lines[..lines.len() - 1].iter().flat_map(|line| [line, "\n"]));
    if !keys.primary.is_empty() {
        text.push_str(&format!("Primary key: {}\n", keys.primary.join(", ")));
    }
    for (column, parent, there) in &keys.foreign {
        text.push_str(&format!("Foreign key: {column} → {parent}({there})\n"));
    }
    if let Some(table) = &table.of_catalog {
        text.push_str("Rows:\n");
        text.extend(layout::lines(table).into_iter().map(|line| line + "\n"));
    }
    Ok(text)
}

/// Columns of texts, as a table.
fn grid(columns: Vec<(&str, Vec<String>)>) -> Result<String> {
    let columns = columns.into_iter().map(|(name, texts)| {
        let texts: ArrayRef = Arc::new(StringArray::from(texts));
        (name, texts)
    });
    let batch = RecordBatch::try_from_iter(columns)?;
    let mut out = Vec::new();
    let mut table = Format::Table.start(&batch.schema(), &mut out)?;
    table.batch(&batch)?;
    table.finish()?;
    drop(table);
    Ok(String::from_utf8_lossy(&out).into_owned())
}

impl Table {
    /// Its name, in its schema unless that is the default one.
    pub(crate) fn shown(&self) -> String {
        match self.schema.as_str() {
            "" | intarsia_catalog::DEFAULT_SCHEMA => spelled(&self.name),
            schema => format!("{}.{}", spelled(schema), spelled(&self.name)),
        }
    }
}

/// Names, or patterns of them, of a schema and a table.
struct Pattern {
    schema: String,
    name: String,
}

impl Pattern {
    /// Reads `NAME` or `SCHEMA.NAME`; quotes keep a point inside of a name.
    fn read(text: &str) -> Pattern {
        let mut quoted = false;
        let point = text.char_indices().find(|(_, c)| {
            quoted ^= *c == '"';
            *c == '.' && !quoted
        });
        match point {
            _ if text.is_empty() => Pattern { schema: "*".to_owned(), name: "*".to_owned() },
            Some((at, _)) => Pattern { schema: meant(&text[..at]), name: meant(&text[at + 1..]) },
            None => Pattern { schema: "*".to_owned(), name: meant(text) },
        }
    }

    fn fits(&self, table: &Table) -> bool {
        fits(&self.schema, &table.schema) && fits(&self.name, &table.name)
    }
}

/// Whether a text fits a pattern in which `*` is any text and `?` any character.
fn fits(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    // Which beginnings of the text fit the pattern so far.
    let mut ends = vec![false; text.len() + 1];
    ends[0] = true;
    for c in pattern {
        let mut next = vec![false; text.len() + 1];
        for at in 0..=text.len() {
            next[at] = match c {
                '*' => ends[at] || (at > 0 && next[at - 1]),
                c => at > 0 && ends[at - 1] && (c == '?' || c == text[at - 1]),
            };
        }
        ends = next;
    }
    ends[text.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_stand_for_names() {
        for (pattern, text) in [("*", ""), ("cust*", "customers"), ("*o?d*", "orders"), ("a", "a")]
        {
            assert!(fits(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("", "a"), ("cust", "customers"), ("?", ""), ("*x*", "orders")] {
            assert!(!fits(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn names_fold_unless_they_are_quoted() {
        let read = |text| {
            let Pattern { schema, name } = Pattern::read(text);
            format!("{schema}|{name}")
        };
        assert_eq!(read("Customers"), "*|customers");
        assert_eq!(read("Stock.\"It.ems\""), "stock|It.ems");
        assert_eq!(read(""), "*|*");
    }

    #[test]
    fn a_pattern_of_functions_is_quoted() {
        assert!(functions("date_*").contains("LIKE 'date\\_%' ESCAPE '\\'"));
        assert!(functions("x'; --").contains("LIKE 'x''; --'"));
    }
}
