"""The run's state machine, its step types, its schedule and its retry. Pure: no I/O, and the time is an argument."""
