"""The ledger's formats and hashes, shared by the writer, the server and the verifier. Pure: no files, no network.

RFC 6962 hashing; C2SP tlog-tiles, tlog-checkpoint and signed-note; see docs/explanation/ledger.md for the life of an entry.
"""
