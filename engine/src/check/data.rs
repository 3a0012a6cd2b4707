//! Rows that break a promise of the catalog.
//!
//! First every question is put as a plan whose answer should have no rows, then they are asked one after another.

use std::{collections::BTreeSet, sync::Arc};

use datafusion::{
    common::{Column, Result as PlanResult},
    functions_aggregate::expr_fn::{count, max, min, sum},
    logical_expr::{Expr, JoinType, LogicalPlan, LogicalPlanBuilder, col, lit, when},
};
use intarsia_catalog::{
    Catalog, Follows, Horizontal, HorizontalPart, Keys, Layout, Stored, Table, Vertical,
    VerticalPart,
};

use super::{
    Finding, SHOWN_ROWS, condition,
    nodes::{alone, subject},
    probe::{self, Probe},
};
use crate::ErrorKind;

/// What the questions' plans call a part, and the one that it is compared with.
const PART: &str = "part";
const OTHER: &str = "other";

/// A plan whose answer should have no rows.
struct Question {
    /// What it is about.
    subject: String,
    /// What its rows are.
    rows: String,
    plan: LogicalPlan,
}

/// What is wrong with the rows of a table.
pub(super) async fn rows(probe: &Probe, catalog: &Catalog, table: &Table) -> Vec<Finding> {
    let mut questions = Questions { catalog, table, list: Vec::new() };
    let mut findings = Vec::new();
    if let Err(error) = questions.layout(&table.layout, &[]) {
        findings.push(Finding::of(&error.into(), &subject(table, &[])));
    }
    for question in &questions.list {
        findings.extend(ask(probe, question).await);
    }
    findings
}

async fn ask(probe: &Probe, question: &Question) -> Option<Finding> {
    let rows = match probe.rows(&question.plan).await {
        Ok(rows) => rows,
        Err(error) => return Some(Finding::of(&error, &question.subject)),
    };
    let count = match rows.num_rows() {
        0 => return None,
        count if count > SHOWN_ROWS => format!("more than {SHOWN_ROWS}"),
        count => count.to_string(),
    };
    let message = format!("{}: {}: {count}", question.subject, question.rows);
    let shown = rows.slice(0, rows.num_rows().min(SHOWN_ROWS));
    Some(Finding { kind: ErrorKind::Mismatch, message, rows: Some(shown) })
}

/// The questions about one table.
struct Questions<'a> {
    catalog: &'a Catalog,
    table: &'a Table,
    list: Vec<Question>,
}

