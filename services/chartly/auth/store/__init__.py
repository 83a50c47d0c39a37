"""Tokens in the metadata database."""

from .tokens import TokenStore

__all__ = ["TokenStore"]
