"""Events of a project: decoded, stored once, and matched with the workflows that listen to them. They start no run; ``background`` does.

Start with ``intake.py``, which stores events. ``handlers.py`` serves the call, ``decode.py`` reads its request.
"""
