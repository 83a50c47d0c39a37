"""Pushes: which sources accept them, how many at once, how they are stored, and how runs take them from the inbox."""
