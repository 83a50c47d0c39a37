"""Decides which records of a chunk are new to a dataset.

Start with ``decide.py``: each record is new, a duplicate, a replacement, a conflict or expired, by its idempotency key. ``index.py``
opens the datasets' indexes of keys, which the compiled core implements. ``index_content.py`` says what an index holds, so that it can be
rebuilt from files; ``expired_rows.py`` lists the files with keys that retention removed.
"""
