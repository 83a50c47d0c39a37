"""Storage: raw blobs, canonical tables, the dedupe index and quarantine. The only service with credentials to the stores."""
