//! The managed nats-server, against the real one.

use std::{
    net::{Ipv4Addr, TcpListener},
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::Stdio,
    time::Duration,
};

use async_nats::jetstream::{self, stream};
use platform::nats_server::{
    Account, Error, ManagedNats, Options, Supervisor, connect, read_seed, sync_always,
};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};

/// What a slow machine may take for any one condition.
const LIMIT: Duration = Duration::from_secs(30);

fn options(dir: &TempDir) -> Options {
    Options {
        county: "620821".parse().expect("a county"),
        data_dir: dir.path().to_owned(),
        server_binary: None,
        credentials: dir.path().join("keys").join("nats"),
        listen_port: 0,
        max_file_store: 64 << 20,
        gomemlimit_mib: 64,
        supervisor: None,
    }
}

async fn client(nats: &ManagedNats, account: Account) -> async_nats::Client {
    connect(&nats.client_url(), nats.credentials(account), "test").await.unwrap()
}

async fn stream(client: &async_nats::Client) -> jetstream::Context {
    let js = jetstream::new(client.clone());
    let config =
        stream::Config { name: "S".into(), subjects: vec!["s.>".into()], ..Default::default() };
    js.create_stream(config).await.unwrap();
    js
}

/// Publishes until the server acknowledges, and gives the sequence.
async fn publish(js: &jetstream::Context) -> u64 {
    let stored = async {
        loop {
            #[expect(clippy::disallowed_methods, reason = "the test is of the server itself")]
            let sent = js.publish("s.a", "x".into()).await;
            if let Ok(ack) = sent
                && let Ok(ack) = ack.await
            {
                return ack.sequence;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LIMIT, stored).await.expect("the server acknowledges in time")
}

async fn until(what: &str, condition: impl Fn() -> bool) {
    let waiting = async {
        while !condition() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LIMIT, waiting).await.expect(what);
}

fn pid(number: u32) -> Pid {
    Pid::from_raw(number.try_into().unwrap()).unwrap()
}

/// Ended, and perhaps not yet reaped by whoever inherited it.
fn is_gone(number: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{number}/stat")).unwrap_or_default();
    stat.rsplit(") ").next().is_none_or(|rest| rest.is_empty() || rest.starts_with('Z'))
}

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn it_stores_what_is_published_and_syncs_always_and_stops_clean() {
    let dir = tempfile::tempdir().unwrap();
    let nats = ManagedNats::start(options(&dir)).await.unwrap();
    let js = stream(&client(&nats, Account::Core).await).await;
    assert_eq!(publish(&js).await, 1);
    assert!(sync_always(&nats.monitor_url()).await);
    let number = nats.pid().unwrap();
    let status = nats.stop().await.expect("the child was waited for");
    assert!(status.success(), "{status}");
    assert!(is_gone(number));

    let again = ManagedNats::start(options(&dir)).await.unwrap();
    let js = jetstream::new(client(&again, Account::Core).await);
    assert_eq!(js.get_stream("S").await.unwrap().cached_info().state.messages, 1);
}

#[tokio::test]
async fn killed_it_comes_back_on_the_same_port_and_clients_find_it() {
    let dir = tempfile::tempdir().unwrap();
    let nats = ManagedNats::start(options(&dir)).await.unwrap();
    let js = stream(&client(&nats, Account::Core).await).await;
    assert_eq!(publish(&js).await, 1);
    let (url, monitor, first) = (nats.client_url(), nats.monitor_url(), nats.pid().unwrap());
    kill_process(pid(first), Signal::KILL).unwrap();
    until("another child", || nats.pid().is_some_and(|now| now != first)).await;
    assert!(publish(&js).await >= 2, "what was acknowledged is still there");
    assert_eq!((nats.client_url(), nats.monitor_url()), (url, monitor));
    assert!(nats.stop().await.unwrap().success());
}

#[tokio::test]
async fn a_second_start_on_the_same_folder_is_refused_with_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let nats = ManagedNats::start(options(&dir)).await.unwrap();
    let error = ManagedNats::start(options(&dir)).await.unwrap_err();
    let (folder, owner) = (dir.path().display(), std::process::id());
    assert_eq!(
        error.to_string(),
        format!(
            "{folder} is in use by process {owner}: stop that one, or choose another folder with --data"
        ),
    );
    let number = nats.pid().unwrap();
    drop(nats);
    until("a dropped server ends", || is_gone(number)).await;
}

#[tokio::test]
async fn an_account_neither_sees_nor_reaches_the_streams_of_another() {
    let dir = tempfile::tempdir().unwrap();
    let nats = ManagedNats::start(options(&dir)).await.unwrap();
    let vault = stream(&client(&nats, Account::Vault).await).await;
    assert_eq!(publish(&vault).await, 1);
    let core = client(&nats, Account::Core).await;
    let js = jetstream::new(core.clone());
    assert!(js.get_stream("S").await.is_err());
    // Nobody listens there for this account, least of all the vault's stream.
    #[expect(clippy::disallowed_methods, reason = "an attack goes past the platform")]
    core.publish("s.a", "forged".into()).await.unwrap();
    core.flush().await.unwrap();
    assert_eq!(vault.get_stream("S").await.unwrap().cached_info().state.messages, 1);
    let stranger = nkeys::KeyPair::new_user().seed().unwrap();
    let line = connect(&nats.client_url(), &stranger, "test").await.unwrap_err().to_string();
    assert!(line.contains("the user is refused"), "{line}");
}

#[tokio::test]
async fn configuration_and_seeds_are_for_their_owner_only_and_stay() {
    let dir = tempfile::tempdir().unwrap();
    let nats = ManagedNats::start(options(&dir)).await.unwrap();
    let keys = dir.path().join("keys").join("nats");
    for file in ["core.nk", "vault.nk"] {
        assert_eq!(mode(&keys.join(file)), 0o600, "{file}");
    }
    assert_eq!(mode(&keys), 0o700);
    assert_eq!(mode(&dir.path().join("nats").join("nats-server.conf")), 0o600);
    let core = nats.credentials(Account::Core).to_owned();
    assert_eq!(read_seed(&keys, Account::Core).unwrap(), core);
    nats.stop().await;
    let again = ManagedNats::start(options(&dir)).await.unwrap();
    assert_eq!(again.credentials(Account::Core), core);
}

#[tokio::test]
async fn a_port_in_use_is_told_with_the_servers_own_words() {
    let other = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let listen_port = other.local_addr().unwrap().port();
    let error = ManagedNats::start(Options { listen_port, ..options(&dir) }).await.unwrap_err();
    assert!(matches!(error, Error::Died { .. }), "{error}");
    assert!(error.to_string().contains("address already in use"), "{error}");
}

/// The owner is a process of its own here: this test binary again, whose supervisor is the test
/// `supervised_child` below.
#[tokio::test]
async fn it_dies_with_its_owner_and_the_folder_is_free_again() {
    let dir = tempfile::tempdir().unwrap();
    let mut owner = tokio::process::Command::new(std::env::current_exe().unwrap())
        .kill_on_drop(true)
        .args(["--exact", "nats_server::owner_process", "--ignored", "--nocapture"])
        .env("TEST_OF_WEFT_DATA", dir.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(owner.stdout.take().unwrap()).lines();
    let line = loop {
        let line = lines.next_line().await.unwrap().expect("the owner starts a server");
        if line.contains("nats-server is ") {
            break line;
        }
    };
    let number: u32 = line.rsplit(' ').next().unwrap().parse().unwrap();
    assert!(!is_gone(number));
    owner.kill().await.unwrap();
    let again = ManagedNats::start(options(&dir)).await.unwrap();
    assert!(is_gone(number), "two servers on one store");
    assert!(again.stop().await.unwrap().success());
}

#[tokio::test]
#[ignore = "run by it_dies_with_its_owner_and_the_folder_is_free_again, as a process to kill"]
async fn owner_process() {
    let Some(data_dir) = variable("TEST_OF_WEFT_DATA").map(Into::into) else { return };
    let dir = tempfile::tempdir().unwrap();
    // A shell stands in for `weft nats-child`, because a test binary has no such command.
    let script = dir.path().join("supervise");
    let exe = std::env::current_exe().unwrap();
    let text = format!(
        "#!/bin/sh\nTEST_OF_WEFT_ARGS=\"$*\" exec {exe:?} --exact nats_server::supervised_child --ignored\n"
    );
    std::fs::write(&script, text).unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o700)).unwrap();
    let supervisor = Some(Supervisor { exe: script, args: Vec::new() });
    let nats = ManagedNats::start(Options { data_dir, supervisor, ..options(&dir) }).await.unwrap();
    let said = format!("nats-server is {}\n", nats.pid().unwrap());
    std::io::Write::write_all(&mut std::io::stdout(), said.as_bytes()).unwrap();
    std::future::pending::<()>().await;
}

#[test]
#[ignore = "run by owner_process, as the supervisor"]
fn supervised_child() {
    let Some(args) = variable("TEST_OF_WEFT_ARGS") else { return };
    let args = args.into_string().unwrap();
    let error = platform::nats_server::exec_supervised(args.split(' ').map(Into::into));
    unreachable!("{error}");
}

fn variable(name: &str) -> Option<std::ffi::OsString> {
    #[expect(clippy::disallowed_methods, reason = "how a test's process is told what it is")]
    std::env::var_os(name)
}
