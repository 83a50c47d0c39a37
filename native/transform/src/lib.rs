//! The transforms of a profile: one op a file, whose examples run as tests and become its documentation.
//!
//! An op works on one field of one record. The plan decides which paths fill the fields, in which order ops run, and
//! where a failure is reported.

mod condition;
mod conditional;
mod decimal;
mod definition;
mod error;
mod example;
mod failure;
mod keyed;
mod local_options;
mod number;
mod op;
mod operand;
mod ops;
mod options;
mod padding;
mod pattern_options;
pub mod reference;
mod registry;
mod scalar_set;
mod secret;
mod text;
pub mod timestamp;
pub mod units;

pub use definition::Definition;
pub use error::OpError;
pub use example::{Example, Expected};
pub use failure::{Failure, Reason};
pub use op::{Fields, Fused, NoFields, Op, Outcome, ResultType, apply_all};
pub use registry::{DEFINITIONS, compile, condition_examples, find};
pub use secret::{NoSecrets, Secret, SecretRef, Secrets};
