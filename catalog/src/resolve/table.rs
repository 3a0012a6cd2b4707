//! The logical tables: names, columns, keys; then, parents before their children, layouts.

use std::{
    collections::{BTreeMap, HashMap},
    rc::Rc,
    sync::Arc,
};

use super::{
    follows,
    homes::Homes,
    layout::{Resolver, Scope},
    node::Nodes,
    order,
};
use crate::{
    Column, DEFAULT_SCHEMA, Table, TableName, Type,
    error::{Position, Report},
    names::suggest,
    raw::{self, Fields, Yaml},
    types::column_type,
};

/// A table whose layout is not read yet.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) name: TableName,
    pub(super) subject: String,
    pub(super) columns: Vec<Column>,
    /// Columns by name.
    pub(super) index: HashMap<String, usize>,
    pub(super) primary_key: Vec<usize>,
    /// Whether columns and key are as they should be, so that rules about them can be judged.
    pub(super) sound: bool,
    comment: Option<String>,
    layout: Option<Rc<Yaml>>,
    at: Position,
}

/// The drafts by name.
pub(super) type Drafts = BTreeMap<TableName, Draft>;

/// Reads the entries under `tables`.
pub(super) fn tables(
    yaml: &Yaml,
    nodes: &Nodes,
    report: &mut Report,
) -> BTreeMap<TableName, Arc<Table>> {
    let drafts = drafts(yaml, report);
    let parents = |draft: &Draft| {
        draft.layout.as_deref().map_or_else(Vec::new, |layout| follows::parents(layout, &drafts))
    };
    let parents = drafts.iter().map(|(name, draft)| (name, parents(draft))).collect();
    let mut done = BTreeMap::new();
    for name in order::parents_first(&parents, report) {
        let resolver =
            Resolver { nodes, drafts: &drafts, done: &done, report, homes: Homes::default() };
        if let Some(table) = finish(&drafts[name], resolver) {
            done.insert(name.clone(), Arc::new(table));
        }
    }
    done
}

fn finish(draft: &Draft, mut resolver: Resolver<'_>) -> Option<Table> {
    let layout = draft.layout.as_deref()?;
    let layout = resolver.top(layout, &Scope::whole(draft))?;
    Some(Table {
        name: draft.name.clone(),
        comment: draft.comment.clone(),
        columns: draft.columns.clone(),
        primary_key: draft.primary_key.clone(),
        layout,
    })
}

fn drafts(yaml: &Yaml, report: &mut Report) -> Drafts {
    let mut drafts = Drafts::new();
    for (key, value) in raw::entries(yaml, "`tables`", report).unwrap_or_default() {
        if report.is_full() {
            break;
        }
        let name = match table_name(&key.name) {
            Ok(name) => name,
            Err(message) => {
                report.fault(key.at, message);
                continue;
            }
        };
        if drafts.contains_key(&name) {
            let message =
                format!("table `{name}` is here twice: `{DEFAULT_SCHEMA}` is the default");
            report.fault(key.at, message);
            continue;
        }
        let draft = draft(name.clone(), key.at, value, report);
        drafts.insert(name, draft);
    }
    drafts
}

/// `name` or `schema.name`; only the first point divides.
pub(super) fn table_name(text: &str) -> Result<TableName, String> {
    let (schema, name) = text.split_once('.').unwrap_or((DEFAULT_SCHEMA, text));
    if schema.is_empty() || name.is_empty() {
        return Err(format!("`{text}` is no table's name: write NAME or SCHEMA.NAME"));
    }
    if schema.eq_ignore_ascii_case("information_schema") {
        return Err(format!(
            "table `{text}`: `information_schema` describes the tables, it has none"
        ));
    }
    Ok(TableName { schema: schema.to_owned(), name: name.to_owned() })
}

fn draft(name: TableName, at: Position, yaml: &Yaml, report: &mut Report) -> Draft {
    const KEYS: [&str; 4] = ["comment", "columns", "primary_key", "layout"];
    let subject = format!("table `{name}`");
    let mut draft = Draft {
        name,
        subject,
        columns: Vec::new(),
        index: HashMap::new(),
        primary_key: Vec::new(),
        sound: true,
        comment: None,
        layout: None,
        at,
    };
    match Fields::read(yaml, &draft.subject, &KEYS, report) {
        Some(fields) => draft.read(&fields, report),
        None => draft.sound = false,
    }
    draft
}

