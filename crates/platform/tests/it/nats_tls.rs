//! A nats-server that other machines reach: with TLS, and to nobody who is not believed.

use std::{net::TcpListener, process::Stdio, time::Duration};

use kernel::Timestamp;
use platform::nats_server::{
    Account, CA, Given, connect, connect_with, find, read_seed, write_given,
};

#[tokio::test]
async fn it_speaks_tls_and_only_its_own_authority_vouches_for_it() {
    let dir = tempfile::tempdir().unwrap();
    let (out, credentials) = (dir.path().join("out"), dir.path().join("keys/nats"));
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let given = Given {
        county: "620821".parse().unwrap(),
        listen: format!("0.0.0.0:{port}"),
        monitor: "127.0.0.1:-1".to_owned(),
        store_dir: dir.path().join("store"),
        max_file_store: 64 << 20,
        names: vec!["nats".to_owned()],
    };
    let config = write_given(&out, &credentials, &given, Timestamp(1_790_000_000_000)).unwrap();
    let program = find(None).await.unwrap();
    let mut server = tokio::process::Command::new(program.path)
        .arg("-c")
        .arg(&config)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let seed = read_seed(&credentials, Account::Core).unwrap();
    let url = format!("tls://localhost:{port}");
    let client = connect_with(&url, Some(&credentials.join(CA)), &seed, "test").await.unwrap();
    client.flush().await.unwrap();
    assert!(client.server_info().tls_required);

    // Another authority, and none but those of the system: it is not who it should be.
    let other = Given { names: Vec::new(), ..given };
    let elsewhere = dir.path().join("elsewhere");
    let now = Timestamp(1_790_000_000_000);
    write_given(&elsewhere.join("out"), &elsewhere.join("keys"), &other, now).unwrap();
    let foreign = elsewhere.join("keys").join(CA);
    let soon = Duration::from_secs(3);
    let refused = connect_with(&url, Some(&foreign), &seed, "test");
    assert!(!matches!(tokio::time::timeout(soon, refused).await, Ok(Ok(_))));
    let refused = connect(&url, &seed, "test");
    assert!(!matches!(tokio::time::timeout(soon, refused).await, Ok(Ok(_))));
    server.kill().await.unwrap();
}
