//! Who asks, and under which name: from it follow the ids of what is asked.

use kernel::{Actor, hash::Sha256};

use crate::log::{CommandStamp, hash_parts};

/// Who asks, and how the asking is told apart from other askings.
#[derive(Clone, Debug)]
pub struct Request {
    /// The caller: `person:<id>`, or the process with the event that it reacts to.
    pub caller: String,
    /// The caller's own name for this request; the same name is the same request.
    pub request_id: String,
    /// The hash of the request's canonical body.
    pub body: Sha256,
    /// Who acts.
    pub actor: Actor,
    /// The event that led to it, for processes.
    pub cause: Option<String>,
    /// How the request travels, for tracing.
    pub traceparent: Option<String>,
}

impl Request {
    /// The id of the command on one aggregate: a request that concerns several has one for each.
    pub fn commit(&self, subject: &str) -> Sha256 {
        hash_parts(&[
            b"commit",
            self.caller.as_bytes(),
            self.request_id.as_bytes(),
            subject.as_bytes(),
        ])
    }

    /// The key of a record that holds what was typed with this request. It follows from the body
    /// too: the same request id with another text is another record, never somebody else's.
    pub fn record(&self, what: &str) -> kernel::id::Key {
        derived_key(&[
            b"record",
            what.as_bytes(),
            self.caller.as_bytes(),
            self.request_id.as_bytes(),
            &self.body.0,
        ])
    }

    /// The key of what this request creates, derived so that a retry meets the same subject.
    pub fn key(&self, what: &str) -> kernel::id::Key {
        derived_key(&[b"key", what.as_bytes(), self.caller.as_bytes(), self.request_id.as_bytes()])
    }

    pub(super) fn stamp(&self, subject: &str) -> CommandStamp {
        CommandStamp {
            commit: self.commit(subject),
            request: self.body,
            actor: self.actor.to_string(),
            cause: self.cause.clone(),
            traceparent: self.traceparent.clone(),
        }
    }
}

/// A key of 128 bits of the hash of these parts.
pub fn derived_key(parts: &[&[u8]]) -> kernel::id::Key {
    let hash = hash_parts(parts);
    let mut bits = [0; 16];
    bits.copy_from_slice(&hash.0[..16]);
    kernel::id::Key::from_bits(u128::from_be_bytes(bits))
}