impl Draft {
    /// The column of that name.
    pub(super) fn column(&self, name: &str) -> Option<usize> {
        self.index.get(name).copied()
    }

    /// `` unknown column `x`: did you mean `y`? `` among the columns at `positions`.
    pub(super) fn unknown_column(&self, name: &str, positions: &[usize]) -> String {
        let known = positions.iter().map(|&position| self.columns[position].name.as_str());
        format!("unknown column `{name}`{}", suggest(name, known))
    }

    fn read(&mut self, fields: &Fields, report: &mut Report) {
        if let Some(comment) = fields.get("comment") {
            let what = format!("{}, `comment`", self.subject);
            self.comment = raw::text(comment, &what, report).map(str::to_owned);
        }
        match self.require(fields, "columns", report) {
            Some(columns) => self.read_columns(&columns, report),
            None => self.sound = false,
        }
        if let Some(key) = fields.get("primary_key") {
            self.read_key(key, report);
        }
        self.layout = self.require(fields, "layout", report);
    }

    /// What a table cannot be without; missed where its name stands.
    fn require(&self, fields: &Fields, key: &str, report: &mut Report) -> Option<Rc<Yaml>> {
        let found = fields.get(key).map(Rc::clone);
        if found.is_none() && !fields.meant(key) {
            report.fault(self.at, format!("{}: the key `{key}` is missing", self.subject));
        }
        found
    }

    fn read_columns(&mut self, yaml: &Yaml, report: &mut Report) {
        let what = format!("{}, `columns`", self.subject);
        let Some(entries) = raw::entries(yaml, &what, report) else {
            self.sound = false;
            return;
        };
        if entries.is_empty() {
            self.fault(yaml.at, "a table has at least one column", report);
        }
        for (key, value) in entries {
            if report.is_full() {
                break;
            }
            if raw::is_torn(key, value) {
                self.fault(key.at, raw::TORN, report);
                continue;
            }
            if key.name.is_empty() {
                self.fault(key.at, "a column has a name", report);
            }
            // A stand-in keeps the column known, so that its name is not told as unknown as well.
            let (ty, nullable) =
                self.column_type(&key.name, value, report).unwrap_or((Type::Text, true));
            self.index.insert(key.name.clone(), self.columns.len());
            self.columns.push(Column { name: key.name.clone(), ty, nullable });
        }
    }

    fn column_type(
        &mut self,
        name: &str,
        yaml: &Yaml,
        report: &mut Report,
    ) -> Option<(Type, bool)> {
        let what = format!("{}, column `{name}`", self.subject);
        let read = match raw::text(yaml, &what, report).map(column_type) {
            Some(Err(message)) => {
                report.fault(yaml.at, format!("{what}: {message}"));
                None
            }
            Some(Ok(read)) => Some(read),
            None => None,
        };
        self.sound &= read.is_some();
        read
    }

    fn read_key(&mut self, yaml: &Yaml, report: &mut Report) {
        let what = format!("{}, `primary_key`", self.subject);
        let Some(items) = raw::items(yaml, &what, report) else {
            self.sound = false;
            return;
        };
        if items.is_empty() {
            self.fault(yaml.at, "`primary_key` names no column", report);
        }
        for item in items {
            if report.is_full() {
                break;
            }
            let Some(name) = raw::text(item, &what, report) else {
                self.sound = false;
                continue;
            };
            match self.key_column(name) {
                Ok(position) => self.primary_key.push(position),
                Err(message) => {
                    self.fault(item.at, &format!("`primary_key`: {message}"), report);
                }
            }
        }
    }

    fn key_column(&self, name: &str) -> Result<usize, String> {
        let every: Vec<usize> = (0..self.columns.len()).collect();
        let position = self.column(name).ok_or_else(|| self.unknown_column(name, &every))?;
        if self.primary_key.contains(&position) {
            return Err(format!("`{name}` is here twice"));
        }
        if self.sound && self.columns[position].nullable {
            let ty = self.columns[position].ty;
            return Err(format!("`{name}` may be NULL: declare it `{ty} not null`"));
        }
        Ok(position)
    }

    fn fault(&mut self, at: Position, message: &str, report: &mut Report) {
        self.sound = false;
        report.fault(at, format!("{}: {message}", self.subject));
    }
}
