use super::*;

fn poster(allow: &[&str], plain_http: bool) -> Poster {
    let allow = allow.iter().map(|block| block.parse().unwrap()).collect();
    let limit = Duration::from_secs(5);
    Poster::new(PostSettings { allow, plain_http, ca_file: None, limit }).unwrap()
}

#[test]
fn what_is_inside_is_refused_however_it_is_written() {
    let poster = poster(&[], true);
    for inside in [
        "127.0.0.1",
        "127.9.9.9",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "100.100.100.200",
        "192.0.0.192",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:10.0.0.1]",
        "[::7f00:1]",
        "[fe80::1]",
        "[fd00:ec2::254]",
        "[fc00::1]",
        "[ff02::1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[2001:db8::1]",
        "[2001::1]",
    ] {
        let refused = poster.target(&format!("https://{inside}/hook"));
        assert_eq!(refused, Err(InvalidTarget::Inside), "{inside}");
    }
    // Numbers that some programs read as addresses are names of nothing.
    for odd in ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "1.2.3.4.5", "example.0x7f"] {
        assert_eq!(poster.target(&format!("https://{odd}/")), Err(InvalidTarget::Form), "{odd}");
    }
}

#[test]
fn an_address_is_https_and_carries_nobody() {
    let poster = poster(&[], false);
    for (url, why) in [
        ("", InvalidTarget::Form),
        ("hook", InvalidTarget::Form),
        ("/hook", InvalidTarget::Form),
        ("https://", InvalidTarget::Form),
        ("https:///hook", InvalidTarget::Form),
        ("https://a b/", InvalidTarget::Form),
        ("https://a/\r\nHost: b", InvalidTarget::Form),
        ("https://a\\@b/", InvalidTarget::Form),
        ("https://a/#b", InvalidTarget::Form),
        ("https://a:port/", InvalidTarget::Form),
        ("https://a:99999/", InvalidTarget::Form),
        ("https://门户/", InvalidTarget::Form),
        ("https://user@a/", InvalidTarget::UserInfo),
        ("https://user:pw@a/", InvalidTarget::UserInfo),
        ("http://a/", InvalidTarget::Plain),
        ("http://127.0.0.1/", InvalidTarget::Plain),
        ("ftp://a/", InvalidTarget::Plain),
        ("file:///etc/passwd", InvalidTarget::Form),
    ] {
        assert_eq!(poster.target(url), Err(why), "{url}");
    }
    assert_eq!(
        poster.target(&format!("https://a/{}", "x".repeat(2_000))),
        Err(InvalidTarget::Long)
    );
    let target = poster.target("https://portal.example.cn:8443/hook?token=x").unwrap();
    assert_eq!(target.origin(), "https://portal.example.cn:8443");
    assert_eq!(target.path, "/hook?token=x");
}

#[test]
fn a_block_that_is_named_is_let_through_and_plain_http_only_to_this_host() {
    let inner = poster(&["10.20.0.0/16", "127.0.0.1"], true);
    assert!(inner.target("https://10.20.3.4/").is_ok());
    assert_eq!(inner.target("https://10.21.3.4/"), Err(InvalidTarget::Inside));
    assert!(inner.target("http://127.0.0.1:8080/").is_ok());
    assert_eq!(inner.target("http://10.20.3.4/"), Err(InvalidTarget::Plain));
}

#[tokio::test]
async fn a_name_is_judged_by_what_it_stands_for() {
    let poster = poster(&[], false);
    let target = poster.target("https://localhost/").unwrap();
    let refused = poster.post(&target, HeaderMap::new(), Bytes::new()).await;
    assert_eq!(refused, Err(PostError::Forbidden));
}
