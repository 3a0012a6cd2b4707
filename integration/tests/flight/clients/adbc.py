"""What Python programs do with the ADBC driver."""

import datetime
import decimal
import json
import threading
import time
import urllib.parse
import warnings

import pyarrow
from adbc_driver_flightsql import ConnectionOptions, DatabaseOptions, dbapi

from cases import (
    CERTIFICATE, PASSWORD, PLAIN, SECURE, USER,
    at_rest_within_a_second, at_work, case, raised, run,
)

# Rows of a cross join that nobody waits for.
FOR_EVER = "SELECT count(*) FROM generate_series(1, 10000000) a, generate_series(1, 10000000) b WHERE a.value * 3 = b.value * 7 + 1"
ENDLESS_ROWS = "SELECT a.value + b.value AS n FROM generate_series(1, 10000000) a, generate_series(1, 10000000) b"


def tls(**more):
    return {DatabaseOptions.TLS_ROOT_CERTS.value: CERTIFICATE, **more}


def connect(options=None, uri=SECURE, **login):
    login = login or {"username": USER, "password": PASSWORD}
    return dbapi.connect(uri, db_kwargs=tls(**login), conn_kwargs=options, autocommit=True)


def rows(sql, parameters=None, **options):
    with connect(**options) as connection, connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def plain():
    return dbapi.connect(PLAIN, autocommit=True)


# Connections


@case
def connects_with_a_password_over_tls():
    assert rows("SELECT 1 + 1") == [(2,)]


@case
def connects_without_users():
    with plain() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT 42")
        assert cursor.fetchone() == (42,)


@case
def connects_with_a_token():
    import pyarrow.flight

    address = urllib.parse.urlsplit(SECURE)
    location = pyarrow.flight.Location.for_grpc_tls(address.hostname, address.port)
    with pyarrow.flight.FlightClient(location, tls_root_certs=CERTIFICATE) as client:
        name, token = client.authenticate_basic_token(USER, PASSWORD)
    assert (name, token[:7]) == (b"authorization", b"Bearer "), name
    header = {DatabaseOptions.AUTHORIZATION_HEADER.value: token.decode()}
    assert rows("SELECT 1", **header) == [(1,)]


@case
def a_wrong_password_is_refused():
    login = {"username": USER, "password": "another"}
    raised(dbapi.ProgrammingError, lambda: connect(**login), "UNAUTHENTICATED")


@case
def a_certificate_of_nobody_is_refused():
    def without_authority():
        dbapi.connect(SECURE, db_kwargs={"username": USER, "password": PASSWORD}, autocommit=True)

    raised(dbapi.Error, without_authority, "certificate")


@case
def autocommit_is_all_there_is():
    """Without autocommit, Python's default, the driver warns and goes on."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        login = {"username": USER, "password": PASSWORD}
        with dbapi.connect(SECURE, db_kwargs=tls(**login)) as connection:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
                assert cursor.fetchone() == (1,)
    assert any("autocommit" in str(warning.message) for warning in told), told


@case
def sessions_keep_their_settings():
    """The driver keeps no cookies: its session is that of its token."""
    with connect() as connection, connection.cursor() as cursor:
        cursor.execute("SET intarsia.statement_timeout = '7s'")
        cursor.execute("SHOW intarsia.statement_timeout")
        assert "7s" in str(cursor.fetchall()), cursor.description
    with connect() as connection, connection.cursor() as cursor:
        cursor.execute("SHOW intarsia.statement_timeout")
        assert "7s" not in str(cursor.fetchall()), "the session of another connection"


@case
def current_catalog_and_schema_are_told():
    with connect() as connection:
        assert connection.adbc_current_catalog == "intarsia"
        assert connection.adbc_current_db_schema == "public"


# What there is


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


# Queries


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
def a_schema_is_told_without_running():
    with connect() as connection, connection.cursor() as cursor:
        schema = cursor.adbc_execute_schema(f"SELECT n, 1.5 AS d FROM ({ENDLESS_ROWS})")
    assert schema.names == ["n", "d"]
    assert schema.types == [pyarrow.int64(), pyarrow.decimal128(2, 1)], schema


@case
def partitions_are_read_on_another_connection():
    with connect() as connection, connection.cursor() as cursor:
        partitions, schema = cursor.adbc_execute_partitions("SELECT id, region FROM customers")
        assert schema.names == ["id", "region"]
    read = []
    for partition in partitions:
        with connect() as connection, connection.cursor() as cursor:
            cursor.adbc_read_partition(partition)
            read += cursor.fetchall()
    assert sorted(read) == [(1, "EU"), (2, "EU"), (3, "US")]


# Parameters


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


# Ends


def end_of(action, *errors):
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


# Errors


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


run()
