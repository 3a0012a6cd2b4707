"""What is told of what goes wrong."""

from adbc_driver_flightsql import dbapi

from adbc.client import connect, plain, rows
from cases import MANY, case, raised


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
def plans_of_substrait_are_refused():
    raised(dbapi.NotSupportedError, lambda: rows(b"a plan"), "Substrait")


@case
def a_query_past_its_memory_is_refused():
    with connect() as connection, connection.cursor() as cursor:
        cursor.execute("SET intarsia.query_memory = '64kB'")

        def ask():
            cursor.execute("SELECT array_agg(value) FROM generate_series(1, 1000000) GROUP BY value % 10")
            cursor.fetchall()

        raised(dbapi.InternalError, ask, "ResourceExhausted")
        cursor.execute("SELECT 1")
        assert cursor.fetchall() == [(1,)], "the connection is well afterwards"


@case
def a_node_that_is_not_there_is_unavailable():
    def ask():
        with plain(MANY) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT * FROM s0.t_000")
            cursor.fetchall()

    raised(dbapi.OperationalError, ask, "Unavailable", "lost")
