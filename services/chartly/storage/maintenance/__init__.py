"""Upkeep of datasets: check, repair, retention, compaction, and the schedule of all these."""
