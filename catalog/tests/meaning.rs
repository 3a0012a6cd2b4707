//! What the keys of a catalog file mean, seen in the catalog that they make.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::fs;

use intarsia_catalog::{
    Address, Backend, Catalog, Encoding, Keys, Layout, Local, Secrets, Stored, Table, TableName,
    Type,
};

/// Every variable and file has a value.
struct Given;

impl Secrets for Given {
    fn env(&self, name: &str) -> Result<String, String> {
        Ok(if name == "CONNECTIONS" { "3".to_owned() } else { format!("@{name}/") })
    }

    fn file(&self, path: &str) -> Result<String, String> {
        Ok(format!("text of {path}\n"))
    }
}

fn load(name: &str) -> Catalog {
    let path = format!("{}/tests/good/{name}.yaml", env!("CARGO_MANIFEST_DIR"));
    Catalog::parse(name, &fs::read(path).unwrap(), &Given).unwrap().0
}

fn table<'a>(catalog: &'a Catalog, schema: &str, name: &str) -> &'a Table {
    &catalog.tables[&TableName { schema: schema.to_owned(), name: name.to_owned() }]
}

/// The parts' names and layouts.
fn parts(layout: &Layout) -> Vec<(&str, &Layout)> {
    match layout {
        Layout::Horizontal(split) => {
            split.parts.iter().map(|part| (part.name.as_str(), &part.layout)).collect()
        }
        Layout::Vertical(split) => {
            split.parts.iter().map(|part| (part.name.as_str(), &part.layout)).collect()
        }
        Layout::Stored(_) => Vec::new(),
    }
}

/// The layout at a path of parts' names.
fn at<'a>(layout: &'a Layout, path: &[&str]) -> &'a Layout {
    path.iter().fold(layout, |layout, name| {
        parts(layout).into_iter().find(|(part, _)| part == name).unwrap().1
    })
}

fn stored(layout: &Layout) -> &Stored {
    match layout {
        Layout::Stored(stored) => stored,
        Layout::Horizontal(_) | Layout::Vertical(_) => panic!("not stored: {layout:?}"),
    }
}

fn places(layout: &Layout) -> Vec<String> {
    stored(layout).replicas.iter().map(|replica| replica.place.to_string()).collect()
}

fn local(layout: &Layout, column: usize) -> &Local {
    &stored(layout).replicas[0].columns[&column]
}

fn named(name: &str, exact: bool) -> Local {
    Local::Column { name: name.to_owned(), exact }
}

#[test]
fn a_url_says_where_a_node_is_and_who_logs_in() {
    let catalog = load("nodes");
    let node = &catalog.nodes["pg_all"];
    assert_eq!((node.backend, node.connections), (Backend::Postgres, 8));
    assert_eq!(node.password.as_ref().unwrap().reveal(), "text of secrets/pg");
    let Address::Server { host, port, user, database, parameters } = &node.address else {
        panic!("no server");
    };
    assert_eq!((host.as_str(), *port, database.as_str()), ("db.example", 6000, "a/b"));
    assert_eq!(user.as_deref(), Some("app"));
    assert_eq!(parameters["application_name"], "a b");
    let node = &catalog.nodes["maria"];
    assert_eq!(node.password.as_ref().unwrap().reveal(), "@PW/");
    assert_eq!((node.zone.as_deref(), node.connections), (Some("eu-west"), 3));
    let Address::Server { port, parameters, .. } = &node.address else { panic!("no server") };
    assert_eq!((*port, parameters["ssl-mode"].as_str()), (3307, "VERIFY_IDENTITY"));
}

#[test]
fn hosts_may_be_addresses_and_sockets() {
    let catalog = load("nodes");
    let host = |node: &str| match &catalog.nodes[node].address {
        Address::Server { host, port, user, .. } => (host.clone(), *port, user.clone()),
        Address::File(_) => panic!("a file"),
    };
    assert_eq!(host("pg"), ("::1".to_owned(), 5432, Some("app".to_owned())));
    assert_eq!(host("socket"), ("/var/run/postgresql".to_owned(), 5432, None));
    assert_eq!(host("no_user"), ("127.0.0.1".to_owned(), 3306, None));
    let Address::Server { database, .. } = &catalog.nodes["no_database"].address else {
        panic!("no server");
    };
    assert_eq!(database, "app", "as in every PostgreSQL client");
}

#[test]
fn sqlite_urls_name_files() {
    let catalog = load("nodes");
    for (node, file) in [
        ("relative", "data/a b.db"),
        ("slashes", "a.db"),
        ("absolute", "/srv/a.db"),
        ("with a space", "a.db"),
    ] {
        assert_eq!(catalog.nodes[node].address, Address::File(file.into()));
    }
}

