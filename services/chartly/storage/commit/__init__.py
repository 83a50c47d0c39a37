"""Commits chunks and changes to datasets exactly once.

Start with ``committer.py``: it says the steps, and ``protocol.py`` has the picture. A chunk's way: ``handlers.py`` issues a ticket
(``tickets.py``) and a folder (``staging.py``), ``group_commit.py`` collects chunks that wait for the same dataset (``dataset_lock.py``),
``preparer.py`` decides them and writes their files (``chunk_files.py``), ``finisher.py`` does the rest. ``receipts.py`` answers a chunk
that is committed already.

``rows.py``, ``chunk_rows.py`` and ``dataset_rows.py`` are the metadata database's; ``stores.py`` opens tables and indexes. The rooms
above commit versions of their own through ``Committer.decide_and_finish``. What a commit needs of quarantine is the protocol in
``quarantine_hooks.py``; this room imports none of the rooms above.
"""
