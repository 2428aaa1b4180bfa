//! Tracking codes: what a reporter follows a case with, without an account. A code follows from the
//! case's id and the platform's secret, so that it is stored nowhere and answered again to the same
//! request; the log keeps its hash.

use aws_lc_rs::{digest, hmac};
use kernel::{hash::Sha256, id::CaseId};

/// Crockford's base 32 (<https://www.crockford.com/base32.html>).
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// How many digits of 5 bits a code has: 65 bits.
const LENGTH: usize = 13;

/// A tracking code: 13 digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackingCode(String);

impl TrackingCode {
    /// The code of a case.
    pub fn of(secret: &[u8; 32], case: &CaseId) -> Self {
        Self::derived(secret, &format!("weft.tracking\0{case}"))
    }

    /// The code of who joined a case under this name.
    pub fn of_joiner(secret: &[u8; 32], case: &CaseId, name: &str) -> Self {
        Self::derived(secret, &format!("weft.joined\0{case}\0{name}"))
    }

    /// The code by which a case can be joined, which tells nothing of the case.
    pub fn to_join(secret: &[u8; 32], case: &CaseId) -> Self {
        Self::derived(secret, &format!("weft.joining\0{case}"))
    }

    fn derived(secret: &[u8; 32], what: &str) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
        let tag = hmac::sign(&key, what.as_bytes());
        let mut bits = [0; 16];
        bits.copy_from_slice(&tag.as_ref()[..16]);
        let bits = u128::from_be_bytes(bits);
        let digit = |place: usize| {
            let index = (bits >> (123 - 5 * place)) & 31;
            char::from(DIGITS[usize::try_from(index).unwrap_or_default()])
        };
        Self((0..LENGTH).map(digit).collect())
    }

    /// Reads a code as people write it: in either case, with spaces and dashes anywhere, with the
    /// letters that Crockford's digits leave out. None for what cannot be a code.
    pub fn read(text: &str) -> Option<Self> {
        let mut digits = String::with_capacity(LENGTH);
        for c in text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '－' | '—' | '–'))
        {
            let digit = match c.to_ascii_uppercase() {
                'I' | 'L' => '1',
                'O' => '0',
                other => other,
            };
            if digits.len() == LENGTH || !DIGITS.iter().any(|known| char::from(*known) == digit) {
                return None;
            }
            digits.push(digit);
        }
        (digits.len() == LENGTH).then_some(Self(digits))
    }

    /// What the log keeps of it: the SHA-256 of its 13 digits.
    pub fn hash(&self) -> Sha256 {
        let mut hash = Sha256::default();
        hash.0.copy_from_slice(digest::digest(&digest::SHA256, self.0.as_bytes()).as_ref());
        hash
    }
}

impl std::fmt::Display for TrackingCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}-{}", &self.0[..4], &self.0[4..9], &self.0[9..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(key: &str) -> TrackingCode {
        TrackingCode::of(&[7; 32], &format!("620821101203-{key}").parse().unwrap())
    }

    #[test]
    fn a_case_has_one_code_and_another_case_or_secret_another() {
        assert_eq!(code("a"), code("a"));
        assert_ne!(code("a"), code("b"));
        let other = TrackingCode::of(&[8; 32], &"620821101203-a".parse().unwrap());
        assert_ne!(code("a"), other);
        let shown = code("a").to_string();
        let groups: Vec<usize> = shown.split('-').map(str::len).collect();
        assert_eq!(groups, [4, 5, 4]);
    }

    #[test]
    fn a_code_is_read_as_people_write_it() {
        let shown = code("a").to_string();
        for written in [
            shown.to_lowercase(),
            shown.replace('-', ""),
            shown.replace('-', " "),
            format!(" {shown}\u{3000}"),
            shown.replace('0', "o").replace('1', "l"),
        ] {
            assert_eq!(TrackingCode::read(&written), Some(code("a")), "{written}");
        }
        assert_eq!(TrackingCode::read("OIL0-01234-5678").unwrap().to_string(), "0110-01234-5678");
    }

    #[test]
    fn what_cannot_be_a_code_is_none() {
        for text in ["", "-", "0123", "0123456789ABCD", "0123-45678-9AU0", "０123456789ABC", "张三"]
        {
            assert_eq!(TrackingCode::read(text), None, "{text}");
        }
    }

    #[test]
    fn every_digit_carries_five_bits() {
        let seen: std::collections::HashSet<(usize, char)> = (0..2_000)
            .flat_map(|n| code(&n.to_string()).0.char_indices().collect::<Vec<_>>())
            .collect();
        assert_eq!(seen.len(), LENGTH * 32);
    }
}
