"""Workflows: read, checked against the registry, stored, paused and resumed."""
