//! What the command line refuses, in one line that says what to do.

use std::net::TcpListener;

use crate::county::{County, text, weft};

/// The only line on standard error, and the exit code.
fn refused(output: &std::process::Output) -> (i32, String) {
    let said = text(&output.stderr);
    let lines: Vec<&str> = said.lines().filter(|line| line.starts_with("weft: ")).collect();
    assert_eq!(lines.len(), 1, "one line: {said}");
    (output.status.code().unwrap(), lines[0].to_owned())
}

#[test]
fn a_second_suite_on_the_same_data_is_refused() {
    let mut county = County::new(&[]);
    county.up();
    let mut second = weft();
    second.args(["up", "--grpc", "127.0.0.1:0", "--http", "127.0.0.1:0", "--data"]);
    let (code, line) = refused(&second.arg(county.data.path()).output().unwrap());
    assert_eq!(code, 1);
    assert!(line.contains("in use"), "{line}");
    assert!(line.contains(&county.data.path().display().to_string()), "{line}");
}

#[test]
fn a_port_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for (option, other) in [("--grpc", "--http"), ("--http", "--grpc")] {
        let data = tempfile::tempdir().unwrap();
        let mut command = weft();
        command.args(["up", option, &address, other, "127.0.0.1:0", "--data"]);
        let (code, line) = refused(&command.arg(data.path()).output().unwrap());
        assert_eq!(code, 1);
        assert!(line.contains(&address) && line.contains(option), "{line}");
    }
}

#[test]
fn a_bad_configuration_is_refused_with_its_key() {
    for (set, named) in [
        ("grpc.lisen=127.0.0.1:1", "lisen"),
        ("grcp.listen=127.0.0.1:1", "grcp"),
        ("county=6208", "county"),
        ("log.max_batch=a lot", "max_batch"),
        ("dispatch.no_such_key=1", "no_such_key"),
        ("http.behind_proxy=[proxy]", "behind_proxy"),
        ("http.certificate=/cert.pem", "http.key"),
    ] {
        let data = tempfile::tempdir().unwrap();
        let mut command = weft();
        command.args([
            "up",
            "--grpc",
            "127.0.0.1:0",
            "--http",
            "127.0.0.1:0",
            "--set",
            set,
            "--data",
        ]);
        let (code, line) = refused(&command.arg(data.path()).output().unwrap());
        assert_eq!(code, 78, "{line}");
        assert!(line.contains(named), "{set}: {line}");
    }
    let (code, line) =
        refused(&weft().args(["config", "check", "--config", "no-such.toml"]).output().unwrap());
    assert_eq!(code, 78);
    assert!(line.contains("no-such.toml"), "{line}");
}

#[test]
fn a_full_log_is_an_answer_and_not_silence() {
    let mut county = County::new(&["nats.log_max_bytes=65536"]);
    county.up();
    let divisions = crate::county::resource("divisions/620821.csv").display().to_string();
    let (code, line) = refused(&county.run_raw(&["import", "divisions", &divisions], true));
    assert_eq!(code, 1);
    assert!(line.contains("STORAGE_FULL"), "{line}");
    // What it holds is still there and in order.
    county.run(&["verify"]);
}

#[test]
fn a_token_for_nobody_or_nothing_is_refused() {
    let mut county = County::new(&[]);
    let unborn = tempfile::tempdir().unwrap();
    let issue = |data: &std::path::Path, arguments: &[&str]| {
        let mut command = weft();
        command.args(["token", "issue"]).args(arguments).arg("--data").arg(data);
        refused(&command.output().unwrap())
    };
    let (_, line) = issue(unborn.path(), &["--role", "operator", "--division", "620821"]);
    assert!(line.contains("weft up"), "{line}");
    county.up();
    let data = county.data.path().to_owned();
    for (arguments, named) in [
        (vec!["--role", "king"], "king"),
        (vec!["--role", "operator"], "division"),
        (vec!["--role", "operator", "--division", "62x"], "--division"),
        (vec!["--role", "grid_member", "--grid", "1"], "--grid"),
        (vec!["--role", "operator", "--division", "620821", "--ttl", "soon"], "--ttl"),
    ] {
        let (code, line) = issue(&data, &arguments);
        assert_eq!(code, 1);
        assert!(line.contains(named), "{arguments:?}: {line}");
    }
}

#[test]
fn a_suite_that_is_away_is_said_to_be_away() {
    let county = County::new(&[]);
    let (code, line) = refused(&county.run_raw(&["healthcheck"], false));
    assert_eq!(code, 1);
    assert!(line.contains("weft up"), "{line}");
}

#[test]
fn usage_errors_exit_with_2() {
    assert_eq!(weft().arg("fly").output().unwrap().status.code(), Some(2));
    assert_eq!(weft().arg("--version").output().unwrap().status.code(), Some(0));
}

#[test]
fn cameras_are_generated_and_imported() {
    let county = County::settled(&[]);
    let path = |name: &str| county.data.path().join(name).display().to_string();
    let divisions = crate::county::resource("divisions/620821.csv").display().to_string();
    let grids = path("grids.geojson");
    let mut generate = weft();
    generate.args(["generate", "cameras", "--count", "634", "--divisions", &divisions]);
    let made = generate.args(["--grids", &grids]).output().unwrap();
    assert!(made.status.success(), "{}", text(&made.stderr));
    let cameras = path("cameras.csv");
    std::fs::write(&cameras, &made.stdout).unwrap();
    let checked = county.run(&["import", "cameras", &cameras, "--dry-run"]);
    assert!(checked.contains("cameras: 634 rows, 0 would be written"), "{checked}");
    let imported = county.run(&["import", "cameras", &cameras]);
    assert!(imported.contains("cameras: 634 rows, 634 written"), "{imported}");
    let again = county.run(&["import", "cameras", &cameras]);
    assert!(again.contains("634 rows, 0 written"), "{again}");

    let short = text(&made.stdout).replacen("cgcs2000", "mars", 1);
    std::fs::write(&cameras, short).unwrap();
    let (code, line) = refused(&county.run_raw(&["import", "cameras", &cameras], true));
    assert_eq!(code, 1);
    assert!(line.contains("cameras.csv.errors.csv"), "{line}");
    let errors = std::fs::read_to_string(path("cameras.csv.errors.csv")).unwrap();
    assert!(errors.lines().nth(1).is_some_and(|line| line.starts_with("1,crs,")), "{errors}");
    county.run(&["verify"]);
}
