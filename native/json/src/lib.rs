//! Strict JSON (RFC 8259, I-JSON): the value tree, its parser, places in the raw bytes, and the fast structural scanner.
