//! Passwords: which are taken (after OWASP ASVS 5.0, 6.2), and how they are hashed: argon2id with 19
//! MiB, two passes and one lane, the second setting that OWASP's cheat sheet names. A hash says how it
//! was made, so that the setting can be raised.

mod common;

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use std::time::Duration;

use argon2::{Algorithm, Argon2, Params, Version};
use aws_lc_rs::{constant_time, rand};
use data_encoding::BASE64_NOPAD;
use kernel::ErrorCode;
use platform::grpc::{ServiceError, Violations};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

use crate::config;

/// How many characters a password has.
const CHARS: std::ops::RangeInclusive<usize> = 12..=128;

const MEMORY_KIB: u32 = 19 * 1_024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const HASH_BYTES: usize = 32;

/// What the vault keeps of a password, as JSON.
#[derive(Serialize, Deserialize)]
struct Hashed {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    salt: String,
    hash: String,
}

/// Hashes and checks passwords, a few at a time.
#[derive(Clone)]
pub(crate) struct Passwords {
    permits: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    most_waiting: usize,
    /// The hash of a password that nobody has: checked where there is no account, so that it takes
    /// as long.
    nobodys: Arc<Vec<u8>>,
}

/// A password could not be hashed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HashError {
    #[error("the system gives no random bytes for a password's salt")]
    Random,
    #[error("a password cannot be hashed: {0}")]
    Argon2(String),
    #[error("a stored hash of a password is damaged")]
    Damaged,
}

impl Passwords {
    pub(crate) fn new(config: config::Passwords) -> Result<Self, HashError> {
        let mut random = [0; 32];
        rand::fill(&mut random).map_err(|_| HashError::Random)?;
        Ok(Self {
            permits: Arc::new(Semaphore::new(config.at_once.max(1))),
            waiting: Arc::default(),
            most_waiting: config.waiting,
            nobodys: Arc::new(hash(&random)?),
        })
    }

    /// What the vault is to keep of a password.
    pub(crate) async fn hash(&self, password: &str) -> Result<Vec<u8>, ServiceError> {
        let password = password.as_bytes().to_vec();
        self.apart(move || hash(&password)).await
    }

    /// Whether a password is the one that was hashed; where there is none, no password is, and it
    /// takes as long to say so.
    pub(crate) async fn check(
        &self,
        hashed: Option<Vec<u8>>,
        password: &str,
    ) -> Result<bool, ServiceError> {
        let (known, nobodys) = (hashed.is_some(), Arc::clone(&self.nobodys));
        let password = password.as_bytes().to_vec();
        let good =
            self.apart(move || check(hashed.as_ref().unwrap_or(&nobodys), &password)).await?;
        Ok(good && known)
    }

    /// Works on a thread of its own, when it is this one's turn.
    async fn apart<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, HashError> + Send + 'static,
    ) -> Result<T, ServiceError> {
        let place = Place::take(&self.waiting, self.most_waiting)?;
        let permit = Arc::clone(&self.permits).acquire_owned().await;
        let permit = permit.map_err(ServiceError::internal)?;
        drop(place);
        let worked = tokio::task::spawn_blocking(move || {
            let worked = work();
            drop(permit);
            worked
        });
        worked.await.map_err(ServiceError::internal)?.map_err(ServiceError::internal)
    }
}

/// A place among those who wait.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(waiting: &'a AtomicUsize, most: usize) -> Result<Self, ServiceError> {
        if waiting.fetch_add(1, Ordering::Relaxed) >= most.max(1) {
            waiting.fetch_sub(1, Ordering::Relaxed);
            return Err(ServiceError::new(
                ErrorCode::Exhausted,
                "TOO_MANY_SIGN_INS",
                "too many people sign in at this moment: try again in some seconds",
                "同时登录的人数过多, 请稍候几秒再试",
            )
            .retry_after(Duration::from_secs(3)));
        }
        Ok(Self(waiting))
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Notes what is wrong with a password that somebody chose for this login. There are no rules of
/// composition: length is what counts.
pub(crate) fn validate(v: &mut Violations, field: &str, password: &str, login: &str) -> bool {
    let (en, zh) = if !CHARS.contains(&password.chars().count()) {
        ("choose 12 to 128 characters", "请设置12至128个字符的密码")
    } else if common::is_common(password) {
        (
            "this password is one of the first that are tried: choose another",
            "该密码过于常见, 请更换",
        )
    } else if !login.is_empty() && password.to_lowercase().contains(&login.to_lowercase()) {
        ("leave the login out of the password", "密码不能包含登录名")
    } else {
        return true;
    };
    v.push(field, en, zh);
    false
}

