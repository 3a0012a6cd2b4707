//! A table or a column that is not there is told with the nearest one that is.

use datafusion::{
    catalog::CatalogProviderList,
    common::{Column, DataFusionError, SchemaError},
};

use super::context::CATALOG;

/// Names less alike than this are not taken for each other.
const ALIKE: f64 = 0.8;
/// Without a near one, so many are named.
const NAMED: usize = 10;

/// The error, made to help if it is about a table or a column that is not there.
pub(super) fn helpful(
    error: DataFusionError,
    catalogs: &dyn CatalogProviderList,
) -> DataFusionError {
    match error {
        DataFusionError::Diagnostic(place, inner) => {
            DataFusionError::Diagnostic(place, Box::new(helpful(*inner, catalogs)))
        }
        DataFusionError::Plan(text) => {
            DataFusionError::Plan(no_table(&text, catalogs).unwrap_or(text))
        }
        DataFusionError::SchemaError(error, backtrace) => match *error {
            SchemaError::FieldNotFound { field, valid_fields } => {
                DataFusionError::Plan(no_column(&field, &valid_fields))
            }
            other => DataFusionError::SchemaError(Box::new(other), backtrace),
        },
        other => other,
    }
}

fn no_column(column: &Column, known: &[Column]) -> String {
    let known: Vec<_> = known.iter().map(Column::flat_name).collect();
    let name = column.flat_name();
    format!("column `{name}` not found{}", advice(&name, &known, "columns"))
}

fn no_table(text: &str, catalogs: &dyn CatalogProviderList) -> Option<String> {
    let name = text.strip_prefix("table '")?.split_once("' not found")?.0;
    let name = name.strip_prefix(CATALOG).and_then(|rest| rest.strip_prefix('.')).unwrap_or(name);
    let name = without_default(name);
    Some(format!("table `{name}` not found{}", advice(name, &known(catalogs), "tables")))
}

/// The nearest of the known names, or all of them if they are few.
fn advice(name: &str, known: &[String], kind: &str) -> String {
    match nearest(name, known) {
        Some(near) => format!("; did you mean {}?", spelled(near)),
        None if (1..=NAMED).contains(&known.len()) => {
            let all: Vec<_> = known.iter().map(|name| spelled(name)).collect();
            format!("; the {kind} are {}", all.join(", "))
        }
        None => String::new(),
    }
}

/// Every table, those of the default schema by their name alone.
fn known(catalogs: &dyn CatalogProviderList) -> Vec<String> {
    let Some(catalog) = catalogs.catalog(CATALOG) else { return Vec::new() };
    let schemas = catalog.schema_names().into_iter();
    let schemas = schemas.filter_map(|name| Some((catalog.schema(&name)?, name)));
    let qualified = |name: &str, table: String| match name {
        intarsia_catalog::DEFAULT_SCHEMA => table,
        schema => format!("{schema}.{table}"),
    };
    let mut names: Vec<String> = schemas
        .flat_map(|(schema, name)| {
            schema.table_names().into_iter().map(move |table| qualified(&name, table))
        })
        .collect();
    names.sort();
    names
}

fn without_default(name: &str) -> &str {
    let default = name.strip_prefix(intarsia_catalog::DEFAULT_SCHEMA);
    default.and_then(|rest| rest.strip_prefix('.')).unwrap_or(name)
}

fn nearest<'a>(name: &str, known: &'a [String]) -> Option<&'a String> {
    let name = name.to_lowercase();
    let alike = |known: &String| {
        let known = known.to_lowercase();
        let table = known.rsplit_once('.').map_or(&*known, |(_, table)| table);
        strsim::jaro_winkler(&known, &name).max(strsim::jaro_winkler(table, &name))
    };
    let scored = known.iter().map(|known| (alike(known), known));
    let best = scored.max_by(|(a, _), (b, _)| a.total_cmp(b));
    best.filter(|(alike, _)| *alike >= ALIKE).map(|(_, known)| known)
}

/// As SQL names it: quoted where it would fold to another name.
fn spelled(name: &str) -> String {
    let plain = |part: &str| {
        part.starts_with(|first: char| first.is_ascii_lowercase() || first == '_')
            && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    };
    let part = |part: &str| match plain(part) {
        true => part.to_owned(),
        false => format!("\"{}\"", part.replace('"', "\"\"")),
    };
    let parts: Vec<_> = name.splitn(2, '.').map(part).collect();
    format!("`{}`", parts.join("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_spelled_as_sql_takes_it() {
        let known = ["customers", "Orders", "sales.invoices"].map(str::to_owned);
        let near = |name: &str| nearest(name, &known).map(|name| spelled(name));
        assert_eq!(near("custmers").as_deref(), Some("`customers`"));
        assert_eq!(near("orders").as_deref(), Some("`\"Orders\"`"));
        assert_eq!(near("invoices").as_deref(), Some("`sales.invoices`"));
        assert_eq!(near("zebra"), None);
    }
}
