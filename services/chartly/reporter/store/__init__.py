"""Reports in the metadata database."""

from .reports import ReportRow, ReportStore

__all__ = ["ReportRow", "ReportStore"]
