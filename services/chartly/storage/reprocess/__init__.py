"""Normalizes all raw blobs of a dataset a second time with another profile, and rolls datasets back to an older version.

Start with ``jobs.py``: plan, stage, compare, apply. ``chunk_selection.py`` chooses the chunks, ``compare.py`` computes the differences,
``conflict_resolution.py`` decides which record each key has (in DuckDB: ``resolution_database.py``, ``resolution_results.py``),
``samples.py`` picks records to show, ``apply.py`` writes the files. ``settled_records.py`` keeps records as a person corrected or
discarded them.

``rollback.py`` commits a new version with an older one's files; ``key_difference.py`` counts what that changes.
"""
