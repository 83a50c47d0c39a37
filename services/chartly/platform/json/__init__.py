"""JSON at the borders: request bodies, numbers and values as JSON, and NDJSON cut at line ends."""
