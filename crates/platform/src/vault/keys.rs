//! Persons' keys: made when something of theirs is first sealed, read and kept for a moment,
//! restricted, and erased for good.

use std::{sync::Weak, time::Duration};

use async_nats::HeaderMap;
use futures::StreamExt as _;
use tokio::time::Instant;

use super::{
    STATE, Shared, Vault, VaultError, bury,
    envelope::SealingKey,
    is_tombstone, locked,
    rotation::{GENERATION, MASTER, generation_of, unwrap, wrap},
    run,
};
use crate::log::{stream::Stored, writer::AppendError};

/// After this a key in memory is read again, for a tombstone may have passed unheard.
const KEY_AGE: Duration = Duration::from_mins(1);

/// For how long a process may seal new keys under a generation of the master key without asking which
/// is current. A rotation looks for what such a process left after that.
pub(super) const CURRENT_AGE: Duration = Duration::from_secs(2);

const ACTIVE: &str = "active";
const RESTRICTED: &str = "restricted";

/// How a person stands with the vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing of theirs was ever sealed.
    Unknown,
    /// What they left can be opened.
    Active,
    /// What they left is kept, and opened for their own export alone.
    Restricted,
    /// What they left cannot be opened any more, and nothing can be added.
    Erased,
}

/// A key in memory.
#[derive(Clone)]
pub(super) struct Known {
    pub(super) key: SealingKey,
    pub(super) restricted: bool,
    read: Instant,
}

/// A generation, and when it was found to be the current one.
#[derive(Clone, Copy)]
pub(super) struct Current {
    generation: u32,
    read: Instant,
}

impl Vault {
    /// Erases a person: the tombstone first, so that a crash between leaves them fenced, then the key,
    /// whose bytes on disk are overwritten, then what the index has of them. Done twice is done once.
    pub async fn erase(&self, owner: &str) -> Result<(), VaultError> {
        self.forget(owner);
        bury(&self.shared.keys, &self.shared.key_writer, &self.key_subject(owner)).await?;
        self.index_forget(owner).await?;
        self.forget(owner);
        Ok(())
    }

    /// Whether a person was erased.
    pub async fn is_erased(&self, owner: &str) -> Result<bool, VaultError> {
        Ok(self.standing(owner).await? == Standing::Erased)
    }

    /// How a person stands with the vault.
    pub async fn standing(&self, owner: &str) -> Result<Standing, VaultError> {
        match self.key(owner).await {
            Ok(None) => Ok(Standing::Unknown),
            Ok(Some(known)) if known.restricted => Ok(Standing::Restricted),
            Ok(Some(_)) => Ok(Standing::Active),
            Err(VaultError::Erased(_)) => Ok(Standing::Erased),
            Err(error) => Err(error),
        }
    }

    /// Restricts what a person left: it is kept, and opened for their own export alone. What they write
    /// from now on is kept likewise. Done twice is done once; `VaultError::Erased` for who was erased.
    pub async fn restrict(&self, owner: &str) -> Result<(), VaultError> {
        // A key of one who has none yet, so that the restriction has a place to stand.
        self.key_for_writing(owner).await?;
        self.mark(owner, RESTRICTED).await
    }

    /// Lifts a restriction. Done twice is done once; `VaultError::Erased` for who was erased.
    pub async fn lift(&self, owner: &str) -> Result<(), VaultError> {
        self.mark(owner, ACTIVE).await
    }

    async fn mark(&self, owner: &str, state: &str) -> Result<(), VaultError> {
        let subject = self.key_subject(owner);
        loop {
            self.forget(owner);
            let Some(last) = self.shared.keys.read_tail(&subject).await? else { return Ok(()) };
            if is_tombstone(&last.headers) {
                return Err(VaultError::Erased(owner.to_owned()));
            }
            if is_restricted(&last.headers) == (state == RESTRICTED) {
                return Ok(());
            }
            let generation = generation_of(&last.headers);
            let headers = headers(state, generation);
            // The key is sealed anew: the same bytes would be the same commit as before.
            let key = unwrap(&self.shared.keyring, owner, generation, &last.payload)?;
            let sealed = wrap(&self.shared, owner, generation, &key)?;
            if self.replace(&last, headers, sealed).await? {
                self.forget(owner);
                return Ok(());
            }
        }
    }

