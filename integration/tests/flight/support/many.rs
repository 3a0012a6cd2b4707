//! A catalog of many tables, none of which is on its node: what there is is told without asking a node.

use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

/// Schemas, each with [`TABLES`].
const SCHEMAS: usize = 10;
const TABLES: usize = 1_000;

const NODES: &str = "version: 1\nnodes:\n  lost: { url: 'sqlite:lost.db' }\ntables:\n";
const COLUMNS: &str = "id: bigint not null, name: text, price: 'decimal(12,2)', \
                       made_at: timestamp, is_sold: boolean not null";

/// The catalog: tables `s0.t_000` to `s9.t_999`.
pub(crate) fn catalog() -> &'static Path {
    static CATALOG: LazyLock<PathBuf> = LazyLock::new(make);
    &CATALOG
}

fn make() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("flight-many");
    fs::create_dir_all(&folder).unwrap();
    let mut text = NODES.to_owned();
    for schema in 0..SCHEMAS {
        for table in 0..TABLES {
            let stored = format!("lost.s{schema}_t_{table:03}");
            writeln!(text, "  s{schema}.t_{table:03}:").unwrap();
            writeln!(text, "    columns: {{ {COLUMNS} }}").unwrap();
            writeln!(text, "    layout: {{ stored: {stored} }}").unwrap();
        }
    }
    let path = folder.join("catalog.yaml");
    fs::write(&path, text).unwrap();
    path
}
