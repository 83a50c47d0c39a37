"""Results in the metadata database, and their sums in SQL."""
