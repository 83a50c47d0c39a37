"""The raw plane: blobs under their digest, and their rows in the metadata database."""
