"""Decisions of analytics: pure functions and values, without DuckDB and gRPC."""
