//! JSON Schema 2020-12 with formats asserted: the complete engine, and every violation with its places.
