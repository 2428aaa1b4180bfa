//! What goes wrong at night: processes that are killed, databases that are gone. Nothing that was
//! acknowledged may be missing afterwards, and nothing may be done twice.

use std::{
    collections::HashMap,
    fs,
    process::{Child, Stdio},
};

use api::intake::v1::{GetCaseRequest, intake_service_client::IntakeServiceClient};
use platform::grpc::Bearer;

use crate::county::{County, text, until};

/// Starts `weft simulate` and waits until it is in the middle of its work.
fn simulating(county: &County, cases: usize) -> Child {
    let journal = county.data.path().join("journal");
    let cases = cases.to_string();
    let child = county
        .command(&["simulate", "--cases", &cases, "--concurrency", "16", "--seed", "5"], true)
        .arg("--journal")
        .arg(&journal)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    until("simulate is in the middle of its work", || {
        fs::read_to_string(&journal).unwrap_or_default().lines().count() > 100
    });
    child
}

fn ends_without_an_error(simulation: Child) {
    let ended = simulation.wait_with_output().unwrap();
    assert!(ended.status.success(), "{}{}", text(&ended.stdout), text(&ended.stderr));
}

/// Every acknowledged report and rating is in its case's history, at the place that was acknowledged.
fn nothing_acknowledged_is_missing(county: &County) {
    let journal = fs::read_to_string(county.data.path().join("journal")).unwrap();
    let mut acknowledged: HashMap<&str, Vec<u64>> = HashMap::new();
    for line in journal.lines() {
        let mut words = line.split(' ');
        let (case, step) = (words.next().unwrap(), words.next().unwrap());
        if ["report", "accept_case", "rate"].contains(&step) {
            let sequence = words.next().unwrap().parse().unwrap();
            acknowledged.entry(case).or_default().push(sequence);
        }
    }
    assert!(acknowledged.len() > 50, "{} cases were acknowledged", acknowledged.len());
    let token = county.token(&["--role", "operator", "--division", "620821"]);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let channel = platform::grpc::connect(&county.grpc).await.unwrap();
        let bearer = Bearer::new(&token).unwrap();
        let mut client = IntakeServiceClient::with_interceptor(channel, bearer);
        for (case, sequences) in acknowledged {
            let request = GetCaseRequest { case_id: case.to_owned(), min_position: None };
            let found = client.get_case(request).await.unwrap().into_inner();
            for sequence in sequences {
                assert!(
                    found.timeline.iter().any(|entry| entry.sequence == sequence),
                    "{case} lost what was acknowledged at {sequence}: {:?}",
                    found.timeline
                );
            }
        }
    });
}

#[test]
fn kill_9_of_the_suite_loses_nothing_that_was_acknowledged() {
    let mut county = County::settled(&[]);
    let simulation = simulating(&county, 150);
    county.kill_suite();
    county.up();
    ends_without_an_error(simulation);
    county.settle();
    nothing_acknowledged_is_missing(&county);
    county.run(&["verify"]);
}

#[test]
fn kill_9_of_nats_server_loses_nothing_that_was_acknowledged() {
    let county = County::settled(&[]);
    let simulation = simulating(&county, 150);
    county.kill_nats();
    ends_without_an_error(simulation);
    county.settle();
    nothing_acknowledged_is_missing(&county);
    county.run(&["verify"]);
}

#[test]
fn deleted_databases_are_built_again_and_nothing_is_done_twice() {
    let mut county = County::settled(&[]);
    county.run(&["simulate", "--cases", "40", "--concurrency", "8"]);
    let head = county.settle();
    assert!(county.stop().success());
    fs::remove_dir_all(county.data.path().join("db")).unwrap();
    county.up();
    // While nobody has an account, each start makes one link for the first who will.
    let links = county.settle() - head;
    assert!(links <= 1, "building tables again writes no event, found {links}");
    county.run(&["verify"]);
    county.run(&["simulate", "--cases", "5", "--concurrency", "2", "--seed", "9"]);
}
