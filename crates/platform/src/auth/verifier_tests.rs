//! Which tokens are taken, and with which reason the others are refused.

use jsonwebtoken::{EncodingKey, Header};
use serde_json::{Value, json};

use super::*;
use crate::auth::issuer::{Claims, IssueError, Issuer};

const NOW: Timestamp = Timestamp(1_800_000_000_000);
const PERSON: &str = "620821000000-p1";

struct Suite {
    _data: tempfile::TempDir,
    issuer: Issuer,
    key: EncodingKey,
    verifier: Verifier,
}

fn suite() -> Suite {
    let data = tempfile::tempdir().unwrap();
    let issuer = Issuer::load_or_create(data.path()).unwrap();
    let pkcs8 = std::fs::read(data.path().join(crate::auth::key::FILE)).unwrap();
    let verifier = issuer.verifier(Duration::from_mins(10));
    Suite { _data: data, issuer, key: EncodingKey::from_ed_der(&pkcs8), verifier }
}

fn good() -> Value {
    json!({
        "iss": "weft", "aud": "weft", "sub": PERSON, "jti": "t1", "role": "operator", "division": "620821",
        "exp": NOW.0 / 1000 + 3600, "nbf": NOW.0 / 1000, "iat": NOW.0 / 1000,
    })
}

impl Suite {
    /// A token with the given claims changed (null: left out), signed with the real key.
    fn token(&self, changes: &Value) -> String {
        let mut claims = good();
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let claims: serde_json::Map<_, _> =
            claims.as_object().unwrap().clone().into_iter().filter(|(_, v)| !v.is_null()).collect();
        let header =
            Header { kid: Some(key_id(self.issuer.public_key())), ..Header::new(Algorithm::EdDSA) };
        jsonwebtoken::encode(&header, &claims, &self.key).unwrap()
    }

    fn reason(&self, token: &str) -> &'static str {
        self.verifier.verify(token, NOW).map_or_else(|error| error.reason(), |_| "ok")
    }

    fn with(&self, changes: &Value) -> &'static str {
        self.reason(&self.token(changes))
    }
}

fn forged(header: &Value, signature: &str) -> String {
    let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    format!("{}.{}.{signature}", part(header), part(&good()))
}

#[test]
fn an_issued_token_says_who_in_which_role_where_and_until_when() {
    let suite = suite();
    let claims = Claims {
        person: PERSON.parse().unwrap(),
        role: Role::DepartmentClerk,
        scope: Scope::Organisation {
            org: "620821000000-o1".parse().unwrap(),
            division: "620821101".parse().unwrap(),
        },
        ttl: Duration::from_mins(1),
        basis: Basis::default(),
    };
    let token = suite.issuer.issue(&claims, NOW).unwrap();
    let principal = suite.verifier.verify(&token, NOW).unwrap();
    assert_eq!(
        (&principal.person, principal.role, &principal.scope),
        (&claims.person, claims.role, &claims.scope)
    );
    assert_eq!(principal.expires_at, NOW.plus_millis(60_000));
    assert_eq!(principal.token_id.len(), 26);
    assert_ne!(token, suite.issuer.issue(&claims, NOW).unwrap(), "each token has its own id");
    for rested_on in ["620821000000-s1", "620821000000-a1", "t1"] {
        let basis = Basis {
            token_id: Some("t1".into()),
            session: Some("620821000000-s1".parse().unwrap()),
            assignment: Some("620821000000-a1".parse().unwrap()),
            methods: vec!["/weft.test.v1.TestService/Read".into()],
        };
        let token = suite.issuer.issue(&Claims { basis: basis.clone(), ..claims.clone() }, NOW);
        let token = token.unwrap();
        let verifier = suite.issuer.verifier(Duration::ZERO);
        assert_eq!(verifier.verify(&token, NOW).unwrap().basis, basis);
        verifier.revoke(rested_on, NOW.plus_millis(60_000), NOW);
        assert_eq!(verifier.verify(&token, NOW), Err(AuthError::Revoked), "{rested_on}");
    }
    let misfit = Claims { scope: Scope::Own, ..claims.clone() };
    assert!(matches!(suite.issuer.issue(&misfit, NOW), Err(IssueError::Misfit(_))));
    let other = Claims { role: Role::Verifier, scope: Scope::Own, ..claims };
    assert!(matches!(suite.issuer.issue(&other, NOW), Err(IssueError::OtherScope(_))));
}

#[test]
fn claims_that_are_missing_or_another_suites_are_refused() {
    let suite = suite();
    assert_eq!(suite.with(&json!({})), "ok");
    assert_eq!(suite.with(&json!({"aud": ["other", "weft"]})), "ok");
    for claim in ["iss", "aud", "exp", "sub", "jti", "role"] {
        assert_eq!(suite.with(&json!({ claim: null })), "TOKEN_CLAIM_MISSING", "{claim}");
    }
    assert_eq!(suite.with(&json!({"aud": "other"})), "TOKEN_AUDIENCE");
    assert_eq!(suite.with(&json!({"iss": "other"})), "TOKEN_ISSUER");
    assert_eq!(suite.with(&json!({"sub": "root"})), "TOKEN_MALFORMED");
    assert_eq!(suite.with(&json!({"exp": "soon"})), "TOKEN_MALFORMED");
}

