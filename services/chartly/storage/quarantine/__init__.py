"""Quarantined records: their payloads, their status, and the ways back into the dataset."""
