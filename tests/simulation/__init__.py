"""Deterministic simulation of runs and queue: one seed, one world. README.md says how to read and replay a failure."""
