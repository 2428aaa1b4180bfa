//! Signing in by another issuer's word.

use std::time::Duration;

use api::access::v1::{
    self, BeginIssuerSignInRequest, CompleteIssuerSignInRequest, ExchangeTokenRequest,
    LinkIdentityRequest, UnlinkIdentityRequest,
};
use aws_lc_rs::digest;
use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use platform::service::Service;
use serde_json::{Value, json};
use testkit::{Db, Suite};

use crate::{
    issuer::{Issuer, Key},
    world::{World, fields, reason},
};

/// Access with this issuer in its configuration.
async fn trusting(issuer: &Issuer) -> World {
    let service = access::service();
    let defaults = service
        .defaults
        .replace("issuer = \"\"", &format!("issuer = {:?}", issuer.url))
        .replace("client_id = \"\"", "client_id = \"weft\"");
    let defaults: &'static str = Box::leak(defaults.into_boxed_str());
    World { suite: Suite::start(vec![Service { defaults, ..service }], Db::Sqlite).await }
}

/// The claims of a good token of this moment, with these changed.
fn claims(world: &World, issuer: &Issuer, changed: &Value) -> Value {
    let now = world.suite.clock_now().0 / 1_000;
    let mut claims = json!({
        "iss": issuer.url, "aud": "weft", "sub": "zhang-3",
        "iat": now, "exp": now + 300,
    });
    for (name, value) in changed.as_object().unwrap() {
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        } else {
            claims[name] = value.clone();
        }
    }
    claims
}

async fn exchange(world: &World, id_token: &str) -> Result<v1::SessionToken, String> {
    let request = ExchangeTokenRequest { id_token: id_token.to_owned(), ..Default::default() };
    match world.anybody().exchange_token(request).await {
        Ok(answer) => Ok(answer.into_inner().session.unwrap()),
        refused => Err(reason(refused)),
    }
}

async fn linked(world: &World, name: &str, subject: &str) -> String {
    let person = world.registered(name).await;
    world.gives(&format!("role-{name}"), &person, v1::Role::Operator).await;
    let link = LinkIdentityRequest {
        request_id: format!("link-{name}"),
        person_id: person.clone(),
        subject: subject.into(),
    };
    world.security().link_identity(link).await.unwrap();
    person
}

