//! The Python binding: extract, release the GIL, call, wrap.
