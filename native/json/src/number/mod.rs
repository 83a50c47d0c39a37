//! Numbers as text: their grammar, their exact value, and whether they survive as a double.
//!
//! Text is kept because a double forgets: what a contract compares, and what a record may lose, is decided on decimals.
//! How a double is *written* is decided in [`shortest`] for everybody; RFC 8785's layout of it is `chartly-canonical`'s.

mod exact;
pub mod grammar;
mod shortest;
mod survive;

pub use exact::Exact;
pub use grammar::is_json_number;
pub use shortest::{Shortest, shortest};
pub use survive::{NumberError, Surviving, nearest, nearest_to_short, surviving};
