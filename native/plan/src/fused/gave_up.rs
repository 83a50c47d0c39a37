//! The outcome of the fused engine where it can't prove an answer.

/// The fused engine can't prove that the record or page is right. The complete engine decides.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GaveUp;
