"""Pushes, from the client to the dataset."""
