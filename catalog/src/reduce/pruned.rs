//! Why a part is not read: for people, computed only when they ask.

use super::{Need, Reducer};
use crate::{
    Column, Horizontal, HorizontalPart, Layout, Predicate, Table, Vertical, region::Region,
};

/// A part that a query does not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pruned {
    /// The names of the parts that lead to it, outermost first, its own last.
    pub path: Vec<String>,
    /// Why it is not read.
    pub reason: String,
}

impl Layout {
    /// The parts that [`Layout::reduce`] leaves out, outermost only, in the catalog's order.
    pub fn pruned(&self, table: &Table, need: &Need) -> impl Iterator<Item = Pruned> + use<> {
        let region = super::needed(table, need);
        let mut walk = Walk {
            reducer: Reducer { table, used: &need.columns },
            need,
            wanted: region.clone(),
            path: Vec::new(),
            pruned: Vec::new(),
        };
        if region.is_satisfiable(&table.columns) {
            walk.layout(self, &region);
        } else {
            walk.all(self, &format!("{} is never TRUE", need.condition.display(&table.columns)));
        }
        walk.pruned.into_iter()
    }
}

struct Walk<'a> {
    reducer: Reducer<'a>,
    need: &'a Need,
    /// Where the condition is TRUE.
    wanted: Region,
    path: Vec<String>,
    pruned: Vec<Pruned>,
}

impl Walk<'_> {
    fn layout(&mut self, layout: &Layout, region: &Region) {
        match layout {
            Layout::Stored(_) => {}
            Layout::Horizontal(split) => self.horizontal(split, region),
            Layout::Vertical(split) => self.vertical(split, region),
        }
    }

    fn horizontal(&mut self, split: &Horizontal, region: &Region) {
        for (part, own) in split.parts.iter().zip(&split.regions) {
            match self.reducer.narrowed(region, own) {
                Some(both) => self.inside(&part.name, &part.layout, &both),
                None => {
                    let reason = self.contradiction(part, own);
                    self.prune(&part.name, reason);
                }
            }
        }
    }

    fn vertical(&mut self, split: &Vertical, region: &Region) {
        let all = || split.parts.iter().enumerate();
        let Some(chosen) = self.reducer.chosen(split, region) else {
            return all().for_each(|(_, part)| self.inside(&part.name, &part.layout, region));
        };
        let gives = |at: &usize| {
            let part = &split.parts[*at];
            self.reducer.layout(&part.layout, &self.reducer.rows_of(part, region)).is_some()
        };
        let barren = chosen.iter().find(|at| !gives(at)).copied();
        for (at, part) in all() {
            if !chosen.contains(&at) {
                self.prune(&part.name, "none of its columns is used".into());
            } else if let Some(barren) = barren.filter(|barren| *barren != at) {
                let name = &split.parts[barren].name;
                self.prune(&part.name, format!("part `{name}` has no row to join it with"));
            } else {
                let rows = self.reducer.rows_of(part, region);
                self.inside(&part.name, &part.layout, &rows);
            }
        }
    }

    fn inside(&mut self, name: &str, layout: &Layout, region: &Region) {
        self.path.push(name.to_owned());
        self.layout(layout, region);
        self.path.pop();
    }

    /// Every part of a layout.
    fn all(&mut self, layout: &Layout, reason: &str) {
        let names: Vec<&String> = match layout {
            Layout::Stored(_) => Vec::new(),
            Layout::Horizontal(split) => split.parts.iter().map(|part| &part.name).collect(),
            Layout::Vertical(split) => split.parts.iter().map(|part| &part.name).collect(),
        };
        names.into_iter().for_each(|name| self.prune(name, reason.to_owned()));
    }

    fn prune(&mut self, name: &str, reason: String) {
        let path = self.path.iter().cloned().chain([name.to_owned()]).collect();
        self.pruned.push(Pruned { path, reason });
    }

    fn contradiction(&self, part: &HorizontalPart, own: &Region) -> String {
        let columns = &self.reducer.table.columns;
        let condition = &self.need.condition;
        let opposed = |column: &usize| {
            let about = |region: &Region| region.project(|one| one == *column);
            !about(&self.wanted).intersect(&about(own)).is_satisfiable(columns)
        };
        match condition.columns().intersection(&part.domain.columns()).find(|one| opposed(one)) {
            Some(&column) => format!(
                "{} contradicts the part's {}",
                about(condition, column, columns),
                about(&part.domain, column, columns)
            ),
            None if self.wanted.intersect(own).is_satisfiable(columns) => {
                format!("the parts around it leave nothing of its {}", part.domain.display(columns))
            }
            None => format!(
                "{} contradicts the part's {}",
                condition.display(columns),
                part.domain.display(columns)
            ),
        }
    }
}

/// What a condition says of a column: the terms about it alone, else those that mention it.
fn about(predicate: &Predicate, column: usize, columns: &[Column]) -> String {
    let mut terms = Vec::new();
    flatten(predicate, &mut terms);
    let alone = |term: &&Predicate| term.columns().iter().eq([&column]);
    let mut found: Vec<Predicate> = terms.iter().copied().filter(alone).cloned().collect();
    if found.is_empty() {
        let mentions = |term: &&Predicate| term.columns().contains(&column);
        found = terms.iter().copied().filter(mentions).cloned().collect();
    }
    match &found[..] {
        [one] => one.display(columns).to_string(),
        _ => Predicate::And(found).display(columns).to_string(),
    }
}

fn flatten<'a>(predicate: &'a Predicate, terms: &mut Vec<&'a Predicate>) {
    match predicate {
        Predicate::And(all) => all.iter().for_each(|one| flatten(one, terms)),
        one => terms.push(one),
    }
}
