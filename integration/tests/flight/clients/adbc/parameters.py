"""Values for statements."""

import pyarrow
from adbc_driver_flightsql import dbapi

from adbc.client import connect, rows
from cases import case, raised


@case
def a_parameter_of_every_type():
    """Python's whole numbers are 64 bits wide, whatever the column's width."""
    with connect() as connection, connection.cursor() as cursor:
        names = [name for name, *_ in cursor.execute("SELECT * FROM kinds WHERE id < 0").description]
        cursor.execute("SELECT * FROM kinds WHERE id = 1")
        values = dict(zip(names, cursor.fetchone()))
        for table in ["kinds", "pg.kinds", "maria.kinds"]:
            for name, value in values.items():
                if name == "a_json":  # each database writes it in its own way
                    continue
                cursor.execute(f"SELECT id FROM {table} WHERE {name} = ?", (value,))
                assert cursor.fetchall() == [(1,)], (table, name, value)


@case
def a_long_value_is_taken():
    assert rows("SELECT length(?)", ("x" * 5_000_000,)) == [(5_000_000,)]


@case
def a_parameter_may_be_null():
    sql = "SELECT id FROM customers WHERE name = ? OR ? IS NULL ORDER BY id"
    assert rows(sql, (None, None)) == [(1,), (2,), (3,)]
    assert rows("SELECT id FROM customers WHERE name = ?", (None,)) == []


@case
def dollar_parameters_may_repeat():
    assert rows("SELECT $1 + $1, $2", (2, "a")) == [(4, "a")]


@case
def a_parameter_of_no_type_takes_that_of_its_value():
    assert rows("SELECT ?", (7,)) == [(7,)]
    assert rows("SELECT ?", ("seven",)) == [("seven",)]
    assert rows("SELECT ?", (7.5,)) == [(7.5,)]


@case
def many_rows_of_parameters_are_many_queries():
    bound = pyarrow.record_batch({"id": pyarrow.array([3, 1], pyarrow.int64())})
    assert rows("SELECT name FROM customers WHERE id = ?", bound) == [("Grace",), ("Ada",)]


@case
def executemany_of_a_query_reads_the_last():
    """The driver sends it as an update, which a query is not."""
    with connect() as connection, connection.cursor() as cursor:
        sql = "SELECT name FROM customers WHERE id = ?"
        raised(dbapi.Error, lambda: cursor.executemany(sql, [(1,), (3,)]), "INVALID_ARGUMENT")
        cursor.execute(sql, (3,))
        assert cursor.fetchall() == [("Grace",)], "the connection is well afterwards"


@case
def a_value_that_does_not_fit_is_refused():
    sql = "SELECT id FROM customers WHERE id = ?"
    raised(dbapi.ProgrammingError, lambda: rows(sql, ("Ada",)), "INVALID_ARGUMENT")
    small = "SELECT id FROM kinds WHERE a_smallint = ?"
    assert rows(small, (32767,)) == [(1,)]


@case
def parameters_that_are_missing_are_told():
    raised(dbapi.ProgrammingError, lambda: rows("SELECT ? + 1"), "parameter")
