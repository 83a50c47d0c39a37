"""Tokens in the metadata database: ``tables.py`` has the table, ``tokens.py`` its rows. Only digests of tokens are stored."""

from .tokens import TokenStore

__all__ = ["TokenStore"]
