"""Dead letters over the wire: list, read, retry, discard. ``domain/retry.py`` defines what a retry does.

Start with ``handlers.py``. ``messages.py`` encodes dead letters.
"""
