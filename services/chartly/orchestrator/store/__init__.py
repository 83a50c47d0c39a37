"""Workflows and runs in the metadata database. It decides nothing; the domain does.

Start with ``tables.py``. Each other file has the statements for the tables of its name; ``body.py`` encodes a run as JSON.
"""
