//! The pages as people use them: Chromium, played by the scripts of `tests/browser`, on a demo that
//! lives. A script tells its story and ends with 0; what it cannot do itself, such as killing the
//! suite, it asks for with a line `please …`, and is answered with `done`.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Command, Stdio},
};

use crate::{
    county::{County, until, weft},
    demo::Demo,
};

/// Not much goes on beside what the story tells.
const PACE: &str = "human";

/// A small demo that is ready for visitors.
fn demo() -> Demo {
    let mut demo = Demo::new();
    demo.start_at(PACE, &["--grids", "20", "--cameras", "50"]);
    demo.wait_for_table(1);
    demo
}

/// Plays a script of `tests/browser` to its end, on a demo of its own.
fn play(script: &str) {
    let mut demo = demo();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut playing = Command::new("node")
        .arg(root.join("tests/browser").join(script))
        .env("DEMO_URL", format!("http://{}", demo.county.http))
        .env("DEMO_GRPC", &demo.county.grpc)
        .env("DEMO_DATA", demo.data())
        .env("DEMO_BIN", weft().get_program())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("node plays the browser tests: install Node.js, and run scripts/tools.sh");
    let mut answers = playing.stdin.take().unwrap();
    let mut told = playing.stderr.take().unwrap();
    let told = std::thread::spawn(move || std::io::read_to_string(&mut told).unwrap_or_default());
    let mut tables = 1;
    for line in BufReader::new(playing.stdout.take().unwrap()).lines() {
        match line.unwrap().strip_prefix("please ") {
            Some("kill") => demo.kill(),
            Some("start") => {
                demo.start_at(PACE, &[]);
                tables += 1;
                demo.wait_for_table(tables);
            }
            Some(_) | None => continue,
        }
        answers.write_all(b"done\n").unwrap();
    }
    let ended = playing.wait().unwrap();
    let told = told.join().unwrap();
    assert!(ended.success(), "{script}:\n{told}\n{}", demo.county.said());
}

#[test]
fn five_people_live_the_main_job_in_a_browser() {
    play("main_job.mjs");
}

#[test]
fn a_township_sees_itself_and_no_more_in_a_browser() {
    play("scope.mjs");
}

#[test]
fn a_browser_without_scripts_reports_follows_and_accepts() {
    play("nojs.mjs");
}

#[test]
fn a_browser_goes_on_where_it_was_when_the_suite_was_killed() {
    play("faults.mjs");
}

#[test]
fn the_first_start_is_set_up_in_a_browser() {
    let mut county = County::new(&[]);
    county.up();
    let link = || {
        let said = county.said();
        let line = said.lines().find(|line| line.contains("/enrol/"))?;
        line.rsplit(' ').next().map(str::to_owned)
    };
    until("the link is printed", || link().is_some());
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let played = Command::new("node")
        .arg(root.join("tests/browser/sign_in.mjs"))
        .env("DEMO_URL", format!("http://{}", county.http))
        .env("FIRST_LINK", link().unwrap())
        .stdin(Stdio::null())
        .output()
        .expect("node plays the browser tests: install Node.js, and run scripts/tools.sh");
    let told = String::from_utf8_lossy(&played.stderr).into_owned();
    assert!(played.status.success(), "{told}\n{}", county.said());
}
