"""Runs the cases of all topics, or those that are named."""

from adbc import connections, metadata, many, queries, parameters, updates, ends, errors
from cases import run

run()
