"""Logs, metrics and traces. Import from the modules: ``log``, ``tracing``, ``metrics``, ``listener``."""