#[test]
fn times_are_checked_against_the_given_moment_with_thirty_seconds_at_most() {
    let suite = suite();
    let now = NOW.0 / 1000;
    assert_eq!(suite.with(&json!({"exp": now - 29})), "ok");
    assert_eq!(suite.with(&json!({"exp": now - 30})), "TOKEN_EXPIRED");
    assert_eq!(suite.with(&json!({"nbf": now + 30})), "ok");
    assert_eq!(suite.with(&json!({"nbf": now + 31})), "TOKEN_NOT_YET_VALID");
    assert_eq!(suite.with(&json!({"iat": now + 31})), "TOKEN_NOT_YET_VALID");
    assert_eq!(suite.with(&json!({"nbf": null, "iat": null})), "ok");
    assert_eq!(suite.with(&json!({"exp": i64::MAX})), "ok");
}

#[test]
fn a_remembered_token_ends_too() {
    let suite = suite();
    let token = suite.token(&json!({}));
    assert_eq!(suite.reason(&token), "ok");
    assert_eq!(suite.verifier.state().cache.len(), 1);
    let later = NOW.plus_millis(3_630_000);
    assert_eq!(suite.verifier.verify(&token, later), Err(AuthError::Expired));
    assert_eq!(suite.verifier.state().cache.len(), 0);
}

#[test]
fn other_algorithms_and_keys_are_refused() {
    let suite = suite();
    let kid = key_id(suite.issuer.public_key());
    assert_eq!(suite.reason(&forged(&json!({"alg": "none", "kid": kid}), "")), "TOKEN_ALGORITHM");
    let header = Header { kid: Some(kid.clone()), ..Header::new(Algorithm::HS256) };
    let secret = EncodingKey::from_secret(suite.issuer.public_key());
    let confused = jsonwebtoken::encode(&header, &good(), &secret).unwrap();
    assert_eq!(suite.reason(&confused), "TOKEN_ALGORITHM");
    assert_eq!(
        suite.reason(&forged(&json!({"alg": "EdDSA", "kid": "other"}), "AA")),
        "TOKEN_KEY_UNKNOWN"
    );
    assert_eq!(suite.reason(&forged(&json!({"alg": "EdDSA"}), "AA")), "TOKEN_KEY_UNKNOWN");
    assert_eq!(
        suite.reason(&forged(&json!({"alg": "EdDSA", "kid": kid}), "AA")),
        "TOKEN_SIGNATURE"
    );
    let another = self::suite();
    assert_eq!(suite.reason(&another.token(&json!({}))), "TOKEN_KEY_UNKNOWN");
    let both = another.issuer.verifier(Duration::ZERO).trusting(suite.issuer.public_key());
    assert!(both.verify(&suite.token(&json!({})), NOW).is_ok(), "a rotation trusts both keys");
}

#[test]
fn a_changed_payload_and_what_is_no_token_are_refused() {
    let suite = suite();
    let token = suite.token(&json!({}));
    let other = suite.token(&json!({"role": "administrator"}));
    let (mine, theirs): (Vec<_>, Vec<_>) = (token.split('.').collect(), other.split('.').collect());
    assert_eq!(suite.reason(&[mine[0], theirs[1], mine[2]].join(".")), "TOKEN_SIGNATURE");
    for text in ["", ".", "..", "a.b.c", "登录", &mine[..2].join(".")] {
        assert_eq!(suite.reason(text), "TOKEN_MALFORMED", "{text:?}");
    }
    assert_eq!(suite.reason(&"a".repeat(MAX_TOKEN_BYTES + 1)), "TOKEN_TOO_LONG");
}

#[test]
fn a_role_with_a_scope_that_does_not_fit_is_refused() {
    let suite = suite();
    assert_eq!(suite.with(&json!({"role": "grid_member"})), "TOKEN_SCOPE");
    assert_eq!(suite.with(&json!({"role": "resident"})), "TOKEN_SCOPE");
    assert_eq!(suite.with(&json!({"role": "resident", "division": null})), "ok");
    assert_eq!(suite.with(&json!({"grid": "620821101203001"})), "TOKEN_SCOPE");
    assert_eq!(suite.with(&json!({"division": null})), "TOKEN_SCOPE");
    assert_eq!(suite.with(&json!({"division": "62x"})), "TOKEN_MALFORMED");
    assert_eq!(suite.with(&json!({"role": "root"})), "TOKEN_ROLE");
}

#[test]
fn a_token_that_was_taken_back_is_over_also_when_remembered() {
    let suite = suite();
    let (one, two) = (suite.token(&json!({})), suite.token(&json!({"jti": "t2"})));
    assert_eq!((suite.reason(&one), suite.reason(&two)), ("ok", "ok"));
    suite.verifier.revoke("t1", NOW.plus_millis(3_600_000), NOW);
    assert_eq!((suite.reason(&one), suite.reason(&two)), ("TOKEN_REVOKED", "ok"));
    suite.verifier.sign_out(&PERSON.parse().unwrap(), NOW.plus_millis(1));
    assert_eq!(suite.reason(&two), "TOKEN_REVOKED");
    let new = suite.token(&json!({"jti": "t3", "iat": NOW.0 / 1000 + 1}));
    assert_eq!(suite.reason(&new), "ok");
}
