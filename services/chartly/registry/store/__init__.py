"""The registry's rows in the metadata database. Functions take a connection within the caller's transaction."""
