//! Webhooks: the public events of a division, sent by HTTPS, in order, at least once.
//!
//! | room | what is in it |
//! |---|---|
//! | `envelope.rs` | a message of the public stream as a request |
//! | `cursor.rs` | how far a webhook is, kept in NATS |
//! | `courier.rs` | what one webhook does |
//! | `couriers.rs` | all of them, wherever the lease is won |
//! | `standing.rs` | what `weft status` says of them |

mod courier;
mod couriers;
mod cursor;
mod envelope;
mod standing;

pub(crate) use couriers::{Couriers, NAME};
pub(crate) use cursor::{Cursor, CursorError, Cursors};
pub(crate) use platform::http::schedule::Schedule;
