"""Sums of what drones report about their work. It is only a view; runs, datasets and the ledger are authoritative."""
