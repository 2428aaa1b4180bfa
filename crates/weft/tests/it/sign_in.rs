//! How one gets in: links that work once, and a port that speaks HTTPS as soon as it can be reached
//! from elsewhere.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
};

use api::access::v1::{
    BeginEnrolmentRequest, CompleteEnrolmentRequest, GetEnrolmentRequest, Role, SessionToken,
    UseSignInLinkRequest, UseSignInLinkResponse, access_service_client::AccessServiceClient,
};
use platform::grpc::{Bearer, status::reason_of};

use crate::county::{County, until};

/// Signs in with a link; the reason where it is refused.
fn open(county: &County, link: &str) -> Result<UseSignInLinkResponse, String> {
    let code = link.trim().rsplit('/').next().unwrap().to_owned();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let channel = platform::grpc::connect(&county.grpc).await.unwrap();
        let mut access = AccessServiceClient::new(channel);
        let answer = access.use_sign_in_link(UseSignInLinkRequest { code }).await;
        answer.map(tonic::Response::into_inner).map_err(|status| reason_of(&status).unwrap())
    })
}

/// The links that the suite has printed.
fn printed(county: &County) -> Vec<String> {
    let said = county.said();
    let links = said.lines().filter(|line| line.contains("/enrol/"));
    links.map(|line| line.rsplit(' ').next().unwrap().to_owned()).collect()
}

/// Sets up an account with an enrolment link; the reason where it is refused.
fn enrol(county: &County, link: &str, login: &str) -> Result<SessionToken, String> {
    let code = link.trim().rsplit('/').next().unwrap().to_owned();
    let reason = |status: tonic::Status| reason_of(&status).unwrap();
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let channel = platform::grpc::connect(&county.grpc).await.unwrap();
        let mut anybody = AccessServiceClient::new(channel.clone());
        let begun =
            anybody.begin_enrolment(BeginEnrolmentRequest { code }).await.map_err(reason)?;
        let bearer = Bearer::new(&begun.into_inner().token).unwrap();
        let mut holder = AccessServiceClient::with_interceptor(channel, bearer);
        let shown = holder.get_enrolment(GetEnrolmentRequest {}).await.unwrap().into_inner();
        let request = CompleteEnrolmentRequest {
            login: login.to_owned(),
            password: "泾河水长流不息 2026".to_owned(),
            code: authenticator(&shown.secret),
        };
        let done = holder.complete_enrolment(request).await.map_err(reason)?;
        Ok(done.into_inner().session.unwrap())
    })
}

/// What an authenticator shows now (RFC 6238).
fn authenticator(secret: &str) -> String {
    let secret = data_encoding::BASE32_NOPAD.decode(secret.as_bytes()).unwrap();
    let since = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &secret);
    let tag = aws_lc_rs::hmac::sign(&key, &(since / 30).to_be_bytes());
    let at = usize::from(tag.as_ref()[19] & 15);
    let four: [u8; 4] = tag.as_ref()[at..at + 4].try_into().unwrap();
    format!("{:06}", (u32::from_be_bytes(four) & 0x7fff_ffff) % 1_000_000)
}

#[test]
fn the_first_start_lets_the_security_administrator_in() {
    let mut county = County::new(&[]);
    county.up();
    until("the link is printed", || !printed(&county).is_empty());
    let links = printed(&county);
    assert!(links[0].starts_with(&format!("http://{}/enrol/", county.http)), "{links:?}");
    assert!(county.stop().success());
    county.up();
    until("a link is printed again", || printed(&county).len() == 2);
    let session = enrol(&county, &links[0], "first").unwrap();
    assert_eq!(
        (session.role(), session.division.as_str()),
        (Role::SecurityAdministrator, "620821")
    );
    assert_eq!(enrol(&county, &links[0], "again").unwrap_err(), "SIGN_IN_LINK_USED");
    let second = printed(&county).pop().unwrap();
    assert_eq!(enrol(&county, &second, "again").unwrap_err(), "ENROLMENT_OVER");
    assert!(county.stop().success());
    county.up();
    // Whatever is made later is printed later: a link of the third start would be there by then.
    let made = county.run(&["token", "enrol", "--person", &session.person_id]);
    assert!(made.contains("/enrol/"), "{made}");
    assert_eq!(printed(&county).len(), 2, "a start prints none once somebody can sign in");

    let made = county.run(&[
        "token",
        "link",
        "--role",
        "grid_member",
        "--grid",
        "620821101203001",
        "--session",
        "7d",
        "--url",
        "https://weft.example/",
    ]);
    assert!(made.starts_with("https://weft.example/sign-in/") && made.lines().count() == 1);
    let session = open(&county, &made).unwrap();
    assert_eq!((session.role(), session.grid.as_str()), (Role::GridMember, "620821101203001"));
    let refused = county.run_raw(&["token", "link", "--role", "operator"], true);
    assert!(!refused.status.success());
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("division"), "{said}");
}

/// What a port answers to plain HTTP.
fn plain(address: &str) -> String {
    let mut stream = TcpStream::connect(address.replace("0.0.0.0", "127.0.0.1")).unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: weft\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn who_can_be_reached_from_elsewhere_speaks_https_or_stands_behind_a_proxy() {
    let mut county = County::new(&[]);
    county.http = county.http.replace("127.0.0.1", "0.0.0.0");
    county.up();
    let answer = plain(&county.http);
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("https://"), "{answer}");
    assert!(county.said().contains("and https://localhost:"), "{}", county.said());
    assert!(county.data.path().join("keys/tls/cert.pem").exists());

    let mut proxied = County::new(&["http.behind_proxy=[\"127.0.0.0/8\"]"]);
    proxied.http = proxied.http.replace("127.0.0.1", "0.0.0.0");
    proxied.up();
    let answer = plain(&proxied.http);
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("ok\n"), "{answer}");
}
