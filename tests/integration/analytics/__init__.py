"""Queries, rollups and charts over gRPC, over committed records."""
