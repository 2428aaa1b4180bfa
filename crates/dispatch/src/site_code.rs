//! The code that is shown where bodies meet. It follows from the convocation's id and the platform's
//! secret, so that it is stored nowhere and answered again to the same request; the log keeps its hash.

use aws_lc_rs::{digest, hmac};
use kernel::{
    hash::Sha256,
    id::{ConvocationId, Key},
};

/// How many digits of 5 bits a code has: 60 bits.
const LENGTH: usize = 12;

/// A code: 12 digits of Crockford's base 32, in upper case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteCode(String);

impl SiteCode {
    /// The code of a convocation.
    pub fn of(secret: &[u8; 32], convocation: &ConvocationId) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
        let tag = hmac::sign(&key, format!("weft.convocation\0{convocation}").as_bytes());
        let mut bits = [0; 16];
        bits.copy_from_slice(&tag.as_ref()[..16]);
        // The first of a key's 26 digits holds 3 bits only.
        let digits = Key::from_bits(u128::from_be_bytes(bits)).to_string();
        Self(digits[1..=LENGTH].to_uppercase())
    }

    /// What was typed or scanned, as it is compared: in upper case, without spaces and dashes, with the
    /// digits that Crockford's letters stand for.
    pub fn read(text: &str) -> Self {
        let kept = text.chars().filter(|c| !c.is_whitespace() && *c != '-');
        let digits = kept.map(|c| match c.to_ascii_uppercase() {
            'I' | 'L' => '1',
            'O' => '0',
            other => other,
        });
        Self(digits.collect())
    }

    /// What the log keeps of it.
    pub fn hash(&self) -> Sha256 {
        let mut hash = Sha256::default();
        hash.0.copy_from_slice(digest::digest(&digest::SHA256, self.0.as_bytes()).as_ref());
        hash
    }
}

impl std::fmt::Display for SiteCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}-{}", &self.0[..4], &self.0[4..8], &self.0[8..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_convocation_has_one_code_which_is_read_as_people_write_it() {
        let of = |secret: u8, key: &str| {
            SiteCode::of(&[secret; 32], &format!("620821101000-{key}").parse().unwrap())
        };
        assert_eq!(of(7, "a"), of(7, "a"));
        assert_ne!(of(7, "a"), of(7, "b"));
        assert_ne!(of(7, "a"), of(8, "a"));
        let shown = of(7, "a").to_string();
        assert_eq!(shown.len(), LENGTH + 2);
        for written in [shown.to_lowercase(), shown.replace('-', " "), shown.replace('0', "o")] {
            assert_eq!(SiteCode::read(&written).hash(), of(7, "a").hash(), "{written}");
        }
        assert_ne!(SiteCode::read("").hash(), of(7, "a").hash());
    }
}
