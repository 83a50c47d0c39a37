"""The raw plane: blobs under their digest, and their rows in the metadata database.

Start with ``repository.py``: it stores and finds the blobs of a project. ``blobs.py`` keeps the bytes, in a local directory or an object
store; ``rows.py`` has the rows; ``handlers.py`` serves uploads and downloads as streams of parts.
"""
