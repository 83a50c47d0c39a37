"""JSON of requests and answers: request bodies, numbers and values, and NDJSON divided at line ends."""
