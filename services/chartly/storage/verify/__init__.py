"""A past commit computed again and compared with what the dataset holds."""
