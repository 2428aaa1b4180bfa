//! What other machines reach, whether it is encrypted, and until when its certificates are good.

use std::path::{Path, PathBuf};

use kernel::Timestamp;
use platform::{config::Config, wires};

use super::Check;

/// From how long before its end on a certificate should be renewed, in milliseconds.
const SOON: i64 = 30 * 24 * 60 * 60 * 1_000;

/// Who from outside can reach what is not encrypted.
pub(super) fn look(config: &Config) -> Vec<Check> {
    const NAME: &str = "exposure";
    let mut checks = Vec::new();
    let outside = !config.grpc.listen.ip().is_loopback();
    if outside && !config.grpc.is_secure() {
        checks.push(Check::warning(
            NAME,
            format!("gRPC on {} is not encrypted", config.grpc.listen),
            "take out grpc.plaintext, or keep it in a network of its own",
        ));
    }
    if config.nats_is_plain() {
        checks.push(Check::warning(
            NAME,
            "what is said to nats-server on the other machine is not encrypted",
            "run `weft nats init` again, restart nats-server, and take out nats.plaintext",
        ));
    }
    if !config.http.listen.ip().is_loopback() && !config.http.behind_proxy.is_empty() {
        checks.push(Check::warning(
            NAME,
            format!("HTTP on {} is not encrypted: a proxy does that", config.http.listen),
            "let nobody but the proxy reach it",
        ));
    }
    if checks.is_empty() {
        checks.push(Check::ok(NAME, "what other machines reach is encrypted"));
    }
    checks
}

/// The certificates that are served and believed.
pub(super) fn certificates(config: &Config, now: Timestamp) -> Vec<Check> {
    let keys = config.data_dir.join("keys");
    let own = |named: &Option<PathBuf>, made: &str| {
        named.clone().or_else(|| Some(keys.join(made)).filter(|made| made.exists()))
    };
    let mut files: Vec<PathBuf> = [
        own(&config.http.certificate, "tls/cert.pem"),
        own(&config.grpc.certificate, "grpc/cert.pem"),
        config.grpc.ca.clone(),
        config.grpc.client_ca.clone(),
        config.grpc.client_certificate.clone(),
        config.nats_ca(),
    ]
    .into_iter()
    .flatten()
    .collect();
    files.sort();
    files.dedup();
    files.iter().map(|file| certificate(file, now)).collect()
}

fn certificate(file: &Path, now: Timestamp) -> Check {
    const NAME: &str = "certificate";
    let renew = "put a new one there, or delete one that Weft made: the next start makes another";
    let ends = match wires::expires(file) {
        Ok(ends) => ends,
        Err(error) => return Check::failed(NAME, error.to_string(), renew),
    };
    let (path, day) = (file.display(), ends.to_rfc3339());
    if ends <= now {
        Check::failed(NAME, format!("{path} expired at {day}: nobody believes it"), renew)
    } else if ends.0 - now.0 < SOON {
        Check::warning(NAME, format!("{path} expires at {day}"), renew)
    } else {
        Check::ok(NAME, format!("{path} is good until {day}"))
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    use super::*;

    #[test]
    fn a_certificate_that_ends_is_named_before_and_after() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("grpc.pem");
        let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        params.not_after = date_time_ymd(2026, 11, 22);
        let made = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
        std::fs::write(&file, made.pem()).unwrap();
        let at = |day: i64| certificate(&file, Timestamp(1_795_305_600_000 + day * 86_400_000));
        assert_eq!((at(-60).word(), at(-29).word(), at(1).word()), ("ok", "warning", "failed"));
        assert!(at(1).text.contains("grpc.pem expired at 2026-11-22"), "{}", at(1).text);
        std::fs::write(&file, "none").unwrap();
        assert_eq!(at(-60).word(), "failed");
    }
}
