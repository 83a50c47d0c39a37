"""Workflows: read, checked against the registry, stored, paused and resumed.

Start with ``catalog.py``, which checks and stores them. ``handlers.py`` serves the calls, ``encode.py`` builds their answers.
"""
