"""A server of ten thousand tables: s0.t_000 to s9.t_999, each with five columns."""

from adbc_driver_flightsql import dbapi

from adbc.client import plain
from cases import MANY, case, raised

COLUMNS = ["id", "name", "price", "made_at", "is_sold"]


def tables(**asked):
    """The tables of the catalog, each with the names of its columns."""
    with plain(MANY) as connection:
        (catalog,) = connection.adbc_get_objects(depth="all", **asked).read_all().to_pylist()
    return {
        f"{schema['db_schema_name']}.{table['table_name']}": [
            column["column_name"] for column in table["table_columns"]
        ]
        for schema in catalog["catalog_db_schemas"]
        for table in schema["db_schema_tables"]
        if table["table_type"] == "TABLE"
    }


@case
def ten_thousand_tables_are_listed_with_their_columns():
    expected = {f"s{schema}.t_{table:03}": COLUMNS for schema in range(10) for table in range(1_000)}
    found = tables()
    assert found == expected, (len(found), sorted(found.keys() ^ expected.keys())[:5])


@case
def a_pattern_finds_its_match_among_ten_thousand():
    found = tables(db_schema_filter="s7", table_name_filter="t_12_")
    assert found == {f"s7.t_12{digit}": COLUMNS for digit in range(10)}, found
    found = tables(table_name_filter="%_999", column_name_filter="p%")
    assert found == {f"s{schema}.t_999": ["price"] for schema in range(10)}, found
    assert tables(table_name_filter="t") == {}


@case
def a_table_is_known_by_its_name_among_ten_thousand():
    """The driver asks with the name as a pattern, and takes what is called so."""
    with plain(MANY) as connection:
        assert connection.adbc_get_table_schema("t_000", db_schema_filter="s3").names == COLUMNS
        raised(dbapi.Error, lambda: connection.adbc_get_table_schema("t_0_0"), "NOT_FOUND")
