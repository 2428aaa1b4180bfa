//! SM4-GCM as RFC 8998 has it, and HMAC-SM3. SM4 has keys of 128 bits: they are derived from the
//! vault's keys of 256 bits, so that no key is used with two ciphers.

use aes_gcm::{
    AesGcm, KeyInit as _,
    aead::{Aead as _, Nonce, Payload, consts::U12},
};
use aws_lc_rs::rand;
use hmac::{Hmac, Mac as _};
use sm3::Sm3;
use sm4::Sm4;
use zeroize::Zeroizing;

use super::{Cipher, NONCE_BYTES, cut};

type Gcm = AesGcm<Sm4, U12>;

pub(super) struct Sm4Gcm;

fn keyed(key: &[u8; 32]) -> Gcm {
    let key = Zeroizing::new(Sm4Gcm.token(key, b"weft.sm4-gcm"));
    Gcm::new(&(*key).into())
}

impl Cipher for Sm4Gcm {
    fn form(&self) -> u8 {
        2
    }

    fn seal(&self, key: &[u8; 32], aad: &[u8], plain: &[u8]) -> Vec<u8> {
        let mut nonce = [0; NONCE_BYTES];
        rand::fill(&mut nonce).expect("the operating system gives random bytes");
        let text = keyed(key)
            .encrypt(&Nonce::<Gcm>::from(nonce), Payload { msg: plain, aad })
            .expect("a record is far below the limits of GCM");
        [&nonce[..], &text].concat()
    }

    fn open(&self, key: &[u8; 32], aad: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, text) = sealed.split_at_checked(NONCE_BYTES)?;
        let nonce = Nonce::<Gcm>::try_from(nonce).ok()?;
        keyed(key).decrypt(&nonce, Payload { msg: text, aad }).ok()
    }

    fn token(&self, key: &[u8; 32], input: &[u8]) -> [u8; 16] {
        let mut mac = <Hmac<Sm3>>::new_from_slice(key).expect("HMAC takes keys of any length");
        mac.update(input);
        cut(&mac.finalize().into_bytes())
    }
}

#[cfg(test)]
mod tests {
    use data_encoding::{HEXLOWER, HEXUPPER};
    use sm3::Digest as _;

    use super::*;

    /// RFC 8998, appendix A.1.
    #[test]
    fn sm4_gcm_gives_what_rfc_8998_gives() {
        let hex = |text: &str| HEXUPPER.decode(text.as_bytes()).unwrap();
        let gcm = Gcm::new_from_slice(&hex("0123456789ABCDEFFEDCBA9876543210")).unwrap();
        let nonce = Nonce::<Gcm>::try_from(&hex("00001234567800000000ABCD")[..]).unwrap();
        let plain = hex("AAAAAAAAAAAAAAAABBBBBBBBBBBBBBBBCCCCCCCCCCCCCCCCDDDDDDDDDDDDDDDD\
             EEEEEEEEEEEEEEEEFFFFFFFFFFFFFFFFEEEEEEEEEEEEEEEEAAAAAAAAAAAAAAAA");
        let aad = hex("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2");
        let sealed = gcm.encrypt(&nonce, Payload { msg: &plain, aad: &aad }).unwrap();
        let expected = "17F399F08C67D5EE19D0DC9969C4BB7D5FD46FD3756489069157B282BB200735\
             D82710CA5C22F0CCFA7CBF93D496AC15A56834CBCF98C397B4024A2691233B8D\
             83DE3541E4C2B58177E065A9BF7B62EC";
        assert_eq!(HEXUPPER.encode(&sealed), expected);
    }

    /// GB/T 32905-2016, appendix A, both examples.
    #[test]
    fn sm3_gives_what_gb_t_32905_gives() {
        let hash = |text: &[u8]| HEXLOWER.encode(&Sm3::digest(text));
        let abc = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0";
        assert_eq!(hash(b"abc"), abc);
        let long = "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732";
        assert_eq!(hash(&b"abcd".repeat(16)), long);
    }
}