fn derive(password: &[u8], salt: &[u8], with: [u32; 3]) -> Result<[u8; HASH_BYTES], HashError> {
    let failed = |error: argon2::Error| HashError::Argon2(error.to_string());
    let [memory, passes, lanes] = with;
    let params = Params::new(memory, passes, lanes, Some(HASH_BYTES)).map_err(failed)?;
    let mut hash = [0; HASH_BYTES];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(password, salt, &mut hash)
        .map_err(failed)?;
    Ok(hash)
}

fn hash(password: &[u8]) -> Result<Vec<u8>, HashError> {
    let mut salt = [0; 16];
    rand::fill(&mut salt).map_err(|_| HashError::Random)?;
    let hash = derive(password, &salt, [MEMORY_KIB, PASSES, LANES])?;
    let hashed = Hashed {
        memory_kib: MEMORY_KIB,
        passes: PASSES,
        lanes: LANES,
        salt: BASE64_NOPAD.encode(&salt),
        hash: BASE64_NOPAD.encode(&hash),
    };
    serde_json::to_vec(&hashed).map_err(|_| HashError::Damaged)
}

fn check(hashed: &[u8], password: &[u8]) -> Result<bool, HashError> {
    let hashed: Hashed = serde_json::from_slice(hashed).map_err(|_| HashError::Damaged)?;
    let bytes = |text: &str| BASE64_NOPAD.decode(text.as_bytes()).map_err(|_| HashError::Damaged);
    let with = [hashed.memory_kib, hashed.passes, hashed.lanes];
    let found = derive(password, &bytes(&hashed.salt)?, with)?;
    Ok(constant_time::verify_slices_are_equal(&found, &bytes(&hashed.hash)?).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_known_again_and_no_other() {
        let passwords = Passwords::new(config::Passwords { at_once: 1, waiting: 1 }).unwrap();
        let hashed = passwords.hash("正确的密码 四个字").await.unwrap();
        assert!(passwords.check(Some(hashed.clone()), "正确的密码 四个字").await.unwrap());
        assert!(!passwords.check(Some(hashed.clone()), "正确的密码 四个字 ").await.unwrap());
        assert!(!passwords.check(None, "正确的密码 四个字").await.unwrap());
        assert_ne!(passwords.hash("正确的密码 四个字").await.unwrap(), hashed, "salted");
        let text = String::from_utf8(hashed).unwrap();
        assert!(!text.contains("正确") && text.contains("19456"), "{text}");
    }

    #[tokio::test]
    async fn who_finds_all_places_taken_is_told_to_come_back() {
        let passwords = Passwords::new(config::Passwords { at_once: 1, waiting: 1 }).unwrap();
        let busy = Arc::clone(&passwords.permits).acquire_owned().await.unwrap();
        let waits = passwords.check(None, "x");
        let mut waits = std::pin::pin!(waits);
        assert!(futures::poll!(&mut waits).is_pending());
        let refused = passwords.check(None, "x").await.unwrap_err();
        assert_eq!(refused.reason, "TOO_MANY_SIGN_INS");
        assert!(refused.retry_after.is_some());
        drop(busy);
        assert!(!waits.await.unwrap());
    }

    #[test]
    fn a_password_is_long_uncommon_and_not_the_login() {
        let good =
            |password: &str| validate(&mut Violations::new(), "password", password, "li.jingyi");
        assert!(good("山高月小 水落石出 乙丑年秋"));
        assert!(good("correct horse battery"), "no rules of composition");
        for bad in [
            "short",
            "elevenchars",
            "123456789012",
            "Password1234",
            "qwertyuiop123",
            "aaaaaaaaaaaaaa",
            "my Li.Jingyi 2026",
            &"x1".repeat(65),
        ] {
            assert!(!good(bad), "{bad}");
        }
    }
}
