"""Workflows and runs: what is to happen, in which order, and how far it is. It fetches nothing and touches no record."""
