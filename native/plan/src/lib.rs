//! A resolved profile and its contract, compiled to one pass from raw bytes to canonical records and Arrow columns.
