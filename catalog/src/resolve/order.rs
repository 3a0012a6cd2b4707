//! The order in which tables are read: one that follows another after it.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    TableName,
    error::{Position, Report},
    names::all,
};

/// The tables that a table follows, and where it says so.
pub(super) type Parents<'a> = BTreeMap<&'a TableName, Vec<(TableName, Position)>>;

/// Every table, parents first. Tables that follow one another in a circle are told, and come last.
pub(super) fn parents_first<'a>(parents: &Parents<'a>, report: &mut Report) -> Vec<&'a TableName> {
    let mut waiting: BTreeMap<&TableName, usize> =
        parents.iter().map(|(name, parents)| (*name, parents.len())).collect();
    let mut children: BTreeMap<&TableName, Vec<&'a TableName>> = BTreeMap::new();
    for (name, parents) in parents {
        for (parent, _) in parents {
            children.entry(parent).or_default().push(*name);
        }
    }
    let mut order: Vec<&'a TableName> =
        parents.iter().filter(|(_, parents)| parents.is_empty()).map(|(name, _)| *name).collect();
    let mut next = 0;
    while let Some(name) = order.get(next).copied() {
        next += 1;
        for child in children.get(name).into_iter().flatten() {
            let left = waiting.entry(*child).or_default();
            *left = left.saturating_sub(1);
            if *left == 0 {
                order.push(child);
            }
        }
    }
    let done: BTreeSet<&TableName> = order.iter().copied().collect();
    let circular: BTreeSet<&'a TableName> =
        parents.keys().copied().filter(|name| !done.contains(name)).collect();
    order.extend(&circular);
    let mut unseen = circular.clone();
    while let Some(start) = unseen.first().copied() {
        let way = walk(start, &circular, &mut unseen, parents);
        tell_circle(&way, report);
    }
    order
}

/// A step of a way: a table, the parent it leads to, and where the table names it.
type Step<'a> = (&'a TableName, &'a TableName, Position);

/// The way from `start` from parent to parent, until it comes to what has been seen. A table that was not
/// put in order has a parent that was not, so the way ends in a circle.
fn walk<'a>(
    start: &'a TableName,
    circular: &BTreeSet<&TableName>,
    unseen: &mut BTreeSet<&TableName>,
    parents: &'a Parents<'a>,
) -> Vec<Step<'a>> {
    let mut way = Vec::new();
    let mut name = start;
    while unseen.remove(name) {
        let list = parents.get(name).map(Vec::as_slice).unwrap_or_default();
        let Some((parent, at)) = list.iter().find(|(parent, _)| circular.contains(parent)) else {
            break;
        };
        way.push((name, parent, *at));
        name = parent;
    }
    way
}

/// Tells the circle at the end of a way; a way that ends in an earlier one has none of its own.
fn tell_circle(way: &[Step<'_>], report: &mut Report) {
    let Some((_, end, _)) = way.last() else { return };
    let Some(first) = way.iter().position(|(name, ..)| name == end) else { return };
    let (circle, at) = (&way[first..], way[first].2);
    let others: Vec<String> = circle[1..].iter().map(|(name, ..)| name.to_string()).collect();
    let others: Vec<&str> = others.iter().map(String::as_str).collect();
    let by_way = match others.as_slice() {
        [] => String::new(),
        [first, .., last] if others.len() > SHOWN => {
            format!(" by way of `{first}`, …, `{last}` ({} tables)", others.len())
        }
        few => format!(" by way of {}", all(few)),
    };
    report.fault(at, format!("table `{}` follows itself{by_way}", circle[0].0));
}

/// A longer circle is shortened in its message.
const SHOWN: usize = 5;
