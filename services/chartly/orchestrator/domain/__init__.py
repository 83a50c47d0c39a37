"""The run's state machine, its step types, its schedule and its retry. Pure: no I/O, and the time is an argument.

Start with ``advance.py``: it moves a run on, through a ``RunDraft`` (``draft.py``) and the methods of its steps (``steps``). ``run.py`` and
``states.py`` have the values, ``retry.py`` and ``schedule.py`` decide about retries and times.
"""
