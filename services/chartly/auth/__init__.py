"""Principals, their tokens, and the authorization of each request at the edge."""
