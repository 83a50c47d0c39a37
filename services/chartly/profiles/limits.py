"""Bounds of a profile document. They guard the reader against hostile text; what a profile may say is bounded by its contract."""

DOCUMENT_BYTES_MAX = 262_144
"""256 KiB: the registry's bound for a document; the longest hand-written mapping seen has 30 KiB."""

DEPTH_MAX = 32
"""Levels of maps and lists. The profile language itself needs 8; lookup tables and constants may nest a little more."""

NODES_MAX = 20_000
"""Values in a document, those behind aliases counted at each use: an alias bomb is refused before it is built."""

ALIASES_MAX = 64
"""Uses of anchors. Profiles that need more want `extends`."""

EXTENDS_MAX = 8
"""Bases in a chain: more cannot be followed by who reads the profile."""

VIOLATIONS_MAX = 100
"""Violations told of one document; who has more fixes the first ones first."""

INTEGER_MAX = 9_007_199_254_740_991
"""2^53 - 1: larger integers would not survive RFC 8785's doubles."""
