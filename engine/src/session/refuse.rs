//! What is not answered here, and what to do instead.

use std::{collections::HashMap, ops::ControlFlow};

use datafusion::{
    common::tree_node::TreeNodeRecursion,
    logical_expr::LogicalPlan,
    sql::{
        parser::Statement as Parsed,
        sqlparser::{
            ast::{
                DescribeAlias, ObjectName, ObjectNamePart, Query, Select, SetExpr,
                Statement as Sql, TableFactor, Visit, Visitor, visit_relations,
            },
            keywords::Keyword,
            tokenizer::{Token, TokenWithSpan},
        },
    },
};

use super::statement::{is_space, keyword};
use crate::{Error, ErrorKind, Result};

fn unsupported(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Unsupported, message)
}

/// The settings of libraries stay as they are: answers rest on them.
pub(super) fn other_settings() -> Error {
    unsupported("SET and RESET take the settings `intarsia.…` only; SHOW ALL lists them")
}

/// Refuses a statement by its first word, whether or not the rest would parse.
pub(super) fn by_first_word(tokens: &[TokenWithSpan]) -> Result<()> {
    use Keyword as K;
    let mut seen = tokens.iter().map(|token| &token.token);
    let Some(first) = seen.find(|token| !is_space(token) && **token != Token::SemiColon) else {
        return Ok(());
    };
    match keyword(first) {
        Some(
            K::SELECT
            | K::VALUES
            | K::WITH
            | K::FROM
            | K::TABLE
            | K::SHOW
            | K::DESCRIBE
            | K::DESC
            | K::SET
            | K::RESET,
        ) => Ok(()),
        None if *first == Token::LParen => Ok(()),
        Some(K::COPY | K::UNLOAD | K::EXPORT | K::LOAD | K::INSTALL | K::ATTACH) => Err(
            unsupported(format!("{first} is not supported: no statement reads or writes a file")),
        ),
        Some(K::INSERT | K::UPDATE | K::DELETE | K::MERGE | K::TRUNCATE | K::REPLACE) => {
            Err(unsupported(format!(
                "{first} is not supported: queries only read, write on the node itself"
            )))
        }
        Some(K::CREATE | K::DROP | K::ALTER | K::COMMENT) => Err(unsupported(format!(
            "{first} is not supported: tables are declared in the catalog file"
        ))),
        Some(K::PREPARE | K::EXECUTE | K::DEALLOCATE) => Err(unsupported(format!(
            "{first} is not supported: send the query with `$1` or `?` and its values"
        ))),
        Some(K::BEGIN | K::START | K::COMMIT | K::ROLLBACK | K::SAVEPOINT | K::END) => {
            Err(unsupported(format!(
                "{first} is not supported: each query is a transaction of its own"
            )))
        }
        Some(keyword) if keyword != K::NoKeyword => {
            Err(unsupported(format!("{first} is not supported: {ANSWERED}")))
        }
        _ => Err(Error::new(
            ErrorKind::Invalid,
            format!("`{first}` starts no statement: {ANSWERED}"),
        )),
    }
}

const ANSWERED: &str =
    "what is answered here is SELECT, VALUES, WITH, EXPLAIN, SHOW, DESCRIBE and SET intarsia.…";

/// Lets only what reads through.
pub(super) fn by_kind(statement: &Parsed) -> Result<()> {
    let Parsed::Statement(sql) = statement else {
        return Err(unsupported(format!("this statement is not supported: {ANSWERED}")));
    };
    match &**sql {
        Sql::Query(_)
        | Sql::ExplainTable { .. }
        | Sql::ShowTables { .. }
        | Sql::ShowColumns { .. }
        | Sql::ShowFunctions { .. }
        | Sql::ShowVariable { .. } => {}
        Sql::Explain { describe_alias, .. } if *describe_alias != DescribeAlias::Explain => {}
        Sql::ShowCreate { .. } => {
            return Err(unsupported("SHOW CREATE is not supported: see the catalog file"));
        }
        _ => return Err(unsupported(format!("this statement is not supported: {ANSWERED}"))),
    }
    match Visit::visit(&**sql, &mut Inside::default()) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(error) => Err(*error),
    }
}

/// Finds what a query must not hold.
#[derive(Default)]
struct Inside {
    /// How many relations each CTE comes to, with those of the CTEs that it reads. Where two have one name, the more.
    ctes: HashMap<String, usize>,
}

