//! SHA-256 over many short messages, with the best instructions the CPU has at run time.
