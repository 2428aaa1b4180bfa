//! The codes of sign-in links. A code is the key of its link and 128 bits that follow from the link's
//! id and the platform's secret, so that it is stored nowhere and answered again to the same request;
//! the log keeps its hash.

use aws_lc_rs::{digest, hmac};
use kernel::{
    Division,
    hash::Sha256,
    id::{Key, SignInLinkId},
};

/// How many digits of Crockford's base 32 a key has, and so each half of a code.
const HALF: usize = 26;

/// A code: 52 digits and lower-case letters.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct SignInCode(String);

impl SignInCode {
    /// The code of a link, whose key must have 26 digits: none of another length is ever made.
    pub(crate) fn of(secret: &[u8; 32], link: &SignInLinkId) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
        let tag = hmac::sign(&key, format!("weft.sign_in\0{link}").as_bytes());
        let mut bits = [0; 16];
        bits.copy_from_slice(&tag.as_ref()[..16]);
        let proof = Key::from_bits(u128::from_be_bytes(bits));
        Self(format!("{}{proof}", link.key()))
    }

    /// Reads a code with its link, which is always the county's; none for what cannot be a code.
    pub(crate) fn read(county: Division, text: &str) -> Option<(Self, SignInLinkId)> {
        let text = text.trim();
        if text.len() != 2 * HALF || !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return None;
        }
        let text = text.to_ascii_lowercase();
        let link = SignInLinkId::new(county, text[..HALF].parse().ok()?);
        Some((Self(text), link))
    }

    /// What the log keeps of it: the SHA-256 of its digits.
    pub(crate) fn hash(&self) -> Sha256 {
        let mut hash = Sha256::default();
        hash.0.copy_from_slice(digest::digest(&digest::SHA256, self.0.as_bytes()).as_ref());
        hash
    }

    /// The digits, for whoever may sign in with them.
    pub(crate) fn into_text(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn county() -> Division {
        "620821".parse().unwrap()
    }

    fn code(secret: u8, bits: u128) -> (String, SignInLinkId) {
        let link = SignInLinkId::new(county(), Key::from_bits(bits));
        (SignInCode::of(&[secret; 32], &link).into_text(), link)
    }

    #[test]
    fn a_link_has_one_code_and_another_link_or_secret_another() {
        let (first, link) = code(7, 1);
        assert_eq!(code(7, 1).0, first);
        assert_ne!(code(7, 2).0[HALF..], first[HALF..]);
        assert_ne!(code(8, 1).0[HALF..], first[HALF..]);
        let (read, of) =
            SignInCode::read(county(), &format!(" {}\n", first.to_uppercase())).unwrap();
        assert_eq!((read.hash(), of), (SignInCode::of(&[7; 32], &link).hash(), link));
    }

    #[test]
    fn what_cannot_be_a_code_is_none() {
        let (good, _) = code(7, 1);
        for text in
            ["", "x", &good[1..], &format!("{good}0"), &good.replace('0', "."), &"张".repeat(52)]
        {
            assert!(SignInCode::read(county(), text).is_none(), "{text}");
        }
    }
}
