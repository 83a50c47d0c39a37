"""What a run does next, pure: given the run, what happened and the time, it gives the next run and what to do. It does nothing itself."""
