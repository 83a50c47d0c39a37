"""Reports in the metadata database, and the outbox of their ledger events (``reports.py``)."""

from .reports import ReportRow, ReportStore, outbox

__all__ = ["ReportRow", "ReportStore", "outbox"]
