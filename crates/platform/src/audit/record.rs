//! A record of the trail. Its line of JSON is what is stored and exported, byte for byte, so that the
//! hash of a line can be computed by whoever has the line.

use std::borrow::Cow;

use aws_lc_rs::digest;
use kernel::{
    Role, Timestamp,
    hash::Sha256,
    id::{PersonId, RecordId},
};
use serde::{Deserialize, Serialize};

use super::seal::Seal;
use crate::auth::Principal;

/// What is said of one act, before it has its place in a chain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Who acted; none where nobody is known, such as at a token that was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    /// In which role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// Of which unit: the organisation, the grid or the division of the scope.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The token's id; one that the command line signed begins with `cli`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// A word for what was done, such as `read_case`, `reveal_contact`, `refused`.
    pub action: Cow<'static, str>,
    /// On what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<Object>,
    /// Through which method.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Whether it was done.
    pub result: Outcome,
    /// Why not: the stable reason of the refusal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// How often, where equal ones were counted together; none for once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
    /// The sealed text in which the person said what for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<RecordId>,
    /// The trace that it belongs to: 32 hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
    /// A keyed hash of the address from which it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peer: Option<String>,
    /// What became of the log: only in the chain `log`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seal: Option<Seal>,
}

/// Whether an act was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was done, or was about to be when this was written.
    #[default]
    Done,
    /// It was refused.
    Refused,
}

/// What an act was about: one thing by its id, or how many things of a kind a list showed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Object {
    /// A word, such as `case`, `photo`, `person`.
    pub kind: Cow<'static, str>,
    /// Its id; none for a list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// How many a list showed; none for one thing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
}

impl Object {
    /// One thing.
    pub fn one(kind: &'static str, id: &impl ToString) -> Self {
        Self { kind: kind.into(), id: Some(id.to_string()), count: None }
    }

    /// A list of things.
    pub fn list(kind: &'static str, count: usize) -> Self {
        Self { kind: kind.into(), id: None, count: Some(count as u64) }
    }

    /// Things of a kind that go on coming, as in a watch.
    pub fn all(kind: &'static str) -> Self {
        Self { kind: kind.into(), id: None, count: None }
    }
}

impl Entry {
    /// An act of a word.
    pub fn new(action: &'static str) -> Self {
        Self { action: action.into(), ..Self::default() }
    }

    /// Done by this caller.
    #[must_use]
    pub fn by(self, principal: &Principal) -> Self {
        let parts = principal.scope.parts();
        let unit = parts.org.map(|org| org.to_string());
        let unit = unit.or_else(|| parts.grid.map(|grid| grid.to_string()));
        Self {
            person: Some(principal.person.clone()),
            role: Some(principal.role),
            unit: unit.or_else(|| parts.division.map(|division| division.to_string())),
            token: Some(principal.token_id.clone()),
            ..self
        }
    }

    /// About this.
    #[must_use]
    pub fn on(self, object: Object) -> Self {
        Self { object: Some(object), ..self }
    }

    /// Refused, for a stable reason.
    #[must_use]
    pub fn refused(self, reason: impl Into<String>) -> Self {
        Self { result: Outcome::Refused, reason: Some(reason.into()), ..self }
    }

    /// For a purpose that the person typed, sealed in the vault.
    #[must_use]
    pub fn for_purpose(self, purpose: RecordId) -> Self {
        Self { purpose: Some(purpose), ..self }
    }
}

/// A record in its place: the `number`th of its chain, after the record whose hash it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRecord {
    /// The chain: the last token of its subject.
    pub chain: String,
    /// The place in the chain, from 1.
    pub number: u64,
    /// The SHA-256 of the line before it in the chain; zeros for the first.
    pub prev: Sha256,
    /// When.
    pub at: Timestamp,
    /// What.
    #[serde(flatten)]
    pub entry: Entry,
}

impl AuditRecord {
    /// The line of JSON that is stored.
    pub(super) fn line(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a record has only keys and values that JSON has")
    }

    /// Reads a line.
    pub fn read(line: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(line)
    }
}

/// The lines of a message of the trail.
pub fn lines_of(message: &[u8]) -> impl DoubleEndedIterator<Item = &[u8]> {
    message.split(|byte| *byte == b'\n')
}

/// The hash of a line, which the next record of its chain holds.
pub(super) fn hash_of(line: &[u8]) -> Sha256 {
    let mut hash = Sha256::default();
    hash.0.copy_from_slice(digest::digest(&digest::SHA256, line).as_ref());
    hash
}
