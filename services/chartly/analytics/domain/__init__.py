"""What analytics decides, without DuckDB or wire: pure functions and values."""
