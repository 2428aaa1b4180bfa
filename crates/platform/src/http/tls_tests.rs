use std::os::unix::fs::PermissionsExt as _;

use super::*;

const NOW: Timestamp = Timestamp(1_790_000_000_000);

fn config(listen: &str, names: &[&str]) -> HttpConfig {
    HttpConfig {
        listen: listen.parse().unwrap(),
        behind_proxy: Vec::new(),
        names: names.iter().map(|name| (*name).to_owned()).collect(),
        certificate: None,
        key: None,
    }
}

#[test]
fn a_certificate_is_made_once_and_only_for_its_owner() {
    let keys = tempfile::tempdir().unwrap();
    let (certificate, key) = (keys.path().join("tls/cert.pem"), keys.path().join("tls/key.pem"));
    server(&config("192.0.2.7:443", &["weft.example"]), keys.path(), NOW).unwrap();
    let first = fs::read_to_string(&certificate).unwrap();
    let names = first.lines().next().unwrap();
    for name in ["192.0.2.7", "weft.example", "localhost", "127.0.0.1", "::1"] {
        assert!(names.split(' ').any(|made| made == name), "{name} is missing: {names}");
    }
    for file in [&certificate, &key] {
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    server(&config("192.0.2.7:443", &["weft.example"]), keys.path(), NOW).unwrap();
    server(&config("0.0.0.0:443", &[]), keys.path(), NOW).unwrap();
    assert_eq!(fs::read_to_string(&certificate).unwrap(), first, "who trusts it goes on trusting");

    server(&config("0.0.0.0:443", &["other.example"]), keys.path(), NOW).unwrap();
    let second = fs::read_to_string(&certificate).unwrap();
    assert!(second != first && second.contains("other.example"), "another name is another one");
    fs::write(&key, "no key").unwrap();
    server(&config("0.0.0.0:443", &["other.example"]), keys.path(), NOW).unwrap();
    assert_ne!(
        fs::read_to_string(&certificate).unwrap(),
        second,
        "without its key it is of no use"
    );
}

#[test]
fn the_operators_own_certificate_is_served_or_refused_with_its_path() {
    let keys = tempfile::tempdir().unwrap();
    server(&config("0.0.0.0:443", &[]), keys.path(), NOW).unwrap();
    let own = |certificate: &str| HttpConfig {
        certificate: Some(keys.path().join(certificate)),
        key: Some(keys.path().join("tls/key.pem")),
        ..config("127.0.0.1:443", &["never.made"])
    };
    server(&own("tls/cert.pem"), keys.path(), NOW).unwrap();
    let line = server(&own("none.pem"), keys.path(), NOW).unwrap_err().to_string();
    assert!(line.contains("none.pem"), "{line}");
    fs::write(keys.path().join("empty.pem"), "").unwrap();
    let line = server(&own("empty.pem"), keys.path(), NOW).unwrap_err().to_string();
    assert!(line.contains("empty.pem"), "{line}");
    let strange = server(&config("0.0.0.0:443", &["村"]), keys.path(), NOW).unwrap_err();
    assert!(strange.to_string().contains("http.names"), "{strange}");
}
