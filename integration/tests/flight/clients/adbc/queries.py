"""Queries and their rows."""

import datetime
import decimal
import json
import threading

import pyarrow
from adbc_driver_flightsql import ConnectionOptions
from adbc_driver_manager import AdbcStatement, StatementOptions

from adbc.client import ENDLESS_ROWS, connect, rows
from cases import case


@case
def rows_come_as_python_values():
    with connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT id, name, balance FROM customers ORDER BY id")
        assert [column[0] for column in cursor.description] == ["id", "name", "balance"]
        assert cursor.fetchone() == (1, "Ada", decimal.Decimal("10.50"))
        assert cursor.fetchmany(1) == [(2, None, None)]
        assert cursor.fetchall() == [(3, "Grace", decimal.Decimal("-1.00"))]
        assert cursor.fetchone() is None


@case
def rows_come_as_arrow():
    with connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT region, count(*) AS n FROM customers GROUP BY region ORDER BY region")
        table = cursor.fetch_arrow_table()
    assert table.to_pydict() == {"region": ["EU", "US"], "n": [2, 1]}


@case
def rows_come_batch_by_batch():
    with connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT value FROM generate_series(1, 100000)")
        batches = list(cursor.fetch_record_batch())
    assert len(batches) > 1
    assert sum(batch.num_rows for batch in batches) == 100_000


@case
def every_type_comes_from_every_database():
    utc = datetime.timezone.utc
    for table in ["kinds", "pg.kinds", "maria.kinds"]:
        most, none, least = rows(f"SELECT * FROM {table} ORDER BY id")
        stamp = datetime.datetime(2024, 2, 29, 12, 34, 56, 789012)
        json_text = most[18]
        assert json.loads(json_text) == {"a": [1, None]}, table
        assert most[:18] == (
            1, True, 32767, 65535, 2147483647, 2147483647, 2**63 - 1, 2**63 - 1, 1.5, 2.25,
            decimal.Decimal("9999999999.99"), 'Grüße, "Welt"', b"\x00\xff\x10", stamp.date(), stamp.time(),
            stamp, stamp.replace(tzinfo=utc), "123e4567-e89b-12d3-a456-426614174000",
        ), (table, most)
        assert none == (2,) + (None,) * 18, (table, none)
        before = datetime.datetime(1969, 12, 31, 23, 59, 59, 999999)
        assert least == (
            3, False, -32768, 0, -(2**31), 0, -(2**63), 0, -1.5, -2.25, decimal.Decimal("-0.01"), "", b"",
            datetime.date(1970, 1, 1), datetime.time(0), before, before.replace(tzinfo=utc),
            "00000000-0000-0000-0000-000000000000", "null",
        ), (table, least)


@case
def an_empty_result_has_columns():
    with connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT id, upper(name) AS loud FROM customers WHERE id < 0")
        table = cursor.fetch_arrow_table()
    assert (table.num_rows, table.schema.names) == (0, ["id", "loud"])


@case
def a_result_may_be_large():
    with connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT value AS n, 'row ' || value AS t FROM generate_series(1, 1000000)")
        rows_read, last = 0, None
        for batch in cursor.fetch_record_batch():
            rows_read, last = rows_read + batch.num_rows, batch
    assert rows_read == 1_000_000
    assert last.column(1)[-1].as_py().startswith("row ")


@case
def sixteen_threads_ask_at_once():
    wrong = []

    def ask(number):
        try:
            with connect() as connection, connection.cursor() as cursor:
                for _ in range(5):
                    cursor.execute("SELECT count(*), ? FROM customers", (number,))
                    assert cursor.fetchall() == [(3, number)]
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong, wrong


@case
def a_value_may_be_long():
    assert rows("SELECT repeat('x', 5000000)") == [("x" * 5_000_000,)]


@case
def what_clients_do_not_know_comes_as_what_they_know():
    """The driver compares what was told with what is sent."""
    sql = """SELECT arrow_cast('a', 'Utf8View') AS v, arrow_cast('b', 'Dictionary(Int32, Utf8View)') AS d,
                    arrow_cast(1.5, 'Decimal32(5, 2)') AS n, make_array('c') AS l"""
    with connect() as connection, connection.cursor() as cursor:
        cursor.execute(sql)
        table = cursor.fetch_arrow_table()
    strings = pyarrow.string()
    assert table.schema.types[:3] == [strings, strings, pyarrow.decimal128(5, 2)], table.schema
    assert table.schema.types[3].value_type == strings, table.schema
    assert table.to_pylist() == [{"v": "a", "d": "b", "n": decimal.Decimal("1.50"), "l": ["c"]}]


@case
def a_statement_need_not_be_prepared():
    with connect() as connection, AdbcStatement(connection.adbc_connection) as statement:
        statement.set_sql_query("SELECT id, name FROM customers ORDER BY id")
        schema = pyarrow.schema(statement.execute_schema())
        assert schema.names == ["id", "name"], schema
        handle, _ = statement.execute_query()
        table = pyarrow.RecordBatchReader.from_stream(handle).read_all()
    assert table.column("name").to_pylist() == ["Ada", None, "Grace"]


@case
def a_schema_is_told_without_running():
    with connect() as connection, connection.cursor() as cursor:
        schema = cursor.adbc_execute_schema(f"SELECT n, 1.5 AS d FROM ({ENDLESS_ROWS})")
    assert schema.names == ["n", "d"]
    assert schema.types == [pyarrow.int64(), pyarrow.decimal128(2, 1)], schema


def in_parts(connection):
    option = ConnectionOptions.OPTION_BOOL_SESSION_OPTION_PREFIX.value + "intarsia.partitions"
    connection.adbc_connection.set_options(**{option: "true"})


@case
def an_answer_in_parts_comes_as_one():
    with connect() as connection, connection.cursor() as cursor:
        in_parts(connection)
        cursor.execute("SELECT id FROM customers WHERE id > 0")
        assert sorted(cursor.fetchall()) == [(1,), (2,), (3,)]


@case
def an_answer_is_polled_for():
    with connect() as connection, connection.cursor() as cursor:
        cursor.adbc_statement.set_options(**{StatementOptions.INCREMENTAL.value: "true"})
        sql = "SELECT id FROM customers"
        partitions, schema = cursor.adbc_execute_partitions(sql)
        assert schema.names == ["id"], schema
        assert len(partitions) == 1
        assert cursor.adbc_statement.get_option_float(StatementOptions.PROGRESS.value) == 1.0
        last, _ = cursor.adbc_execute_partitions(sql)
        assert last == [], "no more to poll for"
        cursor.adbc_read_partition(partitions[0])
        assert sorted(cursor.fetchall()) == [(1,), (2,), (3,)]


@case
def partitions_are_read_on_another_connection():
    with connect() as connection, connection.cursor() as cursor:
        in_parts(connection)
        partitions, schema = cursor.adbc_execute_partitions("SELECT id, region FROM customers")
        assert schema.names == ["id", "region"]
        assert len(partitions) == 2, "one for each of the table's nodes"
    read = []
    for partition in partitions:
        with connect() as connection, connection.cursor() as cursor:
            cursor.adbc_read_partition(partition)
            read += cursor.fetchall()
    assert sorted(read) == [(1, "EU"), (2, "EU"), (3, "US")]
