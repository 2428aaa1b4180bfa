//! Codes of a second factor after RFC 6238: HMAC-SHA-1 over steps of 30 seconds, six digits. A clock
//! may be one step off.

use aws_lc_rs::hmac;
use data_encoding::BASE32_NOPAD;
use kernel::Timestamp;

/// The length of a step, in milliseconds.
const STEP: i64 = 30_000;

/// How many bytes a secret has: as many as the hash (RFC 4226, section 4).
pub(crate) const SECRET_BYTES: usize = 20;

const DIGITS: u32 = 6;

/// The step of a moment.
pub(crate) const fn step_of(now: Timestamp) -> i64 {
    now.0.div_euclid(STEP)
}

/// The step whose code this is, if it is that of the present one or of a neighbour.
pub(crate) fn step_of_code(secret: &[u8], code: &str, now: Timestamp) -> Option<i64> {
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    if code.len() != DIGITS as usize || !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let present = step_of(now);
    // All three are computed, so that how long it takes says nothing.
    let found = [present, present - 1, present + 1].map(|step| {
        let good = constant_time(&code_of(secret, step, DIGITS), &code);
        good.then_some(step)
    });
    found.into_iter().flatten().next()
}

/// The code of a step.
pub(crate) fn code_of(secret: &[u8], step: i64, digits: u32) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let tag = tag.as_ref();
    // Dynamic truncation (RFC 4226, section 5.3).
    let at = usize::from(tag[tag.len() - 1] & 0x0f);
    let mut bytes = [0; 4];
    bytes.copy_from_slice(&tag[at..at + 4]);
    let number = u32::from_be_bytes(bytes) & 0x7fff_ffff;
    let width = digits as usize;
    format!("{:0width$}", number % 10_u32.pow(digits))
}

/// The secret as it is typed where it cannot be scanned.
pub(crate) fn base32(secret: &[u8]) -> String {
    BASE32_NOPAD.encode(secret)
}

/// The address that an authenticator reads from a QR code, in the form that all of them take. A label
/// is made of letters and digits, so nothing in it needs to be escaped but `@`.
pub(crate) fn authenticator_url(secret: &[u8], issuer: &str, label: &str) -> String {
    let label = label.replace('@', "%40");
    let label = if label.is_empty() { String::new() } else { format!(":{label}") };
    format!(
        "otpauth://totp/{issuer}{label}?secret={}&issuer={issuer}&algorithm=SHA1&digits={DIGITS}&period={}",
        base32(secret),
        STEP / 1_000
    )
}

fn constant_time(one: &str, other: &str) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(one.as_bytes(), other.as_bytes()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"12345678901234567890";

    #[test]
    fn the_vectors_of_rfc_6238_hold() {
        for (seconds, code) in [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ] {
            let step = step_of(Timestamp(seconds * 1_000));
            assert_eq!(code_of(SECRET, step, 8), code, "at {seconds} s");
        }
    }

    #[test]
    fn a_code_counts_in_its_step_and_beside_it() {
        let now = Timestamp(1_111_111_111_000);
        let step = step_of(now);
        for (of, found) in [(-2, None), (-1, Some(-1)), (0, Some(0)), (1, Some(1)), (2, None)] {
            let code = code_of(SECRET, step + of, 6);
            assert_eq!(step_of_code(SECRET, &code, now), found.map(|of| step + of), "{of}");
        }
        let code = code_of(SECRET, step, 6);
        let spaced = format!(" {} {} ", &code[..3], &code[3..]);
        assert_eq!(step_of_code(SECRET, &spaced, now), Some(step));
        for wrong in ["", "12345", "1234567", "abcdef", "１２３４５６"] {
            assert_eq!(step_of_code(SECRET, wrong, now), None, "{wrong}");
        }
        assert_eq!(step_of_code(b"another secret 12345", &code, now), None);
    }

    #[test]
    fn an_authenticator_reads_the_secret() {
        assert_eq!(
            authenticator_url(SECRET, "Weft-620821", "li@county"),
            "otpauth://totp/Weft-620821:li%40county?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=Weft-620821&algorithm=SHA1&digits=6&period=30"
        );
    }
}
