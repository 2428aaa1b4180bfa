//! A new master key. Each person's key is written anew, sealed under the new generation, and the old
//! message overwritten; records and events are never touched. The suite runs meanwhile: a key that says
//! under which generation it is sealed opens with either. Whoever was cut short begins again and finds
//! what is left.

use std::collections::HashSet;

use async_nats::HeaderMap;
use kernel::Division;

use super::{
    CipherName, Keyring, SealingKey, Shared, Vault, VaultError, is_tombstone,
    keys::{CURRENT_AGE, headers, is_restricted, state_of},
    locked,
};
use crate::log::stream::{Stored, StreamError, StreamHandle};

pub(super) const GENERATION: &str = "weft-generation";

/// The subject that no person's id looks like: it says which generation is current.
pub(super) const MASTER: &str = "master";

const CHECK: &[u8] = b"weft.master";

/// How far a rotation is; of every person's key in the vault.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rotation {
    /// The generation under which new keys are sealed.
    pub generation: u32,
    /// Keys that are sealed under it.
    pub current: u64,
    /// Keys that are sealed under an older one. While there are any, its file is needed.
    pub left: u64,
    /// Messages that a rotation replaced and did not overwrite yet.
    pub replaced: u64,
    /// Persons whose data may be kept but not used.
    pub restricted: u64,
    /// Persons who were erased.
    pub erased: u64,
}

impl Vault {
    /// How the persons' keys stand.
    pub async fn rotation(&self) -> Result<Rotation, VaultError> {
        *locked(&self.shared.current) = None;
        let generation = self.current_generation().await?;
        self.walk(generation, false, &|_| {}).await
    }

    /// Makes the newest master key that is here the current one, and seals every person's key under it.
    /// `progress` is told how far it is. Done twice is done once. Ends when nothing is left, also of
    /// what other processes sealed before they heard of the new generation.
    pub async fn rotate(
        &self,
        progress: &(dyn Fn(Rotation) + Sync),
    ) -> Result<Rotation, VaultError> {
        if let Err(error) = self.shared.keyring.read() {
            tracing::error!(%error, "the master keys cannot be read again");
        }
        let generation = self.make_current(self.shared.keyring.newest()).await?;
        self.walk(generation, true, progress).await?;
        // A process that had asked just before may have sealed a key under the generation before.
        tokio::time::sleep(CURRENT_AGE * 2).await;
        loop {
            self.walk(generation, true, progress).await?;
            let done = self.walk(generation, false, progress).await?;
            if done.left == 0 && done.replaced == 0 {
                return Ok(done);
            }
        }
    }

    /// Says to every process that new keys are sealed under this generation, unless a newer one is
    /// current already; answers with the current one.
    async fn make_current(&self, generation: u32) -> Result<u32, VaultError> {
        let subject = self.key_subject(MASTER);
        loop {
            *locked(&self.shared.current) = None;
            let stored = self.shared.keys.read_tail(&subject).await?;
            let Some(stored) = stored else { return Ok(generation) };
            let current = generation_of(&stored.headers);
            if current >= generation {
                return Ok(current);
            }
            let key = self
                .shared
                .keyring
                .generation(generation)
                .ok_or(VaultError::NoMaster(generation))?;
            let sealed = key.seal(self.shared.cipher, CHECK, CHECK);
            let mut headers = HeaderMap::new();
            headers.insert(GENERATION, generation.to_string());
            self.replace(&stored, headers, sealed).await?;
        }
    }

