"""Adapters: object store, metadata rows, tables, dedupe index. They decide nothing."""
