"""Principals, their tokens, and the decision on each request that comes through the edge."""
