//! Numbers as text: their grammar, their exact value, and whether a double can hold them.
//!
//! Text is kept because a double loses digits: contracts compare decimals, and losses are found on decimals.
//! [`shortest`] finds the digits of a double; `chartly-canonical` writes them in RFC 8785's layout.

mod exact;
pub mod grammar;
mod shortest;
mod survive;

pub use exact::Exact;
pub use grammar::is_json_number;
pub use shortest::{Shortest, shortest};
pub use survive::{NumberError, Surviving, nearest, nearest_to_short, surviving};
