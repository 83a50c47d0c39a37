"""Reports in the metadata database."""

from .reports import ReportRow, ReportStore, outbox

__all__ = ["ReportRow", "ReportStore", "outbox"]
