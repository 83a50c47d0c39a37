"""The registry: immutable versions of profiles, workflows and contracts, and what they resolve to. It runs nothing on stored data."""
