"""What Python programs do with pyarrow.flight, which knows Flight and not Flight SQL."""

import urllib.parse

import pyarrow
from pyarrow import flight

from cases import (
    CERTIFICATE, PASSWORD, PLAIN, SECURE, USER,
    at_rest_within_a_second, case, raised, run,
)

ENDLESS_ROWS = "SELECT a.value + b.value AS n FROM generate_series(1, 10000000) a, generate_series(1, 10000000) b"
FOR_EVER = "SELECT count(*) FROM generate_series(1, 10000000) a, generate_series(1, 10000000) b WHERE a.value * 3 = b.value * 7 + 1"


def client():
    address = urllib.parse.urlsplit(SECURE)
    location = flight.Location.for_grpc_tls(address.hostname, address.port)
    return flight.FlightClient(location, tls_root_certs=CERTIFICATE)


class LoggedIn:
    """A client and the options that carry its token."""

    def __enter__(self):
        self.client = client()
        self.headers = [self.client.authenticate_basic_token(USER, PASSWORD)]
        return self.client, self.options()

    def options(self, **more):
        return flight.FlightCallOptions(headers=self.headers, **more)

    def __exit__(self, *_):
        self.client.close()


def command(name, *fields):
    """A Flight SQL command by hand: a `google.protobuf.Any` around texts by field number."""
    kind = f"type.googleapis.com/arrow.flight.protocol.sql.{name}".encode()
    value = b"".join(text(number, content.encode()) for number, content in fields)
    return text(1, kind) + text(2, value)


def text(number, content):
    assert len(content) < 2**14
    size = len(content)
    length = bytes([size]) if size < 128 else bytes([size & 127 | 128, size >> 7])
    return bytes([number << 3 | 2]) + length + content


@case
def a_basic_token_serves_each_call():
    with LoggedIn() as (server, options):
        descriptor = flight.FlightDescriptor.for_command(command("CommandStatementQuery", (1, "SELECT 1 + 1 AS two")))
        info = server.get_flight_info(descriptor, options)
        assert info.total_records == -1
        (endpoint,) = info.endpoints
        assert endpoint.locations == [], "clients stay on their connection"
        table = server.do_get(endpoint.ticket, options).read_all()
        assert table.to_pydict() == {"two": [2]}
        assert table.schema.equals(info.schema, check_metadata=True)


@case
def a_wrong_password_is_unauthenticated():
    with client() as server:
        raised(flight.FlightUnauthenticatedError, lambda: server.authenticate_basic_token(USER, "another"))


@case
def a_call_without_credentials_is_refused():
    with client() as server:
        ticket = flight.Ticket(b"SELECT 1")
        raised(flight.FlightUnauthenticatedError, lambda: server.do_get(ticket).read_all())
        raised(flight.FlightUnauthenticatedError, lambda: list(server.list_flights()))


@case
def the_text_of_a_query_is_a_command():
    with flight.FlightClient(PLAIN.replace("grpc://", "grpc+tcp://")) as server:
        info = server.get_flight_info(flight.FlightDescriptor.for_command("SELECT 42 AS n"))
        assert server.do_get(info.endpoints[0].ticket).read_all().to_pydict() == {"n": [42]}
        assert server.do_get(flight.Ticket("SELECT 43 AS n")).read_all().to_pydict() == {"n": [43]}


@case
def a_path_is_a_table():
    with LoggedIn() as (server, options):
        info = server.get_flight_info(flight.FlightDescriptor.for_path("public", "customers"), options)
        assert server.do_get(info.endpoints[0].ticket, options).read_all().num_rows == 3


@case
def schemas_are_told_without_running():
    with LoggedIn() as (server, options):
        for asked in [ENDLESS_ROWS, command("CommandStatementQuery", (1, ENDLESS_ROWS))]:
            schema = server.get_schema(flight.FlightDescriptor.for_command(asked), options).schema
            assert (schema.names, schema.types) == (["n"], [pyarrow.int64()])
        tables = server.get_schema(flight.FlightDescriptor.for_command(command("CommandGetTables")), options)
        assert tables.schema.names == ["catalog_name", "db_schema_name", "table_name", "table_type"]


@case
def what_there_is_is_asked_by_hand():
    with LoggedIn() as (server, options):

        def ask(*asked):
            info = server.get_flight_info(flight.FlightDescriptor.for_command(command(*asked)), options)
            return server.do_get(info.endpoints[0].ticket, options).read_all()

        assert ask("CommandGetCatalogs").to_pydict() == {"catalog_name": ["intarsia"]}
        key = ask("CommandGetPrimaryKeys", (3, "customers")).to_pylist()
        assert [row["column_name"] for row in key] == ["id"], key


@case
def actions_are_listed():
    with LoggedIn() as (server, options):
        names = {action.type for action in server.list_actions(options)}
    assert {"CreatePreparedStatement", "ClosePreparedStatement", "CancelFlightInfo", "CloseSession"} <= names, names


@case
def no_flights_are_listed():
    with LoggedIn() as (server, options):
        assert list(server.list_flights(options=options)) == []


@case
def a_flight_is_cancelled_by_its_action():
    """The body is the request itself: a FlightInfo in field 1."""
    with LoggedIn() as (server, options):
        info = server.get_flight_info(flight.FlightDescriptor.for_command(ENDLESS_ROWS), options)
        reader = server.do_get(info.endpoints[0].ticket, options)
        assert reader.read_chunk().data.num_rows > 0
        told = info.serialize()
        length = len(told)
        assert length < 2**14
        body = bytes([0x0A, length & 127 | 128, length >> 7]) if length > 127 else bytes([0x0A, length])
        (result,) = server.do_action(flight.Action("CancelFlightInfo", body + told), options)
        assert result.body.to_pybytes() == b"\x08\x01", "CANCELLED"

        def read():
            while True:
                reader.read_chunk()

        raised((flight.FlightCancelledError,), read)
    at_rest_within_a_second()


@case
def a_timeout_ends_the_query():
    logged_in = LoggedIn()
    with logged_in as (server, options):
        info = server.get_flight_info(flight.FlightDescriptor.for_command(FOR_EVER), options)
        short = logged_in.options(timeout=1)
        raised(flight.FlightTimedOutError, lambda: server.do_get(info.endpoints[0].ticket, short).read_all())
    at_rest_within_a_second()


@case
def errors_have_their_class():
    with LoggedIn() as (server, options):

        def ask(asked):
            return lambda: server.get_flight_info(flight.FlightDescriptor.for_command(asked), options)

        raised(pyarrow.ArrowInvalid, ask("SELECT nme FROM customers"), "nme")
        raised(pyarrow.ArrowInvalid, ask(b"\xff\xfe"), "neither")
        raised(NotImplementedError, ask(command("CommandStatementSubstraitPlan")), "Substrait")
        raised(KeyError, lambda: server.do_get(flight.Ticket(command("TicketStatementQuery", (1, "0" * 32))), options).read_all())


run()
