"""The exactly-once commit of chunks: one writer a dataset, decided in the metadata database, finished after any crash."""
