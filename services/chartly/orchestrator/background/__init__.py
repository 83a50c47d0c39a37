"""Background loops: work to the queue, finished work back, schedules, events, expiry, clean-up.

Start with ``run_starter.py``, which starts due runs. ``work_dispatcher.py`` sends their work to the queue, and ``finished_work.py`` applies
its outcomes to the runs.
"""
