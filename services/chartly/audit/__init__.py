"""The audit service: one append-only Merkle log of what the platform did, served as C2SP tiles. Entries never hold payloads."""
