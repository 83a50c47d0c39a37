"""Verifies a past commit: its chunk or rollup is computed a second time, and the result is compared with the commit.

Start with ``comparison.py``: it reads the files of the second result and the commit. ``committed_records.py`` reads the commit's records
from the table, ``compare.py`` finds the differences without I/O, and ``handlers.py`` serves the calls. It changes no dataset.
"""
