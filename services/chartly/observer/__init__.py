"""Watches the other services: whether they answer, and whether ledger, datasets and raw blobs agree. It repairs nothing."""
