"""The kinds of steps of a run: what each asks of the queue, and what its results add to the run. Pure."""
