"""Workflows and runs in the metadata database. It decides nothing; the domain does."""
