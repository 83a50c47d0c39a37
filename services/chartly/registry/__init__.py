"""The registry: immutable versions of profiles, workflows and contracts, and their resolution."""
