//! What an operator has: a verdict at night, a doctor, and a table that can be built anew.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;
use testkit::postgres::TestPostgres;

use crate::county::{County, resource, text, weft};

fn with_divisions(set: &[&str]) -> County {
    let mut county = County::new(set);
    county.up();
    county.run(&["import", "divisions", &resource("divisions/620821.csv").display().to_string()]);
    county.settle();
    county
}

fn a_table_is_rebuilt_by_name(set: &[&str]) {
    let county = with_divisions(set);
    let head = county.settle();
    let said = county.run(&["rebuild", "grid.divisions"]);
    assert_eq!(said.trim(), format!("grid.divisions is rebuilt from {head} events of WEFT_620821"));
    county.run(&["verify"]);
    let unknown = county.run_raw(&["rebuild", "grid.nothing"], true);
    let line = text(&unknown.stderr);
    assert_eq!(unknown.status.code(), Some(1));
    assert!(line.contains("TABLE_UNKNOWN") && line.contains("grid.divisions, "), "{line}");
}

#[test]
fn a_table_is_rebuilt_by_name_on_sqlite() {
    a_table_is_rebuilt_by_name(&[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_is_rebuilt_by_name_on_postgres() {
    let postgres = TestPostgres::create().await;
    let url = format!("database.url={:?}", postgres.url());
    tokio::task::spawn_blocking(move || a_table_is_rebuilt_by_name(&[&url])).await.unwrap();
}

#[test]
fn the_first_line_of_the_status_is_a_verdict_that_follows_its_own_advice() {
    let status = with_divisions(&[]).status();
    assert_eq!(status["well"], true, "{status}");
    assert_eq!(status["storage"][0]["stream"], "WEFT_620821");
    let bytes = status["storage"][0]["bytes"].as_u64().unwrap();

    let mut county = with_divisions(&[&format!("nats.log_max_bytes={}", bytes * 100 / 87)]);
    let said = county.run(&["status"]);
    let first = said.lines().next().unwrap();
    assert!(first.starts_with("look at this: WEFT_620821 is 8"), "{first}");
    assert!(first.contains("raise nats.log_max_bytes"), "{first}");
    assert!(said.contains("table   grid.divisions") && said.contains(" · up "), "{said}");
    assert_eq!(county.status()["well"], false);

    assert!(county.stop().success());
    county.set = vec![format!("nats.log_max_bytes={}", bytes * 2)];
    county.up();
    county.settle();
    assert!(county.run(&["status"]).starts_with("all is well\n"));
}

/// What the doctor says, by the name of each check, and its exit code.
fn doctor(county: &County, set: &[&str]) -> (Option<i32>, Vec<(String, String, String)>) {
    let mut command = county.command(&["doctor", "--json"], true);
    for setting in ["http.listen=127.0.0.1:0"].iter().chain(set) {
        command.args(["--set", setting]);
    }
    let output = command.output().unwrap();
    let said: Value = serde_json::from_str(&text(&output.stdout)).unwrap();
    let word = |check: &Value, key: &str| check[key].as_str().unwrap().to_owned();
    let checks = said["checks"].as_array().unwrap();
    let checks = checks
        .iter()
        .map(|check| {
            let advice = format!("{}; {}", word(check, "text"), word(check, "advice"));
            (word(check, "name"), word(check, "state"), advice)
        })
        .collect();
    (output.status.code(), checks)
}

fn state<'a>(checks: &'a [(String, String, String)], name: &str) -> (&'a str, &'a str) {
    let found = checks.iter().find(|(check, ..)| check == name);
    let (_, state, text) = found.unwrap_or_else(|| panic!("no {name} in {checks:?}"));
    (state, text)
}

#[test]
fn the_doctor_looks_at_a_suite_that_runs_and_at_one_that_does_not() {
    let mut county = County::new(&[]);
    let (code, checks) = doctor(&county, &[]);
    assert_eq!(code, Some(0), "a folder in which nothing ever ran: {checks:?}");
    assert_eq!(state(&checks, "suite").0, "not checked");
    county.up();
    let (code, checks) = doctor(&county, &[]);
    assert_eq!(code, Some(0), "{checks:?}");
    for name in [
        "configuration",
        "data folder",
        "keys",
        "ports",
        "nats-server",
        "database",
        "exposure",
        "suite",
        "log",
        "services",
        "storage",
        "clock",
        "leftovers",
    ] {
        assert_eq!(state(&checks, name).0, "ok", "{name} in {checks:?}");
    }
    assert!(state(&checks, "ports").1.contains("served by weft"), "{checks:?}");

    let key = county.data.path().join("keys/vault.master");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let (code, checks) = doctor(&county, &["grpc.listen=0.0.0.0:1", "grpc.plaintext=true"]);
    assert_eq!(code, Some(1));
    let (keys, advice) = state(&checks, "keys");
    assert!(keys == "failed" && advice.contains("chmod 600"), "{checks:?}");
    assert_eq!(state(&checks, "exposure").0, "warning");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();

    assert!(county.stop().success());
    let (code, checks) = doctor(&county, &["database.url=postgres://weft@127.0.0.1:1/weft"]);
    assert_eq!(code, Some(1));
    assert_eq!(state(&checks, "suite").0, "not checked");
    assert!(state(&checks, "database").1.contains("nothing is lost"), "{checks:?}");
    let (code, checks) = doctor(&county, &["grpc.lisen=1"]);
    assert_eq!(code, Some(1));
    assert_eq!(state(&checks, "configuration").0, "failed");
}

#[test]
fn a_shell_can_complete_the_words() {
    for shell in ["bash", "zsh", "fish", "elvish"] {
        let said = weft().args(["completions", shell]).output().unwrap();
        assert!(said.status.success());
        assert!(text(&said.stdout).contains("healthcheck"), "{shell}");
    }
    assert_eq!(weft().args(["completions", "sh"]).output().unwrap().status.code(), Some(2));
}