impl Inside {
    /// How many relations `part` comes to; CTEs are read as often as they are named.
    fn relations(&self, part: &impl Visit) -> usize {
        let mut relations = 1_usize;
        let _: ControlFlow<()> = visit_relations(part, |name| {
            let size = self.ctes.get(&name.to_string().to_lowercase()).copied().unwrap_or(1);
            relations = relations.saturating_add(size);
            ControlFlow::Continue(())
        });
        relations
    }
}

impl Visitor for Inside {
    type Break = Box<Error>;

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<Box<Error>> {
        let writes = matches!(
            *query.body,
            SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) | SetExpr::Merge(_)
        );
        if writes {
            return refuse("a query that writes is not supported: queries only read");
        }
        if !query.locks.is_empty() {
            return refuse("FOR UPDATE and FOR SHARE are not supported: queries only read");
        }
        ControlFlow::Continue(())
    }

    /// Inner queries come before outer ones, and so do their CTEs.
    fn post_visit_query(&mut self, query: &Query) -> ControlFlow<Box<Error>> {
        for cte in query.with.iter().flat_map(|with| &with.cte_tables) {
            let relations = self.relations(&*cte.query);
            if relations > PLAN_NODES {
                return ControlFlow::Break(Box::new(too_large()));
            }
            let known = self.ctes.entry(cte.alias.name.to_string().to_lowercase()).or_default();
            *known = relations.max(*known);
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<Box<Error>> {
        if select.into.is_some() {
            return refuse("SELECT INTO is not supported: queries only read");
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<Box<Error>> {
        let (name, called) = match factor {
            TableFactor::Table { name, args, .. } => (name, args.is_some()),
            TableFactor::Function { name, .. } => (name, true),
            _ => return ControlFlow::Continue(()),
        };
        if called && opens_a_file(name) {
            return refuse(format!(
                "{name} is not supported: no function opens a file or an address"
            ));
        }
        if !called && is_a_path(name) {
            return refuse(format!(
                "{name}: files and addresses are not read, only the catalog's tables"
            ));
        }
        ControlFlow::Continue(())
    }
}

fn refuse(message: impl Into<String>) -> ControlFlow<Box<Error>> {
    ControlFlow::Break(Box::new(unsupported(message)))
}

/// Whether a table function is one of those by which engines open files. None is registered: this only tells more
/// than that there is no such function.
fn opens_a_file(name: &ObjectName) -> bool {
    let name = name.to_string().to_lowercase();
    ["read_", "scan_", "parquet_", "iceberg_", "delta_"].iter().any(|start| name.starts_with(start))
        || ["glob", "s3", "url", "file", "sniff_csv", "list_files_cache", "metadata_cache"]
            .contains(&name.as_str())
}

/// Whether a relation is written as a text, as some engines write a file's path.
fn is_a_path(name: &ObjectName) -> bool {
    let quote = |part: &ObjectNamePart| part.as_ident().and_then(|ident| ident.quote_style);
    name.0.iter().any(|part| quote(part) == Some('\''))
}

/// Plan nodes of one query; CTEs that read each other twice grow past any text.
const PLAN_NODES: usize = 100_000;

/// Makes sure that a plan only reads and is of a size to be worked on.
pub(super) fn by_plan(plan: &LogicalPlan) -> Result<()> {
    let (mut nodes, mut refused) = (0_usize, None);
    plan.apply_with_subqueries(|node| {
        nodes += 1;
        refused = refused.take().or_else(|| not_a_read(node));
        Ok(if nodes > PLAN_NODES || refused.is_some() {
            TreeNodeRecursion::Stop
        } else {
            TreeNodeRecursion::Continue
        })
    })?;
    if let Some(refused) = refused {
        return Err(unsupported(format!("{refused} is not supported: {ANSWERED}")));
    }
    if nodes > PLAN_NODES {
        return Err(too_large());
    }
    Ok(())
}

fn too_large() -> Error {
    let message = format!("the query's plan has more than {PLAN_NODES} operators: split the query");
    Error::new(ErrorKind::Exhausted, message)
}

fn not_a_read(node: &LogicalPlan) -> Option<&'static str> {
    match node {
        LogicalPlan::Ddl(_) => Some("a definition"),
        LogicalPlan::Dml(_) => Some("a write"),
        LogicalPlan::Copy(_) => Some("COPY"),
        LogicalPlan::Statement(_) => Some("this statement"),
        LogicalPlan::Explain(_) | LogicalPlan::Analyze(_) => Some("EXPLAIN inside a statement"),
        _ => None,
    }
}
