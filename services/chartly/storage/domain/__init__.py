"""What storage decides, without any store: pure functions and values."""
