"""Results in the metadata database, and their sums, which SQL makes."""
