"""How programs connect, and what a connection is."""

import urllib.parse
import warnings

import pyarrow.flight
from adbc_driver_flightsql import DatabaseOptions, dbapi

from adbc.client import connect, plain, rows, tls
from cases import (
    CERTIFICATE, CLIENT_CERTIFICATE, CLIENT_KEY, MUTUAL, PASSWORD, SECURE, USER,
    case, raised,
)


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
    address = urllib.parse.urlsplit(SECURE)
    location = pyarrow.flight.Location.for_grpc_tls(address.hostname, address.port)
    with pyarrow.flight.FlightClient(location, tls_root_certs=CERTIFICATE) as client:
        name, token = client.authenticate_basic_token(USER, PASSWORD)
    assert (name, token[:7]) == (b"authorization", b"Bearer "), name
    header = {DatabaseOptions.AUTHORIZATION_HEADER.value: token.decode()}
    assert rows("SELECT 1", **header) == [(1,)]


def on_mutual_tls(**certificate):
    with plain(MUTUAL, **tls(**certificate)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchall()


@case
def connects_with_a_certificate():
    own = {
        DatabaseOptions.MTLS_CERT_CHAIN.value: CLIENT_CERTIFICATE,
        DatabaseOptions.MTLS_PRIVATE_KEY.value: CLIENT_KEY,
    }
    assert on_mutual_tls(**own) == [(1,)]


@case
def who_has_no_certificate_is_not_let_in():
    raised(dbapi.Error, on_mutual_tls, "certificate")


@case
def headers_are_sent_along():
    header = {DatabaseOptions.RPC_CALL_HEADER_PREFIX.value + "routing": "x" * 20_000}
    with plain(**header) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchall() == [(1,)]


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
def a_session_may_be_kept_by_a_cookie():
    with plain(**{DatabaseOptions.WITH_COOKIE_MIDDLEWARE.value: "true"}) as connection:
        with connection.cursor() as cursor:
            cursor.execute("SET intarsia.statement_timeout = '7s'")
            cursor.execute("SHOW intarsia.statement_timeout")
            assert "7s" in str(cursor.fetchall())


@case
def current_catalog_and_schema_are_told():
    with connect() as connection:
        assert connection.adbc_current_catalog == "intarsia"
        assert connection.adbc_current_db_schema == "public"


@case
def current_catalog_and_schema_are_set():
    with connect() as connection, connection.cursor() as cursor:
        connection.adbc_current_catalog = "intarsia"
        connection.adbc_current_db_schema = "pg"
        assert connection.adbc_current_db_schema == "pg"
        cursor.execute("SELECT count(*) FROM kinds")
        assert cursor.fetchall() == [(3,)]
        raised(dbapi.ProgrammingError, lambda: cursor.execute("SELECT 1 FROM customers"), "customers")
        for option, value in [("adbc_current_db_schema", "nowhere"), ("adbc_current_catalog", "other")]:
            raised(dbapi.Error, lambda: setattr(connection, option, value))
        assert connection.adbc_current_db_schema == "pg"
