"""Runs: stored, retried, verified, started from a workflow or for a reprocess. Each change of a run is one transaction.

Start with ``repository.py``, which makes those transactions. ``handlers.py`` serves the calls, ``profile_freezing.py`` resolves the
profiles of a new run, ``retries.py``, ``reprocess.py`` and ``verification.py`` start the other kinds of runs.
"""
