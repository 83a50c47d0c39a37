"""Pushes: which source takes them, how many at once, how they become durable, and how runs take them from the inbox."""