impl Questions<'_> {
    fn layout(&mut self, layout: &Layout, path: &[&str]) -> PlanResult<()> {
        match layout {
            Layout::Stored(stored) => self.stored(stored, path),
            Layout::Horizontal(split) => self.horizontal(split, path),
            Layout::Vertical(split) => self.vertical(split, path),
        }
    }

    fn ask(&mut self, subject: String, rows: String, plan: LogicalPlanBuilder) -> PlanResult<()> {
        let plan = plan.limit(0, Some(SHOWN_ROWS + 1))?.build()?;
        self.list.push(Question { subject, rows, plan });
        Ok(())
    }

    fn stored(&mut self, stored: &Stored, path: &[&str]) -> PlanResult<()> {
        let Some((first, others)) = stored.replicas.split_first() else { return Ok(()) };
        let layout = alone(stored, first);
        if !self.table.primary_key.is_empty() {
            let subject = format!("{} ({})", subject(self.table, path), first.place);
            let twice = self.keys(PART, &layout)?.aggregate(self.key(PART), [how_often()])?;
            let twice = twice.filter(col("rows").gt(lit(1_i64)))?;
            self.ask(subject, "keys that are there more than once".to_owned(), twice)?;
        }
        for other in others {
            let places = (first.place.to_string(), other.place.to_string());
            let plan =
                self.difference((&layout, &alone(stored, other)), &stored.columns, &places)?;
            let rows = format!("rows in which the copies {} and {} differ", places.0, places.1);
            self.ask(subject(self.table, path), rows, plan)?;
        }
        Ok(())
    }

    /// Each row once more in one copy than in the other, and in which.
    fn difference(
        &self,
        (one, other): (&Layout, &Layout),
        columns: &[usize],
        places: &(String, String),
    ) -> PlanResult<LogicalPlanBuilder> {
        let counted = |layout: &Layout, sign: i64| {
            let mut outputs = probe::outputs(PART, self.table, columns);
            outputs.push(lit(sign).alias("surplus"));
            probe::part(PART, self.table, layout, columns)?.project(outputs)
        };
        let names = columns.iter().map(|&at| self.name(at)).collect::<Vec<_>>();
        let both = counted(one, 1)?.union(counted(other, -1)?.build()?)?;
        let surplus = both.aggregate(names.clone(), [sum(col("surplus")).alias("surplus")])?;
        let where_to = when(col("surplus").gt(lit(0_i64)), lit(places.0.as_str()))
            .otherwise(lit(places.1.as_str()))?;
        let outputs = names.into_iter().chain([where_to.alias("only in")]);
        surplus.filter(col("surplus").not_eq(lit(0_i64)))?.project(outputs)
    }

    fn horizontal(&mut self, split: &Horizontal, path: &[&str]) -> PlanResult<()> {
        for part in &split.parts {
            let path = [path, &[part.name.as_str()]].concat();
            match &split.follows {
                Some(follows) => self.orphans(part, follows, &path)?,
                None => self.outside(part, &path)?,
            }
            self.layout(&part.layout, &path)?;
        }
        self.shared_keys(split, path)
    }

    /// Rows of a part for which its condition is not TRUE.
    fn outside(&mut self, part: &HorizontalPart, path: &[&str]) -> PlanResult<()> {
        let shown = self.shown(&part.layout, part.domain.columns());
        let table = probe::with_nulls(self.table);
        let outside = condition::outside(&part.domain, &table, PART);
        let plan = probe::part(PART, &table, &part.layout, &shown)?.filter(outside)?;
        let condition = part.domain.display(&self.table.columns);
        self.ask(place(self.table, &part.layout, path), format!("rows outside `{condition}`"), plan)
    }

    /// Rows of a derived part whose parent is not in the part that it follows.
    fn orphans(
        &mut self,
        part: &HorizontalPart,
        follows: &Follows,
        path: &[&str],
    ) -> PlanResult<()> {
        let Some((parent, theirs)) = self.followed(part, follows) else { return Ok(()) };
        let (own, keys): (Vec<usize>, Vec<usize>) = follows.key.iter().copied().unzip();
        let shown = self.shown(&part.layout, own.iter().copied().collect());
        let right = probe::part(OTHER, &parent, &theirs.layout, &keys)?.build()?;
        let on = (probe::columns(PART, self.table, &own), probe::columns(OTHER, &parent, &keys));
        let left = probe::part(PART, self.table, &part.layout, &shown)?;
        let orphans = left.join(right, JoinType::LeftAnti, on, None)?;
        let rows = format!("rows without a parent in part `{}` of `{}`", theirs.name, parent.name);
        self.ask(place(self.table, &part.layout, path), rows, orphans)
    }

    /// The parent of a derived table, and its part that `part` follows.
    fn followed(
        &self,
        part: &HorizontalPart,
        follows: &Follows,
    ) -> Option<(Arc<Table>, Arc<HorizontalPart>)> {
        let parent = self.catalog.tables.get(&follows.table)?;
        let Layout::Horizontal(split) = &parent.layout else { return None };
        let name = part.follows.as_ref()?;
        let theirs = split.parts.iter().find(|theirs| theirs.name == *name)?;
        Some((Arc::clone(parent), Arc::clone(theirs)))
    }

    /// Keys that more than one part of a split has. If the key decides the part, one of them is outside its
    /// condition, and is found there.
    fn shared_keys(&mut self, split: &Horizontal, path: &[&str]) -> PlanResult<()> {
        let key: BTreeSet<usize> = self.table.primary_key.iter().copied().collect();
        let decided = split.follows.is_none()
            && split.parts.iter().all(|part| part.domain.columns().is_subset(&key));
        if key.is_empty() || decided || split.parts.len() < 2 {
            return Ok(());
        }
        let mut all: Option<LogicalPlanBuilder> = None;
        for part in &split.parts {
            let keys = self.keys(PART, &part.layout)?.distinct()?;
            let outputs = probe::outputs(PART, self.table, &self.table.primary_key);
            let keys =
                keys.project(outputs.into_iter().chain([lit(part.name.as_str()).alias("part")]))?;
            all = Some(match all {
                None => keys,
                Some(all) => all.union(keys.build()?)?,
            });
        }
        let Some(all) = all else { return Ok(()) };
        let names = self.table.primary_key.iter().map(|&at| self.name(at));
        let parts =
            [how_often(), min(col("part")).alias("part"), max(col("part")).alias("and part")];
        let shared = all.aggregate(names.collect::<Vec<_>>(), parts)?;
        let shared = shared.filter(col("rows").gt(lit(1_i64)))?;
        self.ask(subject(self.table, path), "keys that more than one part has".to_owned(), shared)
    }

    /// Keys that one part of a vertical split has and another, which must have them, has not.
    fn vertical(&mut self, split: &Vertical, path: &[&str]) -> PlanResult<()> {
        let complete = split.parts.iter().find(|part| part.keys == Keys::Complete);
        for part in &split.parts {
            let below = [path, &[part.name.as_str()]].concat();
            if let Some(complete) = complete.filter(|complete| complete.name != part.name) {
                self.compare_keys(part, complete, path)?;
            }
            self.layout(&part.layout, &below)?;
        }
        Ok(())
    }

    fn compare_keys(
        &mut self,
        part: &VerticalPart,
        complete: &VerticalPart,
        path: &[&str],
    ) -> PlanResult<()> {
        let of = |part: &VerticalPart| {
            place(self.table, &part.layout, &[path, &[part.name.as_str()]].concat())
        };
        let (subject, other) = (of(part), of(complete));
        let rows =
            format!("keys that part `{}` lacks, so that these rows are not shown", complete.name);
        let plan = self.missing(&part.layout, &complete.layout)?;
        self.ask(subject, rows, plan)?;
        if part.keys == Keys::Complete {
            let rows = format!(
                "keys that part `{}` lacks, so that these rows may not be shown",
                part.name
            );
            let plan = self.missing(&complete.layout, &part.layout)?;
            self.ask(other, rows, plan)?;
        }
        Ok(())
    }

    /// Keys of one layout that the other has not.
    fn missing(&self, from: &Layout, to: &Layout) -> PlanResult<LogicalPlanBuilder> {
        let key = &self.table.primary_key;
        let on = (probe::columns(PART, self.table, key), probe::columns(OTHER, self.table, key));
        self.keys(PART, from)?.join(self.keys(OTHER, to)?.build()?, JoinType::LeftAnti, on, None)
    }

    /// The keys of a layout.
    fn keys(&self, name: &str, layout: &Layout) -> PlanResult<LogicalPlanBuilder> {
        probe::part(name, self.table, layout, &self.table.primary_key)
    }

    fn key(&self, name: &str) -> Vec<Expr> {
        let columns = probe::columns(name, self.table, &self.table.primary_key);
        columns.into_iter().map(Expr::Column).collect()
    }

    fn name(&self, at: usize) -> Expr {
        Expr::Column(Column::new_unqualified(&self.table.columns[at].name))
    }

    /// The columns that show which row is meant: the key and those in question; without a key, all.
    fn shown(&self, layout: &Layout, mut columns: BTreeSet<usize>) -> Vec<usize> {
        if self.table.primary_key.is_empty() {
            columns.extend(layout.leaves().flat_map(|leaf| leaf.stored.columns.clone()));
        }
        columns.extend(&self.table.primary_key);
        columns.into_iter().collect()
    }
}

fn how_often() -> Expr {
    count(lit(1_i64)).alias("rows")
}

/// A part, and where its rows are if that is one place.
fn place(table: &Table, layout: &Layout, path: &[&str]) -> String {
    let subject = subject(table, path);
    match layout {
        Layout::Stored(stored) => match &stored.replicas[..] {
            [only] => format!("{subject} ({})", only.place),
            _ => subject,
        },
        Layout::Horizontal(_) | Layout::Vertical(_) => subject,
    }
}