#[test]
fn names_stand_exactly_as_written() {
    let catalog = load("names");
    let table = table(&catalog, "Odd", "Name.with points");
    let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["Id", "odd \"quoted\"", "NULL", "1", "größe", "two words"]);
    let first = &stored(at(&table.layout, &["1"])).replicas[0].place;
    assert_eq!((first.node.as_str(), first.relation.as_str()), ("n.1", "odd.name"));
    assert_eq!(places(at(&table.layout, &["2"])), ["n.main.Odd"]);
    assert_eq!(local(at(&table.layout, &["1"]), 0), &named("Id", false));
}

#[test]
fn local_names_are_plain_or_expressions() {
    let catalog = load("names");
    let layout = at(&table(&catalog, "Odd", "Name.with points").layout, &["3"]);
    assert_eq!(local(layout, 0), &named("NULL", true));
    assert!(matches!(local(layout, 1), Local::Expression(_)), "the literal NULL");
    assert!(matches!(local(layout, 2), Local::Expression(_)), "the literal TRUE");
    assert_eq!(local(layout, 3), &named("Mixed_Case$", true));
    assert_eq!(local(layout, 4), &named("größe", true), "an unquoted name in an expression folds");
    assert_eq!(local(layout, 5), &named("two words", true));
}

#[test]
fn types_are_as_written() {
    let catalog = load("types");
    let columns = &table(&catalog, "public", "every").columns;
    let last = columns.last().unwrap();
    assert_eq!((last.ty, last.nullable), (Type::Decimal { precision: 12, scale: 2 }, false));
    assert_eq!(columns[6].ty, Type::BigIntUnsigned);
    assert!(columns[5].nullable && !columns[6].nullable);
}

#[test]
fn every_scalar_is_the_text_as_written() {
    let catalog = load("texts");
    let t = table(&catalog, "public", "t");
    assert_eq!(t.comment.as_deref(), Some("yes"));
    assert_eq!(t.columns[0].name, "true");
    assert_eq!(places(&t.layout), ["node.1"]);
    assert_eq!(catalog.nodes["same"].zone.as_deref(), Some("2024-01-01"));
    assert_eq!(catalog.settings["query_memory"], "512 MiB");
}

#[test]
fn hybrid_layouts_nest() {
    let catalog = load("hybrid");
    let layout = &table(&catalog, "public", "people").layout;
    let Layout::Vertical(split) = layout else { panic!("not vertical") };
    let keys: Vec<Keys> = split.parts.iter().map(|part| part.keys).collect();
    assert_eq!(keys, [Keys::Complete, Keys::Optional]);
    assert_eq!(split.parts[0].columns, [1, 2], "without the key, which is listed");
    assert_eq!(places(at(layout, &["main", "eu", "2"])), ["pg.odd"]);
    assert_eq!(stored(at(layout, &["main", "rest", "2"])).columns, [0, 2], "with the key");
    let replicas = ["my.names", "pg.names", "lite.names", "lite.aux.names"];
    assert_eq!(places(at(layout, &["main", "rest", "2"])), replicas);
}

#[test]
fn a_place_has_rows_and_encodings() {
    let catalog = load("hybrid");
    let layout = at(&table(&catalog, "public", "people").layout, &["more"]);
    let replica = &stored(layout).replicas[0];
    assert_eq!(replica.rows.as_ref().unwrap().to_string(), "kind = 'person' AND deleted IS NULL");
    let encodings: Vec<_> = replica.encodings.clone().into_iter().collect();
    assert_eq!(encodings, [(3, Encoding::JulianDay), (5, Encoding::UnixMillis)]);
    assert_eq!(replica.columns[&5], named("last_seen", true));
    assert_eq!(replica.columns[&4], named("photo", false));
}

#[test]
fn a_derived_layout_has_its_parents_parts() {
    let catalog = load("follows");
    let lines = &table(&catalog, "public", "a_lines").layout;
    let names: Vec<&str> = parts(lines).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["america", "europe"]);
    let Layout::Horizontal(split) = lines else { panic!("not horizontal") };
    let follows = split.follows.as_ref().unwrap();
    assert_eq!((follows.table.to_string().as_str(), &follows.key), ("orders", &vec![(1, 0)]));
    let orders = table(&catalog, "public", "orders");
    let Layout::Horizontal(split) = &orders.layout else { panic!("not horizontal") };
    let domains: Vec<String> =
        split.parts.iter().map(|part| part.domain.display(&orders.columns).to_string()).collect();
    assert_eq!(domains, ["customer_id < 100", "customer_id >= 100"]);
}
