"""Datasets as readers see them: snapshots, pages of records, filters."""
