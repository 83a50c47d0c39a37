"""Runs: stored, retried, verified, started from a workflow or for a reprocess. Each change of a run is one transaction."""
