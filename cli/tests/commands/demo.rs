//! `intarsia demo`.

use std::fs;

use crate::support::Folder;

#[test]
fn it_shows_each_form_of_layout_and_leaves_a_catalog_to_go_on_with() {
    let folder = Folder::new();
    let shown = folder.run(&["demo"]).well();
    for word in [
        "Horizontal",
        "Vertical",
        "Hybrid",
        "Derived",
        "Replicated",
        "query -c intarsia-demo/catalog.yaml",
    ] {
        assert!(shown.contains(word), "{word}: {shown}");
    }
    let rows = "SELECT (SELECT count(*) FROM visits) + (SELECT count(*) FROM orders) + (SELECT count(*) FROM customers) AS n";
    let catalog = "intarsia-demo/catalog.yaml";
    let csv = |sql: &str| folder.run(&["query", "-c", catalog, "--format", "csv", sql]).well();
    assert_eq!(csv(rows), "n\n101000\n");
    assert_eq!(csv("SELECT count(*) AS n FROM products WHERE stars IS NULL"), "n\n150\n");
    let checked = folder.run(&["check", "-c", catalog, "--data"]);
    assert_eq!(checked.status, 0, "{}{}", checked.out, checked.err);
}

#[test]
fn it_can_be_run_again_and_keeps_changes() {
    let folder = Folder::new();
    folder.run(&["demo", "--dir", "d"]).well();
    let catalog = folder.path("d/catalog.yaml");
    let mut text = fs::read_to_string(&catalog).unwrap();
    text.push_str("# mine\n");
    fs::write(&catalog, &text).unwrap();
    fs::remove_file(folder.path("d/us.db")).unwrap();
    let again = folder.run(&["demo", "--dir", "d"]).well();
    assert!(again.starts_with("Made 1 database"), "{again}");
    assert_eq!(fs::read_to_string(&catalog).unwrap(), text);
}

#[test]
fn it_leaves_the_files_of_others_alone() {
    let folder = Folder::new().file("letter.txt", "dear");
    let run = folder.run(&["demo", "--dir", "."]);
    assert_eq!((run.status, run.out.as_str()), (2, ""));
    assert!(run.err.contains("--dir"), "{}", run.err);
    assert_eq!(fs::read_dir(folder.path(".")).unwrap().count(), 1);
}
