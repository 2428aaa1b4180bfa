//! What takes tokens back before they end.

use crate::{Timestamp, id::PersonId};

/// Tokens that are taken back by something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Revocation {
    /// All that rest on this: a token by its id, a session, an assignment.
    Of {
        /// The id.
        id: String,
        /// From when on they are refused.
        from: Timestamp,
        /// When the last of them would have ended by itself.
        until: Timestamp,
    },
    /// All of a person that were issued before a moment.
    Person {
        /// The person.
        person: PersonId,
        /// The moment.
        before: Timestamp,
    },
}
