//! Signatures after Standard Webhooks (<https://www.standardwebhooks.com>): HMAC-SHA256 over id,
//! time and body.

use aws_lc_rs::hmac;
use data_encoding::BASE64;

/// What stands before the base64 of a secret.
const PREFIX: &str = "whsec_";

/// The key of a secret; none if it is not `whsec_` and the base64 of 24 to 64 bytes.
pub fn key(secret: &str) -> Option<Vec<u8>> {
    let key = BASE64.decode(secret.strip_prefix(PREFIX)?.as_bytes()).ok()?;
    (24..=64).contains(&key.len()).then_some(key)
}

/// The header `webhook-signature`: one signature for each key, with a space between.
pub fn sign(keys: &[Vec<u8>], id: &str, seconds: i64, body: &[u8]) -> String {
    let mut signed = format!("{id}.{seconds}.").into_bytes();
    signed.extend_from_slice(body);
    let sign = |key: &Vec<u8>| {
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), &signed);
        format!("v1,{}", BASE64.encode(tag.as_ref()))
    };
    keys.iter().map(sign).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example that the standard's own libraries test with.
    #[test]
    fn the_published_example_is_signed_as_published() {
        let key = key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let body = br#"{"test": 2432232314}"#;
        let signed = sign(&[key], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn during_a_change_there_are_two_signatures() {
        let signed = sign(&[vec![1; 24], vec![2; 24]], "a", 1, b"x");
        let both: Vec<&str> = signed.split(' ').collect();
        assert!(both.len() == 2 && both[0] != both[1], "{signed}");
    }

    #[test]
    fn a_secret_has_its_form() {
        let of = |bytes: usize| format!("whsec_{}", BASE64.encode(&vec![7; bytes]));
        for (secret, good) in [
            (of(24), true),
            (of(64), true),
            (of(23), false),
            (of(65), false),
            (BASE64.encode(&[7; 32]), false),
            ("whsec_".to_owned(), false),
            ("whsec_not base64".to_owned(), false),
        ] {
            assert_eq!(key(&secret).is_some(), good, "{secret}");
        }
    }
}
