//! A small issuer of OpenID Connect, on a port of its own: what it says can be changed, and it can be
//! taken away.

use std::{
    collections::HashMap,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex, MutexGuard},
};

use aws_lc_rs::{
    encoding::{AsDer as _, Pkcs8V1Der},
    rand::SystemRandom,
    rsa::{KeyPair as RsaKeyPair, KeySize},
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _},
};
use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

/// A key of the issuer.
pub(crate) struct Key {
    pub(crate) kid: String,
    algorithm: Algorithm,
    secret: Vec<u8>,
    public: Value,
}

impl Key {
    pub(crate) fn ed25519(kid: &str) -> Self {
        let secret = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        let pair = Ed25519KeyPair::from_pkcs8(secret.as_ref()).unwrap();
        let x = BASE64URL_NOPAD.encode(pair.public_key().as_ref());
        let public = json!({ "kty": "OKP", "crv": "Ed25519", "x": x, "kid": kid, "use": "sig" });
        Self::new(kid, Algorithm::EdDSA, secret.as_ref(), public)
    }

    pub(crate) fn p256(kid: &str) -> Self {
        let suite = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let secret = EcdsaKeyPair::generate_pkcs8(suite, &SystemRandom::new()).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(suite, secret.as_ref()).unwrap();
        let point = pair.public_key().as_ref();
        let (x, y) = (BASE64URL_NOPAD.encode(&point[1..33]), BASE64URL_NOPAD.encode(&point[33..]));
        let public = json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y, "kid": kid });
        Self::new(kid, Algorithm::ES256, secret.as_ref(), public)
    }

    pub(crate) fn rsa(kid: &str) -> Self {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        // RFC 8017: the modulus of 256 bytes stands after 9 that say what it is; the exponent is 65537.
        let n = BASE64URL_NOPAD.encode(&pair.public_key().as_ref()[9..265]);
        let public = json!({ "kty": "RSA", "n": n, "e": "AQAB", "kid": kid, "alg": "RS256" });
        let pkcs8: Pkcs8V1Der<'_> = pair.as_der().unwrap();
        // The key of PKCS #1 stands in PKCS #8 after 26 bytes that say what it is.
        Self::new(kid, Algorithm::RS256, &pkcs8.as_ref()[26..], public)
    }

    fn new(kid: &str, algorithm: Algorithm, secret: &[u8], public: Value) -> Self {
        Self { kid: kid.to_owned(), algorithm, secret: secret.to_vec(), public }
    }

    /// The modulus that it shows.
    pub(crate) fn modulus(&self) -> &str {
        self.public["n"].as_str().unwrap()
    }

    /// A token with these claims.
    pub(crate) fn sign(&self, claims: &Value) -> String {
        let header = Header { kid: Some(self.kid.clone()), ..Header::new(self.algorithm) };
        let key = if self.algorithm == Algorithm::ES256 {
            EncodingKey::from_ec_der(&self.secret)
        } else if self.algorithm == Algorithm::RS256 {
            EncodingKey::from_rsa_der(&self.secret)
        } else {
            EncodingKey::from_ed_der(&self.secret)
        };
        jsonwebtoken::encode(&header, claims, &key).unwrap()
    }
}

#[derive(Default)]
pub(crate) struct State {
    /// The public keys that it shows.
    keys: Vec<Value>,
    /// It answers nobody.
    pub(crate) down: bool,
    /// How often it was asked for its keys.
    pub(crate) asked: u32,
    /// The ID token that each code stands for.
    pub(crate) codes: HashMap<String, String>,
    /// The form that came last with a code.
    pub(crate) form: String,
}

impl State {
    pub(crate) fn shows(&mut self, keys: &[&Key]) {
        self.keys = keys.iter().map(|key| key.public.clone()).collect();
    }
}

pub(crate) struct Issuer {
    pub(crate) url: String,
    state: Arc<Mutex<State>>,
}

impl Issuer {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::<Mutex<State>>::default();
        let shared = Arc::clone(&state);
        // It ends with the process: nobody waits for it.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                answer(&stream, address, &mut shared.lock().unwrap());
            }
        });
        Self { url: format!("http://{address}"), state }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

fn answer(mut stream: &TcpStream, address: SocketAddr, state: &mut State) {
    if state.down {
        return;
    }
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).unwrap();
        let header = header.trim().to_lowercase();
        if header.is_empty() {
            break;
        }
        if let Some(value) = header.strip_prefix("content-length: ") {
            length = value.parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let body = String::from_utf8(body).unwrap();
    let url = format!("http://{address}");
    let (status, said) = match line.split(' ').nth(1).unwrap_or_default() {
        "/.well-known/openid-configuration" => (
            200,
            json!({
                "issuer": url,
                "authorization_endpoint": format!("{url}/authorize"),
                "token_endpoint": format!("{url}/token"),
                "jwks_uri": format!("{url}/keys"),
            }),
        ),
        "/keys" => {
            state.asked += 1;
            (200, json!({ "keys": state.keys }))
        }
        "/token" => {
            state.form.clone_from(&body);
            let code = body.split('&').find_map(|pair| pair.strip_prefix("code="));
            match code.and_then(|code| state.codes.remove(code)) {
                Some(token) => (200, json!({ "id_token": token, "token_type": "Bearer" })),
                None => (400, json!({ "error": "invalid_grant" })),
            }
        }
        _ => (404, json!({})),
    };
    let said = said.to_string();
    let head = format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n\r\n", said.len());
    stream.write_all(format!("{head}{said}").as_bytes()).unwrap();
}
