//! G: aggregates, limits and the shape of plans.

use super::support::World;

/// Constant columns tell the parts apart, and DataFusion's own top-n over a union must not lose them.
#[test]
fn g19_rows_are_ordered_by_a_constant_of_their_part() {
    let world = World::new(
        "  t:
    columns: { id: bigint not null, part: text not null }
    layout:
      horizontal:
        - { where: part = 'l', stored: { at: lite1.l, columns: { part: \"'l'\" } } }
        - { where: part <> 'l', stored: { at: lite2.r, columns: { part: \"'r'\" } } }",
    )
    .local("lite1", &["CREATE TABLE l (id INTEGER)", "INSERT INTO l VALUES (1), (2), (3), (4)"])
    .local("lite2", &["CREATE TABLE r (id INTEGER)", "INSERT INTO r VALUES (5), (6), (7), (8)"])
    .rows("t", "(1, 'l'), (2, 'l'), (3, 'l'), (4, 'l'), (5, 'r'), (6, 'r'), (7, 'r'), (8, 'r')");
    world.open().answer(&[
        ("SELECT id FROM t ORDER BY part DESC, id LIMIT 5", "5, 6, 7, 8, 1"),
        ("SELECT part, id FROM t ORDER BY part, id DESC LIMIT 5", "l|4, l|3, l|2, l|1, r|8"),
    ]);
}
