"""Asks an Intarsia server from Python, by ADBC.

    pip install adbc-driver-flightsql adbc-driver-manager pyarrow
    python adbc.py grpc+tls://db.example:32010 ada

The password is in INTARSIA_PASSWORD. INTARSIA_CA may name a file (PEM) with an authority to trust.
"""

import os
import sys
from pathlib import Path

from adbc_driver_flightsql import DatabaseOptions, dbapi

RICHEST = """
    SELECT name, balance FROM customers WHERE region = ?
    ORDER BY balance DESC NULLS LAST, id LIMIT 1
"""


def connect(url, user=None):
    options = {}
    if user:
        options |= {"username": user, "password": os.environ["INTARSIA_PASSWORD"]}
    if authority := os.environ.get("INTARSIA_CA"):
        options[DatabaseOptions.TLS_ROOT_CERTS.value] = Path(authority).read_text()
    # There is nothing to commit: the server reads.
    return dbapi.connect(url, db_kwargs=options, autocommit=True)


def main(url, user=None):
    with connect(url, user) as connection, connection.cursor() as cursor:
        for region in ("EU", "US"):
            cursor.execute(RICHEST, (region,))
            for name, balance in cursor.fetchall():
                print(f"{region}: {name} {balance}")
        # The same as Arrow, for pandas, Polars or DuckDB.
        cursor.execute("SELECT id, name, balance FROM customers")
        table = cursor.fetch_arrow_table()
        print(table.num_rows, "customers:", ", ".join(f"{f.name} {f.type}" for f in table.schema))


main(*sys.argv[1:])
