"""Upkeep of datasets: check, repair, retention, compaction.

Start with ``actions.py``: one method per action. ``check.py`` finds what disagrees with a dataset's table, ``repair.py`` and
``retention.py`` write the files of a change, ``change.py`` commits it as a new version. ``compaction.py`` merges small files
(``file_groups.py`` chooses them) and changes no rows. ``scheduler.py`` runs compaction after commits, and retention periodically.
"""
