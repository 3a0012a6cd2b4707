//! `intarsia import`: prints a catalog of what nodes hold, to be edited.

mod types;
mod url;
mod yaml;

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    fmt::Write as _,
    io::{self, Write as _},
    sync::Arc,
};

use clap::Args;
use intarsia_catalog::{Address, Backend, Catalog, Node, Secrets};
use intarsia_connectors::{Relation, connect};

use self::url::NamedUrl;
use crate::{
    status::{Failure, Result, Status},
    tell,
};

/// Prints a catalog of what nodes hold
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// A node's name and where it is, as in `crm=postgresql://app@127.0.0.1:5432/crm` or `old=sqlite:old.db`.
    /// A password is taken from the URL or from the environment's NAME_PASSWORD, and is not printed
    #[arg(value_name = "NAME=URL", required = true)]
    nodes: Vec<NamedUrl>,
}

impl Import {
    /// Asks every node for its relations and prints them as tables. Nothing is printed if one is silent.
    pub(crate) async fn run(self) -> Result<Status> {
        let nodes = self.resolve()?;
        let mut text = self.head();
        text.push_str("\ntables:\n");
        let mut names = BTreeSet::new();
        for url in &self.nodes {
            let node = &nodes[&url.name];
            let mut relations = connect(node).relations().await?;
            relations.sort_by(|a, b| a.place.cmp(&b.place));
            for relation in &relations {
                text.push_str(&table(node, relation, &mut names));
            }
        }
        if names.is_empty() {
            text.truncate(text.len() - 1);
            text.push_str(" {}\n");
        }
        io::stdout().write_all(text.as_bytes())?;
        self.remind();
        Ok(Status::Done)
    }

    /// The nodes as a catalog file with these URLs has them: one reader of URLs, one set of rules.
    fn resolve(&self) -> Result<BTreeMap<String, Arc<Node>>> {
        let mut text = "version: 1\ntables: {}\nnodes:\n".to_owned();
        let mut names = BTreeSet::new();
        for node in &self.nodes {
            if !names.insert(&node.name) {
                return Err(Failure::usage(format!("the node `{}` is there twice", node.name)));
            }
            text.push_str(&entry(node, &node.url, node.in_environment()));
        }
        match Catalog::parse("command line", text.as_bytes(), &Environment) {
            Ok((catalog, _)) => Ok(catalog.nodes),
            Err(problems) => {
                let messages = problems.list.into_iter().map(|problem| problem.message);
                Err(Failure::usage(messages.collect::<Vec<_>>().join("\n")))
            }
        }
    }

    /// The file down to its nodes.
    fn head(&self) -> String {
        let mut text = "# Written by `intarsia import`: each relation as a table of its own. Join them into \
                        logical tables,\n# then see what `intarsia check` says.\nversion: 1\n\nnodes:\n"
            .to_owned();
        for node in &self.nodes {
            text.push_str(&entry(node, &node.without_password(), node.has_password()));
        }
        text
    }

    /// Says which passwords the file will look for in vain.
    fn remind(&self) {
        for node in self.nodes.iter().filter(|node| node.has_password() && !node.in_environment()) {
            tell(&format!(
                "the catalog takes the password of `{}` from {}",
                node.name,
                node.variable()
            ));
        }
    }
}

/// A node's entry.
fn entry(node: &NamedUrl, url: &str, password: bool) -> String {
    let mut text = format!("  {}:\n    url: {}\n", yaml::scalar(&node.name), yaml::quoted(url));
    if password {
        let reference = format!("${{env:{}}}", node.variable());
        text.push_str(&format!("    password: {}\n", yaml::quoted(&reference)));
    }
    text
}

/// A relation as a table.
fn table(node: &Node, relation: &Relation, names: &mut BTreeSet<String>) -> String {
    let name = name(node, relation, names);
    let mut text = format!("  {}:\n    columns:\n", yaml::scalar(&name));
    let mut known = Vec::new();
    for column in &relation.columns {
        let shown = yaml::scalar(&column.name);
        match types::global(column) {
            Some(ty) => {
                let null = if column.nullable { "" } else { " not null" };
                text.push_str(&format!("      {shown}: {ty}{null}\n"));
                known.push(column);
            }
            None => {
                text.push_str(&format!("      # {shown}: {:?} is no type here\n", column.declared))
            }
        }
    }
    if known.is_empty() {
        return format!("  # {}: no column of a known type\n", yaml::scalar(&name));
    }
    text.push_str(&primary_key(relation, |key| known.iter().any(|c| c.name == key && !c.nullable)));
    text.push_str(&format!("    layout:\n      stored: {}\n", place(node, relation)));
    text
}

/// The primary key, as a comment if it cannot be one here.
fn primary_key(relation: &Relation, fit: impl Fn(&str) -> bool) -> String {
    let keys: Vec<String> = relation.primary_key.iter().map(|key| yaml::scalar(key)).collect();
    if keys.is_empty() {
        return String::new();
    }
    let list = format!("primary_key: [{}]", keys.join(", "));
    if relation.primary_key.iter().all(|key| fit(key)) {
        format!("    {list}\n")
    } else {
        format!("    # {list}: a column of it may be NULL or has no known type\n")
    }
}

/// `NODE.relation`, or `NODE_SCHEMA.relation` outside the node's default schema; a number more if that is taken.
fn name(node: &Node, relation: &Relation, names: &mut BTreeSet<String>) -> String {
    let schema = match other_schema(node, relation) {
        // The first point divides a table's name.
        Some(schema) => format!("{}_{}", node.name, schema.replace('.', "_")),
        None => node.name.clone(),
    };
    let mut name = format!("{schema}.{}", relation.place.relation);
    let mut number = 2;
    while !names.insert(name.clone()) {
        name = format!("{schema}_{number}.{}", relation.place.relation);
        number += 1;
    }
    name
}

/// The relation's place in the shortest form that says it.
fn place(node: &Node, relation: &Relation) -> String {
    let schema = other_schema(node, relation);
    let parts: Vec<&str> = [Some(node.name.as_str()), schema, Some(&relation.place.relation)]
        .into_iter()
        .flatten()
        .collect();
    if parts.iter().all(|part| yaml::is_plain(part)) {
        return parts.join(".");
    }
    let mut text = format!("{{ node: {}", yaml::scalar(&node.name));
    if let Some(schema) = schema {
        let _infallible = write!(text, ", schema: {}", yaml::scalar(schema));
    }
    format!("{text}, relation: {} }}", yaml::scalar(&relation.place.relation))
}

/// The relation's schema, if it is not the node's default one.
fn other_schema<'a>(node: &Node, relation: &'a Relation) -> Option<&'a str> {
    let default = match (node.backend, &node.address) {
        (Backend::Postgres, _) => "public",
        (Backend::MySql, Address::Server { database, .. }) => database,
        (Backend::MySql | Backend::Sqlite, _) => "main",
    };
    relation.place.schema.as_deref().filter(|schema| *schema != default)
}

/// The environment's variables; no files.
struct Environment;

impl Secrets for Environment {
    fn env(&self, name: &str) -> Result<String, String> {
        env::var(name).map_err(|error| error.to_string())
    }

    fn file(&self, path: &str) -> Result<String, String> {
        std::fs::read_to_string(path).map_err(|error| error.to_string())
    }
}