    /// Looks at every key, a page at a time; seals anew what is sealed under an older generation, where
    /// it is told to.
    async fn walk(
        &self,
        generation: u32,
        mend: bool,
        progress: &(dyn Fn(Rotation) + Sync),
    ) -> Result<Rotation, VaultError> {
        let all = self.key_subject("*");
        let mut seen = Rotation { generation, ..Rotation::default() };
        let mut from = 1;
        loop {
            let (page, more) = self.shared.keys.read_page(&all, from).await?;
            let Some(end) = page.last().map(|last| last.sequence) else { return Ok(seen) };
            let subjects: Vec<&str> = page.iter().map(|stored| stored.subject.as_str()).collect();
            let tails = self.shared.keys.read_last(&subjects).await?;
            let tails: HashSet<u64> = tails.iter().map(|tail| tail.sequence).collect();
            for stored in &page {
                if !tails.contains(&stored.sequence) {
                    seen.replaced += 1;
                    if mend {
                        self.shared.keys.erase(stored.sequence).await?;
                    }
                } else if is_tombstone(&stored.headers) {
                    seen.erased += 1;
                } else if !is_master(stored) {
                    seen.restricted += u64::from(is_restricted(&stored.headers));
                    let old = generation_of(&stored.headers) < generation;
                    if old && !(mend && self.seal_anew(stored, generation).await?) {
                        seen.left += 1;
                    } else {
                        seen.current += 1;
                    }
                }
            }
            progress(seen);
            if !more {
                return Ok(seen);
            }
            from = end + 1;
        }
    }

    /// Seals one person's key under a generation; false if somebody else wrote there meanwhile.
    async fn seal_anew(&self, stored: &Stored, generation: u32) -> Result<bool, VaultError> {
        let owner = owner_of(stored);
        let old = generation_of(&stored.headers);
        let key = unwrap(&self.shared.keyring, owner, old, &stored.payload)?;
        let sealed = wrap(&self.shared, owner, generation, &key)?;
        self.replace(stored, headers(state_of(&stored.headers), generation), sealed).await
    }
}

/// Seals a person's key under a generation of the master key.
pub(super) fn wrap(
    shared: &Shared,
    owner: &str,
    generation: u32,
    key: &SealingKey,
) -> Result<Vec<u8>, VaultError> {
    let master = shared.keyring.generation(generation).ok_or(VaultError::NoMaster(generation))?;
    Ok(master.seal(shared.cipher, owner.as_bytes(), key.bytes()))
}

/// Opens a person's key.
pub(super) fn unwrap(
    keyring: &Keyring,
    owner: &str,
    generation: u32,
    sealed: &[u8],
) -> Result<SealingKey, VaultError> {
    let master = keyring.generation(generation).ok_or(VaultError::NoMaster(generation))?;
    let bytes = master.open(owner.as_bytes(), sealed).map(zeroize::Zeroizing::new);
    bytes
        .and_then(|bytes| SealingKey::from_bytes(&bytes))
        .ok_or_else(|| VaultError::Unreadable(format!("of the key of {owner}")))
}

/// Under which generation a key's message is sealed; those from before there were any say nothing.
pub(super) fn generation_of(headers: &HeaderMap) -> u32 {
    headers.get(GENERATION).and_then(|text| text.as_str().parse().ok()).unwrap_or(1)
}

fn owner_of(stored: &Stored) -> &str {
    stored.subject.rsplit('.').next().unwrap_or_default()
}

fn is_master(stored: &Stored) -> bool {
    owner_of(stored) == MASTER
}

/// The first thing that a vault holds is sealed under its master key: another key is refused before it
/// seals anything.
pub(super) async fn check_master(
    keys: &StreamHandle,
    county: Division,
    keyring: &Keyring,
    cipher: CipherName,
) -> Result<(), StreamError> {
    let subject = format!("vault.keys.{county}.{MASTER}");
    loop {
        if let Some(stored) = keys.read_tail(&subject).await? {
            let generation = generation_of(&stored.headers);
            let key = keyring.generation(generation);
            if key.is_some_and(|key| key.open(CHECK, &stored.payload).as_deref() == Some(CHECK)) {
                return Ok(());
            }
            let suffix = if generation > 1 { format!(".{generation}") } else { String::new() };
            return Err(StreamError::Refused {
                stream: keys.name().to_owned(),
                description: format!(
                    "the master key is not the one that this vault was sealed with; \
                     restore keys/vault.master{suffix} from where it is kept"
                ),
            });
        }
        // Two processes may start at once: the first seal counts, so it is read again.
        let newest = keyring.newest();
        if let Some(key) = keyring.generation(newest) {
            let mut headers = HeaderMap::new();
            headers.insert(GENERATION, newest.to_string());
            keys.create_with(&subject, headers, key.seal(cipher, CHECK, CHECK)).await?;
        }
    }
}
