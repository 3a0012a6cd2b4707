"""Statements that return no rows."""

import pyarrow
from adbc_driver_flightsql import dbapi
from adbc_driver_manager import AdbcStatement

from adbc.client import connect, rows
from cases import case, raised


@case
def a_setting_is_an_update():
    """Without being prepared, as the driver's callers in other languages send it."""
    with connect() as connection, AdbcStatement(connection.adbc_connection) as statement:
        statement.set_sql_query("SET intarsia.statement_timeout = '7s'")
        assert statement.execute_update() == 0
        with connection.cursor() as cursor:
            cursor.execute("SHOW intarsia.statement_timeout")
            assert "7s" in str(cursor.fetchall())


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
