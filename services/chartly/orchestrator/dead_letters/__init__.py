"""Dead letters over the wire: list, read, retry, discard. What a retry is, ``domain/retry.py`` says."""
