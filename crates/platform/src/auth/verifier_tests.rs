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

/// A way to get in that is none.
type Attempt = (&'static str, fn(&Suite) -> String, &'static str);

/// A token with a header of its own, signed by whoever.
fn headed(suite: &Suite, header: &Header, key: &EncodingKey) -> String {
    let header = Header { kid: Some(key_id(suite.issuer.public_key())), ..header.clone() };
    jsonwebtoken::encode(&header, &good(), key).unwrap()
}

#[test]
fn every_hostile_token_is_refused_with_its_reason() {
    const NOW_S: i64 = NOW.0 / 1000;
    let attempts: &[Attempt] = &[
        ("no audience", |s| s.token(&json!({"aud": null})), "TOKEN_CLAIM_MISSING"),
        ("an empty list of audiences", |s| s.token(&json!({"aud": []})), "TOKEN_AUDIENCE"),
        ("no issuer", |s| s.token(&json!({"iss": null})), "TOKEN_CLAIM_MISSING"),
        ("another issuer", |s| s.token(&json!({"iss": "https://weft"})), "TOKEN_ISSUER"),
        ("no end", |s| s.token(&json!({"exp": null})), "TOKEN_CLAIM_MISSING"),
        ("over since the epoch", |s| s.token(&json!({"exp": 0})), "TOKEN_EXPIRED"),
        ("over, beyond the leeway", |s| s.token(&json!({"exp": NOW_S - 31})), "TOKEN_EXPIRED"),
        ("over, within the leeway", |s| s.token(&json!({"exp": NOW_S - 29})), "ok"),
        ("of tomorrow", |s| s.token(&json!({"nbf": NOW_S + 86_400})), "TOKEN_NOT_YET_VALID"),
        ("of soon, within the leeway", |s| s.token(&json!({"nbf": NOW_S + 29})), "ok"),
        ("issued tomorrow", |s| s.token(&json!({"iat": NOW_S + 86_400})), "TOKEN_NOT_YET_VALID"),
        (
            "without a signature",
            |s| forged(&json!({"alg": "none", "kid": key_id(s.issuer.public_key())}), ""),
            "TOKEN_ALGORITHM",
        ),
        (
            "without a signature, in other letters",
            |s| forged(&json!({"alg": "nOnE", "kid": key_id(s.issuer.public_key())}), ""),
            "TOKEN_ALGORITHM",
        ),
        (
            "HS256 under the public key",
            |s| {
                let key = EncodingKey::from_secret(s.issuer.public_key());
                headed(s, &Header::new(Algorithm::HS256), &key)
            },
            "TOKEN_ALGORITHM",
        ),
        (
            "HS256 under the public key that says EdDSA",
            |s| {
                let key = EncodingKey::from_secret(s.issuer.public_key());
                let confused = headed(s, &Header::new(Algorithm::HS256), &key);
                let parts: Vec<&str> = confused.split('.').collect();
                let kid = key_id(s.issuer.public_key());
                let header = json!({"alg": "EdDSA", "typ": "JWT", "kid": kid}).to_string();
                [&BASE64URL_NOPAD.encode(header.as_bytes()), parts[1], parts[2]].join(".")
            },
            "TOKEN_SIGNATURE",
        ),
        (
            "a key that was never seen",
            |s| {
                let header = Header {
                    kid: Some("../../issuer.pk8".into()),
                    ..Header::new(Algorithm::EdDSA)
                };
                jsonwebtoken::encode(&header, &good(), &s.key).unwrap()
            },
            "TOKEN_KEY_UNKNOWN",
        ),
        (
            "another's key under our name for it",
            |s| headed(s, &Header::new(Algorithm::EdDSA), &self::suite().key),
            "TOKEN_SIGNATURE",
        ),
        ("longer than any", |s| s.token(&json!({"jti": "t".repeat(4_096)})), "TOKEN_TOO_LONG"),
        ("methods that are no list", |s| s.token(&json!({"methods": "*"})), "TOKEN_MALFORMED"),
        ("a role in capitals", |s| s.token(&json!({"role": "ADMINISTRATOR"})), "TOKEN_ROLE"),
        (
            "two roles",
            |s| s.token(&json!({"role": ["operator", "administrator"]})),
            "TOKEN_MALFORMED",
        ),
        ("a session of another form", |s| s.token(&json!({"sid": "../1"})), "TOKEN_MALFORMED"),
    ];
    let suite = suite();
    for (name, made, reason) in attempts {
        assert_eq!(suite.reason(&made(&suite)), *reason, "{name}");
    }
}

#[test]
fn methods_are_compared_whole() {
    use crate::auth::policy::{Access, Denied, Policy, tests::descriptors};
    const READ: &str = "/weft.test.v1.TestService/Read";
    let set = descriptors(&["Read", "ReadAll"]);
    let rows = [READ, "/weft.test.v1.TestService/ReadAll"]
        .map(|path| (path, Access::Roles(&[Role::Operator])));
    let policy = Policy::new(&rows, &[&set]).unwrap();
    let suite = suite();
    for methods in ["*", "/*", "/weft.test.v1.TestService/*", "/weft.test.v1.TestService/Rea", ""] {
        let token = suite.token(&json!({ "methods": [methods] }));
        let principal = suite.verifier.verify(&token, NOW).unwrap();
        assert_eq!(policy.check(READ, &principal), Err(Denied::Method), "{methods:?}");
    }
    let token = suite.token(&json!({ "methods": [READ] }));
    let principal = suite.verifier.verify(&token, NOW).unwrap();
    assert_eq!(policy.check(READ, &principal), Ok(()));
    assert_eq!(policy.check(rows[1].0, &principal), Err(Denied::Method));
}

#[test]
fn what_was_taken_back_stays_so_by_each_way_also_when_it_is_sent_again() {
    let of = |id: &str, from: i64| Revocation::Of {
        id: id.to_owned(),
        from: Timestamp(from),
        until: NOW.plus_millis(86_400_000),
    };
    let person = || PERSON.parse().unwrap();
    let ways = [
        of("t1", NOW.0),
        of("620821000000-s1", NOW.0),
        of("620821000000-a1", NOW.0),
        Revocation::Person { person: person(), before: NOW.plus_millis(1) },
    ];
    for way in ways {
        let suite = suite();
        let token =
            suite.token(&json!({"sid": "620821000000-s1", "assignment": "620821000000-a1"}));
        assert_eq!(suite.reason(&token), "ok");
        suite.verifier.take_back(&way, NOW);
        for _ in 0..3 {
            assert_eq!(suite.reason(&token), "TOKEN_REVOKED", "{way:?}");
        }
        let another = suite.token(&json!({"jti": "t9", "sub": "620821000000-p9"}));
        assert_eq!(suite.reason(&another), "ok", "{way:?}");
    }
    // A token that was replaced is over from a moment on; taken back meanwhile, it is over at once.
    let suite = suite();
    let token = suite.token(&json!({}));
    suite.verifier.take_back(&of("t1", NOW.0 + 60_000), NOW);
    assert_eq!(suite.reason(&token), "ok");
    let later = suite.verifier.verify(&token, NOW.plus_millis(60_000));
    assert_eq!(later, Err(AuthError::Revoked));
    suite.verifier.take_back(&of("t1", NOW.0), NOW);
    assert_eq!(suite.reason(&token), "TOKEN_REVOKED");
}