#[tokio::test(flavor = "multi_thread")]
async fn the_code_flow_signs_in_who_is_linked() {
    let issuer = Issuer::start();
    let key = Key::p256("k1");
    issuer.state().shows(&[&key]);
    let world = trusting(&issuer).await;
    let person = linked(&world, "zhang", "zhang-3").await;
    let back = "https://county.example/sign-in/back";
    let begin = BeginIssuerSignInRequest { redirect_uri: back.into() };
    let leaves = world.anybody().begin_issuer_sign_in(begin).await.unwrap().into_inner();
    let challenge = digest::digest(&digest::SHA256, leaves.code_verifier.as_bytes());
    let challenge = BASE64URL_NOPAD.encode(challenge.as_ref());
    for part in [
        "/authorize?response_type=code&client_id=weft&",
        "redirect_uri=https%3A%2F%2Fcounty.example%2Fsign-in%2Fback&",
        &format!("state={}&nonce={}&", leaves.state, leaves.nonce),
        &format!("code_challenge={challenge}&code_challenge_method=S256"),
    ] {
        assert!(leaves.authorization_url.contains(part), "{}", leaves.authorization_url);
    }

    let token = |nonce: &str| key.sign(&claims(&world, &issuer, &json!({ "nonce": nonce })));
    let came = |code: &str| CompleteIssuerSignInRequest {
        code: code.into(),
        nonce: leaves.nonce.clone(),
        code_verifier: leaves.code_verifier.clone(),
        redirect_uri: back.into(),
    };
    issuer.state().codes.insert("other".into(), token("another"));
    let refused = world.anybody().complete_issuer_sign_in(came("other")).await;
    assert_eq!(reason(refused), "ID_TOKEN_REFUSED", "the nonce of another browser");
    let refused = world.anybody().complete_issuer_sign_in(came("unknown")).await;
    assert_eq!(reason(refused), "ID_TOKEN_REFUSED");
    issuer.state().codes.insert("good".into(), token(&leaves.nonce));
    let signed = world.anybody().complete_issuer_sign_in(came("good")).await.unwrap();
    let session = signed.into_inner().session.unwrap();
    assert_eq!(session.person_id, person);
    assert!(issuer.state().form.contains(&format!("code_verifier={}", leaves.code_verifier)));
    let mut desk = world.holder(&session.token);
    let mine = desk.get_account(v1::GetAccountRequest::default()).await.unwrap().into_inner();
    assert_eq!(mine.identities[0].subject, "zhang-3");

    let zhao = world.registered("zhao").await;
    let twice = LinkIdentityRequest {
        request_id: "twice".into(),
        person_id: zhao,
        subject: "zhang-3".into(),
    };
    assert_eq!(fields(world.security().link_identity(twice).await), ["subject"]);
    let unlink = UnlinkIdentityRequest {
        request_id: "unlink".into(),
        person_id: person,
        subject: "zhang-3".into(),
    };
    world.security().unlink_identity(unlink).await.unwrap();
    let refused = exchange(&world, &token("x")).await;
    assert_eq!(refused.unwrap_err(), "IDENTITY_NOT_LINKED", "nobody comes into being by it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_not_for_us_is_refused() {
    let issuer = Issuer::start();
    let (key, strange) = (Key::ed25519("k1"), Key::ed25519("k1"));
    issuer.state().shows(&[&key]);
    let world = trusting(&issuer).await;
    linked(&world, "zhang", "zhang-3").await;
    let now = world.suite.clock_now().0 / 1_000;
    let good = claims(&world, &issuer, &json!({}));
    exchange(&world, &key.sign(&good)).await.unwrap();
    for wrong in [
        json!({ "aud": "another" }),
        json!({ "aud": null }),
        json!({ "aud": ["weft", "another"] }),
        json!({ "aud": ["weft", "another"], "azp": "another" }),
        json!({ "iss": "http://127.0.0.1:1" }),
        json!({ "iss": null }),
        json!({ "exp": now - 31 }),
        json!({ "exp": null }),
        json!({ "nbf": now + 31 }),
        json!({ "iat": now + 31 }),
        json!({ "iat": now - 301, "exp": now + 900 }),
        json!({ "sub": null }),
        json!({ "sub": "" }),
    ] {
        let token = key.sign(&claims(&world, &issuer, &wrong));
        assert_eq!(exchange(&world, &token).await.unwrap_err(), "ID_TOKEN_REFUSED", "{wrong}");
    }
    let forged = exchange(&world, &strange.sign(&good)).await;
    assert_eq!(forged.unwrap_err(), "ID_TOKEN_REFUSED", "the same id, another key");
    let body = BASE64URL_NOPAD.encode(good.to_string().as_bytes());
    let none = BASE64URL_NOPAD.encode(br#"{"alg":"none","kid":"k1"}"#);
    let mac = BASE64URL_NOPAD.encode(br#"{"alg":"HS256","kid":"k1"}"#);
    let other = BASE64URL_NOPAD.encode(br#"{"alg":"ES256","kid":"k1"}"#);
    for token in [
        format!("{none}.{body}."),
        format!("{mac}.{body}.AAAA"),
        format!("{other}.{body}.AAAA"),
        "x".into(),
    ] {
        assert_eq!(exchange(&world, &token).await.unwrap_err(), "ID_TOKEN_REFUSED", "{token}");
    }
    let stranger = key.sign(&claims(&world, &issuer, &json!({ "sub": "nobody" })));
    assert_eq!(exchange(&world, &stranger).await.unwrap_err(), "IDENTITY_NOT_LINKED");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_rotate_and_an_issuer_may_be_away_for_a_while() {
    let issuer = Issuer::start();
    let (first, second, third) = (Key::ed25519("k1"), Key::p256("k2"), Key::ed25519("k3"));
    issuer.state().shows(&[&first]);
    let world = trusting(&issuer).await;
    linked(&world, "zhang", "zhang-3").await;
    let token = |key: &Key| key.sign(&claims(&world, &issuer, &json!({})));
    exchange(&world, &token(&first)).await.unwrap();
    assert_eq!(issuer.state().asked, 1);

    issuer.state().shows(&[&first, &second]);
    let early = exchange(&world, &token(&second)).await;
    assert_eq!(early.unwrap_err(), "ID_TOKEN_REFUSED", "it was asked a moment ago");
    assert_eq!(issuer.state().asked, 1, "unknown keys do not make it ask at will");
    world.suite.clock().advance(Duration::from_secs(30));
    exchange(&world, &token(&second)).await.unwrap();
    assert_eq!(issuer.state().asked, 2);

    issuer.state().down = true;
    world.suite.clock().advance(Duration::from_mins(1));
    exchange(&world, &token(&first)).await.unwrap();
    let unknown = exchange(&world, &token(&third)).await;
    assert_eq!(unknown.unwrap_err(), "ID_TOKEN_REFUSED", "an unknown key stays unknown");
    world.suite.clock().advance(Duration::from_hours(24));
    let late = exchange(&world, &token(&first)).await;
    assert_eq!(late.unwrap_err(), "ISSUER_AWAY", "no key is trusted for ever");

    issuer.state().down = false;
    issuer.state().shows(&[&second]);
    world.suite.clock().advance(Duration::from_secs(30));
    exchange(&world, &token(&second)).await.unwrap();
    let gone = exchange(&world, &token(&first)).await;
    assert_eq!(gone.unwrap_err(), "ID_TOKEN_REFUSED", "a key that was taken away is not taken");
}

/// What most issuers sign with, and what their keys may not be taken for.
#[tokio::test(flavor = "multi_thread")]
async fn an_rsa_key_signs_as_what_it_is() {
    let issuer = Issuer::start();
    let (rsa, other) = (Key::rsa("k1"), Key::rsa("k1"));
    issuer.state().shows(&[&rsa]);
    let world = trusting(&issuer).await;
    linked(&world, "zhang", "zhang-3").await;
    let good = claims(&world, &issuer, &json!({}));
    exchange(&world, &rsa.sign(&good)).await.unwrap();
    let forged = exchange(&world, &other.sign(&good)).await;
    assert_eq!(forged.unwrap_err(), "ID_TOKEN_REFUSED", "the same id, another key");
    let mac = Header { kid: Some("k1".into()), ..Header::new(Algorithm::HS256) };
    let confused =
        jsonwebtoken::encode(&mac, &good, &EncodingKey::from_secret(rsa.modulus().as_bytes()));
    let confused = exchange(&world, &confused.unwrap()).await;
    assert_eq!(confused.unwrap_err(), "ID_TOKEN_REFUSED", "a public key is no secret");
}

pub(crate) async fn without_an_issuer_there_is_none(world: World) {
    let begin = BeginIssuerSignInRequest { redirect_uri: "https://x.example".into() };
    let refused = world.anybody().begin_issuer_sign_in(begin).await;
    assert_eq!(reason(refused), "SINGLE_SIGN_ON_OFF");
    assert_eq!(exchange(&world, "x").await.unwrap_err(), "SINGLE_SIGN_ON_OFF");
}
