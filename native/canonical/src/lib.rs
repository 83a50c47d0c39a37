//! RFC 8785 canonical JSON: numbers, strings, key order.
