"""The queue's rules, pure: they are given the time, decide in memory, and name what changed. Storing it is the caller's part."""
