use std::os::unix::fs::PermissionsExt as _;

use super::*;

const NOW: Timestamp = Timestamp(1_790_000_000_000);

/// TLS of a port that listens there, with a certificate made in this folder.
fn served(
    listen: &str,
    names: &[&str],
    own: Option<(&Path, &Path)>,
    folder: &Path,
) -> Result<Arc<ServerConfig>, TlsError> {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let listen = listen.parse().unwrap();
    let wanted = Wanted { listen, names: &names, own, client_ca: None, protocols: &[b"h2"] };
    server(&wanted, &folder.join("tls"), NOW)
}

#[test]
fn a_certificate_is_made_once_and_only_for_its_owner() {
    let keys = tempfile::tempdir().unwrap();
    let (certificate, key) = (keys.path().join("tls/cert.pem"), keys.path().join("tls/key.pem"));
    served("192.0.2.7:443", &["weft.example"], None, keys.path()).unwrap();
    let first = fs::read_to_string(&certificate).unwrap();
    let names = first.lines().next().unwrap();
    for name in ["192.0.2.7", "weft.example", "localhost", "127.0.0.1", "::1"] {
        assert!(names.split(' ').any(|made| made == name), "{name} is missing: {names}");
    }
    for file in [&certificate, &key] {
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    served("192.0.2.7:443", &["weft.example"], None, keys.path()).unwrap();
    served("0.0.0.0:443", &[], None, keys.path()).unwrap();
    assert_eq!(fs::read_to_string(&certificate).unwrap(), first, "who trusts it goes on trusting");

    served("0.0.0.0:443", &["other.example"], None, keys.path()).unwrap();
    let second = fs::read_to_string(&certificate).unwrap();
    assert!(second != first && second.contains("other.example"), "another name is another one");
    fs::write(&key, "no key").unwrap();
    served("0.0.0.0:443", &["other.example"], None, keys.path()).unwrap();
    assert_ne!(
        fs::read_to_string(&certificate).unwrap(),
        second,
        "without its key it is of no use"
    );
}

#[test]
fn the_operators_own_certificate_is_served_or_refused_with_its_path() {
    let keys = tempfile::tempdir().unwrap();
    served("0.0.0.0:443", &[], None, keys.path()).unwrap();
    let own = |certificate: &str| {
        let (certificate, key) = (keys.path().join(certificate), keys.path().join("tls/key.pem"));
        served("127.0.0.1:443", &["never.made"], Some((&certificate, &key)), keys.path())
    };
    own("tls/cert.pem").unwrap();
    let line = own("none.pem").unwrap_err().to_string();
    assert!(line.contains("none.pem"), "{line}");
    fs::write(keys.path().join("empty.pem"), "").unwrap();
    let line = own("empty.pem").unwrap_err().to_string();
    assert!(line.contains("empty.pem"), "{line}");
    let strange = served("0.0.0.0:443", &["村"], None, keys.path()).unwrap_err();
    assert!(strange.to_string().contains("http.names"), "{strange}");
}

#[tokio::test]
async fn a_certificate_says_until_when_it_is_good_and_is_read_again_when_it_changes() {
    let keys = tempfile::tempdir().unwrap();
    let (certificate, key) = (keys.path().join("tls/cert.pem"), keys.path().join("tls/key.pem"));
    served("0.0.0.0:443", &[], None, keys.path()).unwrap();
    assert!(expires(&certificate).unwrap() > NOW);
    let provider = Arc::new(aws_lc_rs::default_provider());
    let reloading = Reloading::of(&certificate, &key, provider).unwrap();
    let first = reloading.current();
    served("0.0.0.0:443", &["other.example"], None, keys.path()).unwrap();
    assert_eq!(reloading.current().cert, first.cert, "it was looked at a moment ago");
    tokio::time::pause();
    tokio::time::advance(LOOK_EVERY).await;
    let second = reloading.current();
    assert_ne!(second.cert, first.cert);
    fs::write(&certificate, "no certificate").unwrap();
    tokio::time::advance(LOOK_EVERY).await;
    assert_eq!(reloading.current().cert, second.cert, "what cannot be used is not served");
}
