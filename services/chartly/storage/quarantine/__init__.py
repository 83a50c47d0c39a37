"""Records that were rejected: why, their bytes, and what became of them.

The records are rows of one Delta table per project, which commits write (``commit_hooks.py`` adds the payloads). ``reader.py`` reads
them, ``payloads.py`` and ``seal.py`` store and encrypt their bytes. What became of a record is its status (``states.py``,
``status_rows.py``), in the metadata database.

Ways out: ``readmit.py`` decides records that are tried once more, ``readmission.py`` commits them, ``json_patch.py`` corrects one before
that, and ``discard.py`` gives records up. ``row_locations.py`` keeps a status with its record when a chunk is written once more.
"""
