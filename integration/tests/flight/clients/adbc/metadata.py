"""Catalogs, tables, columns, and what the server can do."""

import pyarrow
from adbc_driver_flightsql import dbapi

from adbc.client import connect
from cases import case, raised


@case
def info_is_told():
    with connect() as connection:
        info = connection.adbc_get_info()
    assert info["vendor_name"] == "Intarsia", info
    assert info["vendor_version"] and info["vendor_arrow_version"], info
    assert info.get("vendor_sql", True) is True, info


def objects(**asked):
    with connect() as connection:
        return connection.adbc_get_objects(**asked).read_all().to_pylist()


def only(items):
    (item,) = items
    return item


@case
def catalogs_are_listed():
    catalog = only(objects(depth="catalogs"))
    assert catalog == {"catalog_name": "intarsia", "catalog_db_schemas": None}, catalog


@case
def schemas_are_listed():
    schemas = only(objects(depth="db_schemas"))["catalog_db_schemas"]
    names = [schema["db_schema_name"] for schema in schemas]
    assert names == ["information_schema", "maria", "pg", "public"], names
    assert all(schema["db_schema_tables"] is None for schema in schemas)


@case
def tables_are_listed():
    schemas = only(objects(depth="tables"))["catalog_db_schemas"]
    public = only(it for it in schemas if it["db_schema_name"] == "public")
    tables = [(it["table_name"], it["table_type"]) for it in public["db_schema_tables"]]
    assert tables == [("customers", "TABLE"), ("kinds", "TABLE"), ("orders", "TABLE")], tables


@case
def columns_are_listed():
    schemas = only(objects(depth="all"))["catalog_db_schemas"]
    public = only(it for it in schemas if it["db_schema_name"] == "public")
    customers = only(it for it in public["db_schema_tables"] if it["table_name"] == "customers")
    columns = [
        (it["column_name"], it["ordinal_position"], it["xdbc_type_name"])
        for it in customers["table_columns"]
    ]
    assert columns == [
        ("id", 1, "BIGINT"),
        ("name", 2, "TEXT"),
        ("region", 3, "TEXT"),
        ("balance", 4, "DECIMAL"),
    ], columns


@case
def objects_are_filtered():
    def tables(**asked):
        found = only(objects(depth="tables", **asked))["catalog_db_schemas"]
        return [
            f"{schema['db_schema_name']}.{table['table_name']}"
            for schema in found
            for table in schema["db_schema_tables"]
        ]

    assert tables(table_name_filter="kin%") == ["maria.kinds", "pg.kinds", "public.kinds"]
    assert tables(table_name_filter="kinds", db_schema_filter="p_") == ["pg.kinds"]
    assert "public.orders" in tables(table_types_filter=["TABLE"])
    assert objects(depth="catalogs", catalog_filter="other") == []


@case
def a_table_has_a_schema():
    with connect() as connection:
        schema = connection.adbc_get_table_schema("customers")
        assert schema.names == ["id", "name", "region", "balance"]
        assert schema.field("balance").type == pyarrow.decimal128(12, 2)
        assert [field.nullable for field in schema] == [False, True, False, True]
        other = connection.adbc_get_table_schema("kinds", db_schema_filter="pg")
        assert len(other) == 19, other


@case
def an_unknown_table_has_none():
    with connect() as connection:
        raised(dbapi.Error, lambda: connection.adbc_get_table_schema("customer"), "NOT_FOUND")


@case
def types_of_tables_are_told():
    with connect() as connection:
        assert connection.adbc_get_table_types() == ["SYSTEM TABLE", "TABLE", "VIEW"]