    /// Writes a key anew where it stands and overwrites the old message; false if another was first.
    pub(super) async fn replace(
        &self,
        old: &Stored,
        headers: HeaderMap,
        sealed: Vec<u8>,
    ) -> Result<bool, VaultError> {
        let run = run(old.subject.clone(), old.sequence, headers, sealed);
        match self.shared.key_writer.append(run).await {
            Ok(_) => {
                self.shared.keys.erase(old.sequence).await?;
                Ok(true)
            }
            Err(AppendError::Conflict { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) async fn key_for_writing(&self, owner: &str) -> Result<SealingKey, VaultError> {
        loop {
            if let Some(known) = self.key(owner).await? {
                return Ok(known.key);
            }
            let key = SealingKey::generate();
            let generation = self.current_generation().await?;
            let sealed = wrap(&self.shared, owner, generation, &key)?;
            let run = run(self.key_subject(owner), 0, headers(ACTIVE, generation), sealed);
            match self.shared.key_writer.append(run).await {
                Ok(_) => {
                    self.remember(owner, &key, false);
                    return Ok(key);
                }
                // Another process was first: theirs counts.
                Err(AppendError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    pub(super) async fn key(&self, owner: &str) -> Result<Option<Known>, VaultError> {
        let cached = locked(&self.shared.cache).get(owner).cloned();
        if let Some(known) = cached.filter(|known| known.read.elapsed() < KEY_AGE) {
            return Ok(Some(known));
        }
        let Some(stored) = self.shared.keys.read_tail(&self.key_subject(owner)).await? else {
            return Ok(None);
        };
        if is_tombstone(&stored.headers) {
            return Err(VaultError::Erased(owner.to_owned()));
        }
        let generation = generation_of(&stored.headers);
        let key = unwrap(&self.shared.keyring, owner, generation, &stored.payload)?;
        Ok(Some(self.remember(owner, &key, is_restricted(&stored.headers))))
    }

    /// The generation of the master key under which new keys are sealed.
    pub(super) async fn current_generation(&self) -> Result<u32, VaultError> {
        let known = *locked(&self.shared.current);
        if let Some(current) = known.filter(|current| current.read.elapsed() < CURRENT_AGE) {
            return Ok(current.generation);
        }
        // Before the question: what is answered may be as old as this.
        let read = Instant::now();
        let master = self.shared.keys.read_tail(&self.key_subject(MASTER)).await?;
        let generation = master.map_or(1, |master| generation_of(&master.headers));
        *locked(&self.shared.current) = Some(Current { generation, read });
        Ok(generation)
    }

    fn remember(&self, owner: &str, key: &SealingKey, restricted: bool) -> Known {
        let known = Known { key: key.clone(), restricted, read: Instant::now() };
        locked(&self.shared.cache).put(owner.to_owned(), known.clone());
        known
    }

    fn forget(&self, owner: &str) {
        locked(&self.shared.cache).pop(owner);
    }

    pub(super) fn key_subject(&self, owner: &str) -> String {
        format!("vault.keys.{}.{owner}", self.shared.county)
    }
}

/// The headers of a key's message.
pub(super) fn headers(state: &str, generation: u32) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(STATE, state);
    headers.insert(GENERATION, generation.to_string());
    headers
}

/// In which state a key's message leaves it.
pub(super) fn state_of(headers: &HeaderMap) -> &'static str {
    if is_restricted(headers) { RESTRICTED } else { ACTIVE }
}

pub(super) fn is_restricted(headers: &HeaderMap) -> bool {
    headers.get(STATE).is_some_and(|state| state.as_str() == RESTRICTED)
}

/// Takes the keys of those who are erased or restricted, here or in another process, out of memory; and
/// those whose restriction was lifted, to be read again.
pub(super) async fn hear(shared: Weak<Shared>, mut changes: async_nats::Subscriber) {
    while let Some(message) = changes.next().await {
        let Some(shared) = shared.upgrade() else { break };
        let owner = message.subject.rsplit('.').next().unwrap_or_default();
        let Some(headers) = &message.headers else { continue };
        if owner == MASTER {
            *locked(&shared.current) = None;
            continue;
        }
        let mut cache = locked(&shared.cache);
        let other = |known: &Known| known.restricted != is_restricted(headers);
        if is_tombstone(headers) || cache.peek(owner).is_some_and(other) {
            cache.pop(owner);
        }
    }
    futures::future::pending::<()>().await;
}
