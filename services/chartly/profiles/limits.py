"""Bounds of a profile document. They protect the reader from hostile text; the contract of its kind bounds what a profile may contain."""

DOCUMENT_BYTES_MAX = 262_144
"""256 KiB, also the registry's bound for a document. The longest hand-written mapping seen has 30 KiB."""

DEPTH_MAX = 32
"""Levels of maps and lists. The profile language itself needs 8; lookup tables and constants may nest a little more."""

NODES_MAX = 20_000
"""Values in a document. Those behind an alias count at each use, so that an alias bomb is refused before it is built."""

ALIASES_MAX = 64
"""Uses of anchors. A profile that needs more should use `extends`."""

EXTENDS_MAX = 8
"""Bases in a chain. A reader can't follow more."""

VIOLATIONS_MAX = 100
"""Violations reported for one document. An author with more of them fixes these first."""

INTEGER_MAX = 9_007_199_254_740_991
"""2^53 - 1: larger integers would not survive RFC 8785's doubles."""
