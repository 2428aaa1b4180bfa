//! An integrator as the register has him.

use kernel::{Division, Timestamp};
use serde::{Deserialize, Serialize};

/// An integrator: one user of nats-server, one consumer on the mirror.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Integrator {
    /// The user's name, which is also that of the consumer. It is never given again.
    pub name: String,
    /// The division whose events the user may read.
    pub division: Division,
    /// The public key that the user signs in with.
    pub key: String,
    /// When the user was made; 1970 in registers from before this was kept.
    #[serde(default = "long_ago")]
    pub created: Timestamp,
    /// How often the key was changed, which is part of the name of the seed's file.
    #[serde(default)]
    pub rotations: u32,
    /// When the key was last changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rotated: Option<Timestamp>,
    /// The key before, as long as it still lets the user in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub former: Option<Former>,
    /// When the user was taken out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<Timestamp>,
}

/// A key that was changed and still lets in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Former {
    /// The public key.
    pub key: String,
    /// Until when.
    pub until: Timestamp,
}

const fn long_ago() -> Timestamp {
    Timestamp(0)
}

impl Integrator {
    pub(super) fn new(name: &str, division: Division, key: String, now: Timestamp) -> Self {
        Self {
            name: name.to_owned(),
            division,
            key,
            created: now,
            rotations: 0,
            rotated: None,
            former: None,
            revoked: None,
        }
    }

    /// Which subjects the user may read.
    pub fn prefix(&self) -> String {
        prefix(self.division)
    }

    /// Whether nats-server lets the user in.
    pub const fn is_active(&self) -> bool {
        self.revoked.is_none()
    }

    /// The keys that let the user in.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        let former = self.former.as_ref().map(|former| former.key.as_str());
        let keys = std::iter::once(self.key.as_str()).chain(former);
        keys.filter(|_| self.is_active())
    }

    /// The file of the seed, and of the one after the next change of the key.
    pub(super) fn seed_file(&self, rotations: u32) -> String {
        match rotations {
            0 => format!("{}.nk", self.name),
            // A name has no point: nobody else's file is called so.
            later => format!("{}.{later}.nk", self.name),
        }
    }
}

/// Which subjects of the public stream lie in a division, such as `weft.pub.v1.620821.101.>`.
pub fn prefix(division: Division) -> String {
    format!("weft.pub.v1.{}.>", division.subject_tokens().trim_end_matches(".000"))
}

/// Whether a name can be a user's: 1 to 30 of a-z, 0-9 and _, a letter first, so that it is one token
/// of a subject, no number of one, and no wildcard; and not one of Weft's own.
pub(super) fn is_name(name: &str) -> bool {
    let good = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    (1..=30).contains(&name.len())
        && name.bytes().all(good)
        && name.as_bytes()[0].is_ascii_lowercase()
        && !name.starts_with("weft")
}
