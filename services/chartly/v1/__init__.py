"""Stubs generated from ``proto/chartly/v1``; never edited by hand."""
