//! RFC 9535 JSONPath: the complete parser and evaluator.
