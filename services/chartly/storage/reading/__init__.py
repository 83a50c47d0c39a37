"""Reads datasets: descriptions, pages of records, and the files of a version. It changes nothing, and no reader waits for a writer.

Start with ``reader.py``. ``snapshots.py`` finds a version's files in the table's log, ``scan.py`` reads pages of rows from files through
DuckDB, ``filter.py`` parses the filter of a listing.
"""
