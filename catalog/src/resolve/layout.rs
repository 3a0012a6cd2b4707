//! A layout: which of the three forms it has, read by the form's own file.

use std::{collections::BTreeMap, rc::Rc, sync::Arc};

use super::{
    homes::{Homes, Path},
    node::Nodes,
    table::{Draft, Drafts},
};
use crate::{
    Layout, Predicate, Table, TableName,
    error::{Position, Report},
    names::{all, either},
    raw::{self, Fields, Yaml},
};

/// The keys of the forms, of which each layout has one.
const FORMS: [&str; 3] = ["stored", "horizontal", "vertical"];
/// The keys of a layout that is no part of another.
const LAYOUT_KEYS: [&str; 4] = ["stored", "horizontal", "vertical", "follows"];

/// Reads the layouts of one table after another.
#[derive(Debug)]
pub(super) struct Resolver<'a> {
    pub(super) nodes: &'a Nodes,
    pub(super) drafts: &'a Drafts,
    /// The tables that are finished, a table's parents among them unless they are faulty.
    pub(super) done: &'a BTreeMap<TableName, Arc<Table>>,
    pub(super) report: &'a mut Report,
    /// The relations that the table's layout has named so far.
    pub(super) homes: Homes,
}

/// What a layout lays out: rows and columns of a table.
#[derive(Debug, Clone)]
pub(super) struct Scope<'a> {
    pub(super) draft: &'a Draft,
    /// The columns that are here, by position, ascending.
    pub(super) columns: Vec<usize>,
    /// The domains of the parts around this one: every row here satisfies them.
    pub(super) outer: Vec<&'a Predicate>,
    /// Which part of which split this is, from the outermost on.
    pub(super) path: Path,
    /// What messages begin with.
    pub(super) subject: String,
}

impl<'a> Scope<'a> {
    /// All of a table.
    pub(super) fn whole(draft: &'a Draft) -> Scope<'a> {
        let columns = (0..draft.columns.len()).collect();
        Scope {
            draft,
            columns,
            outer: Vec::new(),
            path: Path::new(),
            subject: draft.subject.clone(),
        }
    }

    /// The column of that name, if it is here; else what to say.
    pub(super) fn column(&self, name: &str) -> Result<usize, String> {
        match self.draft.column(name) {
            Some(position) if self.columns.binary_search(&position).is_ok() => Ok(position),
            Some(_) => Err(format!("column `{name}` is not in this part")),
            None => Err(self.draft.unknown_column(name, &self.columns)),
        }
    }

    /// The name of a column.
    pub(super) fn name(&self, position: usize) -> &'a str {
        &self.draft.columns[position].name
    }
}

/// What messages about a part begin with: its name, else its parent's part or its position.
pub(super) fn part_subject(yaml: &Yaml, position: &str, scope: &Scope<'_>) -> String {
    let name = raw::peek(yaml, "name").filter(|name| !name.is_empty());
    let name = name.or_else(|| raw::peek(yaml, "part")).unwrap_or(position);
    format!("{}, part `{name}`", scope.subject)
}

impl Resolver<'_> {
    /// The layout of a whole table.
    pub(super) fn top(&mut self, yaml: &Yaml, scope: &Scope<'_>) -> Option<Layout> {
        let what = format!("{}, `layout`", scope.subject);
        let fields = Fields::read(yaml, &what, &LAYOUT_KEYS, self.report)?;
        self.layout(&fields, scope)
    }

    /// The layout whose form is among `fields`.
    pub(super) fn layout(&mut self, fields: &Fields, scope: &Scope<'_>) -> Option<Layout> {
        let forms: Vec<&str> = FORMS.into_iter().filter(|form| fields.has(form)).collect();
        match forms.as_slice() {
            [_] => {}
            // Told as an unknown key.
            [] if FORMS.iter().any(|form| fields.meant(form)) => {}
            [] => {
                let message = format!("no layout here: say {}", either(&FORMS));
                self.fault(scope, fields.at, &message);
            }
            [.., last] => {
                let message = format!("a layout has one form, here are {}", all(&forms));
                self.fault(scope, fields.position(last), &message);
            }
        }
        if fields.has("follows") && !fields.has("horizontal") {
            self.fault(scope, fields.position("follows"), "`follows` needs `horizontal` beside it");
        }
        let mut layouts = Vec::new();
        for form in &forms {
            let Some(yaml) = fields.get(form).map(Rc::clone) else { continue };
            layouts.extend(match *form {
                "stored" => self.stored(&yaml, scope),
                "horizontal" => self.horizontal(fields, &yaml, scope),
                _ => self.vertical(&yaml, scope),
            });
        }
        layouts.pop().filter(|_| forms.len() == 1)
    }

    /// Tells a fault of `scope`.
    pub(super) fn fault(&mut self, scope: &Scope<'_>, at: Position, message: &str) {
        self.report.fault(at, format!("{}: {message}", scope.subject));
    }

    /// The name of a part: as written, else `default`.
    pub(super) fn part_name(&mut self, fields: &Fields, default: &str, subject: &str) -> String {
        let Some(yaml) = fields.get("name") else { return default.to_owned() };
        match raw::text(yaml, &format!("{subject}, `name`"), self.report) {
            Some("") => {
                self.report.fault(yaml.at, format!("{subject}: a part's name is not empty"));
                default.to_owned()
            }
            Some(name) => name.to_owned(),
            None => default.to_owned(),
        }
    }
}
