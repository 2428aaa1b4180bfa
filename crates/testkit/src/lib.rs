//! What tests stand on: a real nats-server and a real database for each test, a clock that the test
//! moves, the whole suite in one process, and the properties that every aggregate has.
//!
//! | module | what |
//! |---|---|
//! | [`suite`] | services on real infrastructure, with callers of every role |
//! | [`nats`], [`postgres`] | the servers, which end with the test |
//! | [`clock`] | a clock that stands still |
//! | [`properties`] | what holds of every decider |
//! | [`recorded`] | an event as the log would hold it |
//! | [`rules`] | the committed table of an aggregate's rules |

pub mod clock;
pub mod nats;
pub mod postgres;
pub mod properties;
mod recorded;
pub mod rules;
pub mod suite;
mod wait;

pub use clock::ManualClock;
pub use recorded::recorded;
pub use suite::{Db, Replica, Suite};
pub use wait::until;
