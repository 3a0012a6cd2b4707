//! What a query can name besides the catalog's tables: `information_schema`, functions, reserved words.

use std::{collections::BTreeSet, sync::Arc};

use datafusion::{
    arrow::datatypes::SchemaRef,
    catalog::{
        SchemaProvider,
        information_schema::{INFORMATION_SCHEMA, InformationSchemaProvider},
    },
    sql::sqlparser::keywords::{
        ALL_KEYWORDS, ALL_KEYWORDS_INDEX, RESERVED_FOR_COLUMN_ALIAS, RESERVED_FOR_IDENTIFIER,
        RESERVED_FOR_TABLE_ALIAS,
    },
};

use crate::{Engine, Result};

/// A relation that describes the others.
#[derive(Debug, Clone)]
pub struct SystemTable {
    /// Its schema.
    pub schema: &'static str,
    /// Its name.
    pub name: String,
    /// Its columns.
    pub columns: SchemaRef,
}

/// What a function is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    /// Numbers.
    Number,
    /// Texts and bytes.
    Text,
    /// Dates and times.
    Time,
    /// Anything else: conditions, lists, the session.
    Other,
}

impl Engine {
    /// The relations that describe the others, by name.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`](crate::ErrorKind::Internal) only.
    pub async fn system_tables(&self) -> Result<Vec<SystemTable>> {
        let context = self.context();
        let provider = InformationSchemaProvider::new(Arc::clone(context.state().catalog_list()));
        let mut names = provider.table_names();
        names.sort_unstable();
        let mut tables = Vec::new();
        for name in names {
            if let Some(table) = provider.table(&name).await? {
                let columns = table.schema();
                tables.push(SystemTable { schema: INFORMATION_SCHEMA, name, columns });
            }
        }
        Ok(tables)
    }

    /// The scalar functions by name, aliases among them.
    pub fn functions(&self) -> Vec<(String, Topic)> {
        let context = self.context();
        let functions = context.state().scalar_functions().iter();
        let mut functions: Vec<_> = functions
            .map(|(name, function)| {
                let section = function.documentation().map(|text| text.doc_section.label);
                (name.clone(), topic(section.unwrap_or_default()))
            })
            .collect();
        functions.sort_unstable();
        functions
    }
}

/// The words that are no name unless quoted, in capitals, sorted.
pub fn reserved_words() -> Vec<&'static str> {
    let reserved =
        [RESERVED_FOR_IDENTIFIER, RESERVED_FOR_COLUMN_ALIAS, RESERVED_FOR_TABLE_ALIAS].concat();
    let places =
        reserved.iter().filter_map(|word| ALL_KEYWORDS_INDEX.iter().position(|it| it == word));
    let words: BTreeSet<_> = places.map(|place| ALL_KEYWORDS[place]).collect();
    words.into_iter().collect()
}

/// DataFusion's documentation has a section for each.
fn topic(section: &str) -> Topic {
    match section {
        "Math Functions" => Topic::Number,
        "String Functions"
        | "Binary String Functions"
        | "Regular Expression Functions"
        | "Hashing Functions" => Topic::Text,
        "Time and Date Functions" => Topic::Time,
        _ => Topic::Other,
    }
}
