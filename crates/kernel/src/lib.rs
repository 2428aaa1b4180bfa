//! The vocabulary of Weft, with no input or output: what a division, a grid, an id, a position in
//! the log and an aggregate are. Every other crate speaks in these words; see the table in
//! `docs/ARCHITECTURE.md`.

pub mod aggregate;
pub mod clock;
pub mod division;
pub mod error_code;
pub mod event;
pub mod gb28181;
pub mod geo;
pub mod grid_code;
pub mod grid_index;
pub mod hash;
pub mod id;
pub mod limit;
pub mod mask;
pub mod method;
pub mod phone;
pub mod revocation;
pub mod role;

pub use aggregate::{Aggregate, Rejection, fold};
pub use clock::{Clock, Timestamp};
pub use division::{Division, Level};
pub use error_code::ErrorCode;
pub use event::{Actor, DecodeError, EventMeta, LogPosition, StoredEvent};
pub use gb28181::GbId;
pub use grid_code::GridCode;
pub use method::MethodPath;
pub use revocation::Revocation;
pub use role::Role;
