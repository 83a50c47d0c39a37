//! The transforms of a profile: one op a file, its examples run as tests.
