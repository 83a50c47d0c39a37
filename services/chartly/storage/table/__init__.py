"""The tables that all rooms of storage build on. It imports no other room.

A dataset is one Delta table in a local folder, and a project's quarantine is another. Start with ``delta_table.py``: it creates a table,
grows its schema, and commits files under a sequence number. Beside it:

- ``data_files.py`` writes and reads the Parquet files; ``verified_files.py`` checks their bytes against the digest in their name.
- ``columns.py`` names the columns that storage adds to a payload; ``envelope.py`` adds them to a chunk's rows.
- ``schema.py`` decides which types a column may have; ``keys.py``, ``digests.py`` and ``content_hash.py`` read and hash keys and rows.
- ``version_files.py`` lists the files of an older version, from the log.
"""
