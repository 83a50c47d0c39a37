"""The queue's rules. Pure: the time is an argument, and the caller stores the changes that they return."""
