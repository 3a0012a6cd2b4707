"""What is told of what goes wrong."""

import pyarrow
from adbc_driver_flightsql import dbapi

from adbc.client import connect, rows
from cases import case, raised


@case
def a_syntax_error_says_where():
    error = raised(dbapi.ProgrammingError, lambda: rows("SELECT id FROM customers\nWHERE WHERE"), "INVALID_ARGUMENT")
    assert "2" in str(error) and "^" in str(error), error


@case
def an_unknown_column_is_told_with_the_known():
    raised(dbapi.ProgrammingError, lambda: rows("SELECT nme FROM customers"), "nme", "name")


@case
def an_error_while_rows_come_is_an_error():
    """Not an end: some rows were on their way before it."""
    sql = "SELECT 100 / (value - 90000) AS n FROM generate_series(1, 100000)"
    raised(dbapi.Error, lambda: rows(sql), "zero")


@case
def an_error_names_its_query():
    for sql in ["SELECT nme FROM customers", "SELECT 1 / (id - 1) FROM customers"]:
        error = raised(dbapi.Error, lambda: rows(sql))
        details = {key.decode() if isinstance(key, bytes) else key: value for key, value in error.details}
        assert len(details.get("intarsia-query-id", "")) == 32, details


@case
def writes_are_refused():
    for sql in ["INSERT INTO customers VALUES (9)", "CREATE TABLE t (a int)", "DELETE FROM customers"]:
        error = raised(dbapi.ProgrammingError, lambda: rows(sql))
        assert sql.split()[0] in str(error).upper(), error
    assert rows("SELECT count(*) FROM customers") == [(3,)]


@case
def ingest_is_refused():
    table = pyarrow.table({"a": [1]})
    with connect() as connection, connection.cursor() as cursor:
        raised(dbapi.NotSupportedError, lambda: cursor.adbc_ingest("t", table))
