"""The dedupe index: which idempotency keys a dataset holds, with which record ids."""
