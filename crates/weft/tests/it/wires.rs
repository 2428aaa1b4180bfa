//! Encryption between machines, with the real binary.

use rcgen::{CertificateParams, KeyPair};

use crate::county::{County, text};

/// A suite whose gRPC other machines reach.
fn outside(set: &[&str]) -> (County, String) {
    let mut county = County::new(set);
    let port = county.grpc.rsplit(':').next().unwrap().to_owned();
    county.listen = Some(format!("0.0.0.0:{port}"));
    county.grpc = format!("https://127.0.0.1:{port}");
    county.up();
    (county, format!("127.0.0.1:{port}"))
}

#[test]
fn off_the_loopback_grpc_speaks_tls_and_whoever_is_not_believed_is_refused() {
    let (county, plain) = outside(&[]);
    assert!(county.status()["findings"].as_array().unwrap().is_empty());
    // In plain text nobody is answered, and another authority does not vouch for it.
    let data = county.data.path().display().to_string();
    let ask = |grpc: &str, more: &[&str]| {
        let arguments = [&["status", "--grpc", grpc, "--data", &data], more].concat();
        let output = crate::county::weft().args(arguments).output().unwrap();
        (output.status.success(), text(&output.stderr))
    };
    assert!(ask(&county.grpc, &[]).0);
    assert!(!ask(&plain, &[]).0);
    let other = county.data.path().join("other.pem");
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
    std::fs::write(&other, params.self_signed(&key).unwrap().pem()).unwrap();
    let (answered, said) =
        ask(&county.grpc, &["--set", &format!("grpc.ca=\"{}\"", other.display())]);
    assert!(!answered && said.contains("grpc.ca"), "{said}");
    let doctor = county.run_raw(&["doctor"], true);
    let said = text(&doctor.stdout);
    assert!(said.contains("grpc/cert.pem is good until"), "{said}");
}

#[test]
fn plain_text_off_the_loopback_is_the_operators_word_and_status_says_so() {
    let mut county = County::new(&["grpc.plaintext=true"]);
    let port = county.grpc.rsplit(':').next().unwrap().to_owned();
    county.listen = Some(format!("0.0.0.0:{port}"));
    county.up();
    let found = county.status()["findings"].to_string();
    assert!(found.contains("gRPC is not encrypted"), "{found}");
    assert!(county.said().contains("gRPC is in plain text"), "{}", county.said());
}

#[test]
fn a_nats_server_on_another_machine_is_spoken_to_with_tls_or_not_at_all() {
    let county = County::new(&[]);
    let mut command = county.up_command();
    command.args(["--nats", "nats://192.0.2.7:4222"]);
    // The keys are there, and nobody has said whom to believe.
    let out = county.data.path().join("nats-config");
    let data = county.data.path().display().to_string();
    let made = crate::county::weft()
        .args(["nats", "init", "--listen", "127.0.0.1:4222", "--data", &data, "--out"])
        .arg(&out)
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", text(&made.stderr));
    let refused = command.output().unwrap();
    assert!(!refused.status.success());
    let said = text(&refused.stderr);
    assert!(said.contains("nats.ca") && said.contains("nats.plaintext"), "{said}");
}
