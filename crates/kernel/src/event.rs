//! What stands beside an event's own data: who, when, why, and where in the log.

use std::fmt;

use crate::{Timestamp, hash::Sha256, id::PersonId};

/// A place in a log: what a write answers with, and what a read can wait for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LogPosition {
    /// The log, such as `WEFT_620821`.
    pub log: String,
    /// The sequence in it, from 1; 0 is before the first event.
    pub sequence: u64,
}

impl fmt::Display for LogPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.log, self.sequence)
    }
}

/// Who acts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Actor {
    /// A person, in a role.
    Person(PersonId),
    /// A process of Weft, such as `dispatch.order_accepted_cases`.
    Process(&'static str),
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person(id) => write!(f, "person:{id}"),
            Self::Process(name) => write!(f, "process:{name}"),
        }
    }
}

/// The metadata of a recorded event, as projections and processes see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventMeta {
    /// The event's own id: `ce-id`.
    pub id: String,
    /// The sequence in the log.
    pub sequence: u64,
    /// The place in its aggregate's stream, from 1.
    pub version: u64,
    /// When it happened, as its command said; never below its aggregate's last.
    pub occurred_at: Timestamp,
    /// When the log stored it.
    pub recorded_at: Timestamp,
    /// Who did it: `person:<id>` or `process:<name>`.
    pub actor: String,
    /// The id of the command that wrote it.
    pub commit: Sha256,
}

/// An event as the log stores it. `contracts` implements it for every set of events.
pub trait StoredEvent: Sized {
    /// `weft.<service>.<event>.v<n>`, of the current version.
    fn ce_type(&self) -> &'static str;

    /// When it happened.
    fn occurred_at(&self) -> Timestamp;

    /// The payload: JSON.
    fn encode(&self) -> Vec<u8>;

    /// Reads a payload of this or any earlier version.
    fn decode(ce_type: &str, payload: &[u8]) -> Result<Self, DecodeError>;
}

/// Why a stored event cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// An event that this set does not know.
    #[error("no event type {0:?} is known here")]
    UnknownType(String),
    /// A version of the future.
    #[error("{ce_type} is newer than this program, which reads up to v{known}; upgrade weft")]
    Newer {
        /// The type as stored.
        ce_type: String,
        /// The newest version that this program reads.
        known: u32,
    },
    /// A payload that is not what its type says.
    #[error("the payload of {ce_type} does not have its form: {reason}")]
    Payload {
        /// The type as stored.
        ce_type: String,
        /// What is wrong with it.
        reason: String,
    },
}
