"""A child process that runs one query or draws one chart at a time, and its parent's side.

No file but the datasets', no network and no secret is within its reach. It lives in a process of its own so that a runaway query can be
ended, its memory is its own, and V8 and DuckDB cost nothing while there is no query.
"""
