"""The ground of all rooms: the Delta log, data files, schemas, envelope columns and digests of a table. It imports no other room."""
