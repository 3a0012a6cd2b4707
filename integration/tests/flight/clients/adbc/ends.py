"""Statements that end before they are through."""

import threading
import time

from adbc_driver_flightsql import ConnectionOptions, dbapi

from adbc.client import ENDLESS_ROWS, FOR_EVER, connect
from cases import at_rest_within_a_second, at_work, case, raised


def end_of(action):
    """Starts a statement that never ends, and ends it by `action`."""
    with connect() as connection, connection.cursor() as cursor:
        ended = []

        def ask():
            try:
                cursor.execute(FOR_EVER)
                ended.append(cursor.fetchall())
            except BaseException as error:
                ended.append(error)

        thread = threading.Thread(target=ask)
        thread.start()
        at_work()
        action(cursor)
        thread.join(5)
        assert not thread.is_alive(), "the client still waits"
        assert isinstance(ended[0], Exception), ended
        return ended[0]


@case
def a_cancelled_query_ends_on_the_server():
    error = end_of(lambda cursor: cursor.adbc_cancel())
    assert "CANCELLED" in str(error).upper() or "canceled" in str(error), error
    at_rest_within_a_second()


@case
def a_result_that_nobody_reads_ends_on_the_server():
    with connect() as connection, connection.cursor() as cursor:
        cursor.execute(ENDLESS_ROWS)
        reader = cursor.fetch_record_batch()
        assert reader.read_next_batch().num_rows > 0
    at_rest_within_a_second()


@case
def a_timeout_of_the_client_ends_the_query():
    options = {
        ConnectionOptions.TIMEOUT_FETCH.value: "1",
        ConnectionOptions.TIMEOUT_QUERY.value: "1",
    }
    with connect(options=options) as connection, connection.cursor() as cursor:

        def ask():
            cursor.execute(FOR_EVER)
            cursor.fetchall()

        start = time.monotonic()
        raised(dbapi.OperationalError, ask, "TIMEOUT")
        assert time.monotonic() - start < 5
    at_rest_within_a_second()


@case
def a_timeout_of_the_statement_ends_the_query():
    with connect() as connection, connection.cursor() as cursor:
        cursor.execute("SET intarsia.statement_timeout = '500ms'")

        def ask():
            cursor.execute(FOR_EVER)
            cursor.fetchall()

        raised(dbapi.OperationalError, ask, "statement_timeout")
        cursor.execute("SELECT 1")
        assert cursor.fetchall() == [(1,)]
    at_rest_within_a_second()
