//! What an operator does about who may do what: tokens of portals, and the trail as a file.

use std::fs;

use crate::county::{County, resource, text, until};

#[test]
fn the_trail_is_taken_away_and_checked_by_whoever_has_it() {
    let mut county = County::new(&[]);
    county.up();
    county.run(&["import", "divisions", &resource("divisions/620821.csv").display().to_string()]);
    county.settle();
    let portal = county.token(&["--role", "integrator", "--division", "620821"]);
    let refused = county.run_raw(&["status", "--token", &portal], false);
    assert!(!refused.status.success());
    let path = county.data.path().join("trail.jsonl");
    let file = path.display().to_string();
    until("the refusal is in the trail", || {
        let _gone = fs::remove_file(&path);
        county.run(&["audit", "export", "--out", &file]);
        fs::read_to_string(&path).unwrap().contains("ROLE_NOT_ALLOWED")
    });
    let good = fs::read_to_string(&path).unwrap();
    assert!(good.contains("\"token\":\"cli-"), "who acts from the command line is told apart");
    assert!(good.contains("weft.grid.division_registered.v1"), "changes are in it");
    let checked = county.command(&["audit", "verify", &file], false);
    let checked = without_suite(&checked);
    assert!(checked.0 && checked.1.contains("all holds"), "{}", checked.1);

    fs::write(&path, good.replacen("ROLE_NOT_ALLOWED", "ROLE_NOT_ALLOWeD", 1)).unwrap();
    let changed = without_suite(&county.command(&["audit", "verify", &file], false));
    assert!(!changed.0 && changed.1.contains("WRONG"), "{}", changed.1);
    let there = county.run_raw(&["audit", "export", "--out", &file], true);
    assert!(!there.status.success(), "a file that is there stays as it is");
    assert!(county.run(&["verify"]).contains("records of the audit trail"));
}

/// Runs `weft audit verify`, which takes no address of a suite.
fn without_suite(command: &std::process::Command) -> (bool, String) {
    let arguments: Vec<_> = command.get_args().take(3).map(std::ffi::OsStr::to_owned).collect();
    let output = crate::county::weft().args(arguments).output().unwrap();
    (output.status.success(), text(&output.stdout) + &text(&output.stderr))
}

#[test]
fn a_portals_token_is_made_rotated_listed_and_revoked() {
    let mut county = County::new(&[]);
    county.up();
    county.settle();
    let method = "/weft.grid.v1.GridService/ListDivisions";
    let create = ["token", "service", "create", "portal", "--division", "620821101"];
    let made = county.run(&[&create[..], &["--method", method, "--ttl", "30d"]].concat());
    assert_eq!(made.trim().split('.').count(), 3, "the token alone is on standard output");
    let wrong = county.run_raw(&[&create[..], &["--method", "/weft.x.v1.X/Y"]].concat(), true);
    assert!(!wrong.status.success() && text(&wrong.stderr).contains("methods"));
    let id = "620821101000-portal";
    let new = county.run(&["token", "service", "rotate", id, "--overlap", "60s"]);
    assert_ne!(new, made);
    county.settle();
    let listed = county.run(&["token", "service", "list"]);
    assert!(listed.contains(id) && listed.contains(method), "{listed}");
    county.run(&["token", "service", "revoke", id]);
    county.settle();
    assert!(county.run(&["token", "service", "list"]).contains("revoked"));
    until("the token is refused", || {
        let answer = county.run_raw(&["status", "--token", new.trim()], false);
        text(&answer.stderr).contains("TOKEN_REVOKED")
    });
}
