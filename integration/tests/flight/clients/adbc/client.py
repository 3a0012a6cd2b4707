"""Connections to the servers that the environment names."""

from adbc_driver_flightsql import DatabaseOptions, dbapi

from cases import CERTIFICATE, PASSWORD, PLAIN, SECURE, USER

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


def plain(uri=PLAIN, **options):
    return dbapi.connect(uri, db_kwargs=options, autocommit=True)
