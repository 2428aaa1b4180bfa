//! Reports earn points when they are found true, by rule, once.

use std::time::Duration;

use api::points::v1::{EntryKind, GivenBy};
use testkit::Db;

use crate::village::{CONFIDENTIAL, EARNS, EARNS_NOTHING, PROGRAMME, TOWNSHIP, VILLAGE, Village};

on_both_databases! {
    a_report_found_true_earns_once_however_it_is_rated
    what_earns_nothing
    a_day_has_its_cap
    a_reopening_takes_back_and_another_resolution_gives_again
    the_nearest_programme_with_a_rule_gives
    a_case_that_is_open_again_holds_no_points_however_fast_it_was
}

async fn a_report_found_true_earns_once_however_it_is_rated(db: Db) {
    let village = Village::start(db).await;
    for (number, satisfaction) in [(1, "very_dissatisfied"), (2, "very_satisfied")] {
        let case = village.true_report(&format!("c{number}"), number).await;
        assert_eq!(village.balance(PROGRAMME, number).await, 5, "before any rating");
        village.rated(&case, satisfaction).await;
        assert_eq!(village.balance(PROGRAMME, number).await, 5, "{satisfaction}");
        let entries = village.statement(number).await;
        let [entry] = entries.as_slice() else { unreachable!("one entry: {entries:?}") };
        assert_eq!((entry.kind(), entry.given_by()), (EntryKind::Award, GivenBy::Rule));
        assert_eq!((entry.amount, entry.balance, entry.rule_version), (5, 5, 1));
        assert_eq!(entry.case_id, case.to_string());
        assert_eq!((entry.giver_id.as_str(), entry.reason.as_str()), ("", ""));
    }
    assert_eq!(village.sum(PROGRAMME).await, 0);
}

async fn what_earns_nothing(db: Db) {
    let village = Village::start(db).await;
    let untrue = village.reported("untrue", 1, EARNS).await;
    village.resolved(&untrue, false).await;
    village.rated(&untrue, "very_satisfied").await;
    let on_duty = village.reported_by("duty", 1, EARNS, true).await;
    let ordinary = village.reported("ordinary", 1, EARNS_NOTHING).await;
    let secret = village.reported("secret", 1, CONFIDENTIAL).await;
    for case in [on_duty, ordinary, secret] {
        village.resolved(&case, true).await;
    }
    assert_eq!(village.balance(PROGRAMME, 1).await, 0);
    assert_eq!(village.statement(1).await, []);
}

async fn a_day_has_its_cap(db: Db) {
    let village = Village::start(db).await;
    for key in ["a", "b", "c"] {
        village.true_report(key, 1).await;
    }
    village.true_report("other", 2).await;
    assert_eq!(village.balance(PROGRAMME, 1).await, 8, "5, then what is left, then nothing");
    assert_eq!(village.balance(PROGRAMME, 2).await, 5);
    village.suite.clock().advance(Duration::from_hours(24));
    village.true_report("tomorrow", 1).await;
    assert_eq!(village.balance(PROGRAMME, 1).await, 13);
    assert_eq!(village.sum(PROGRAMME).await, 0);
}

async fn a_reopening_takes_back_and_another_resolution_gives_again(db: Db) {
    let village = Village::start(db).await;
    let case = village.true_report("c", 1).await;
    assert_eq!(village.balance(PROGRAMME, 1).await, 5);
    village.reopened(&case, 1, EARNS, 2).await;
    assert_eq!(village.balance(PROGRAMME, 1).await, 0);
    village.resolved(&case, true).await;
    assert_eq!(village.balance(PROGRAMME, 1).await, 5);
    // What comes at once, and unsettled, ends the same.
    village.reopened(&case, 1, EARNS, 3).await;
    village.resolved(&case, true).await;
    assert_eq!(village.balance(PROGRAMME, 1).await, 5);
    village.reopened(&case, 1, EARNS, 4).await;
    village.resolved(&case, false).await;
    assert_eq!(village.balance(PROGRAMME, 1).await, 0);

    let entries = village.statement(1).await;
    let kinds: Vec<EntryKind> = entries.iter().map(api::points::v1::Entry::kind).collect();
    let (award, reopening) = (EntryKind::Award, EntryKind::Reopening);
    assert_eq!(kinds, [reopening, award, reopening, award, reopening, award]);
    assert!(entries.iter().all(|entry| entry.case_id == case.to_string()));
    for pair in entries.chunks(2) {
        assert_eq!(pair[0].award_id, pair[1].award_id, "a reversal points at its award");
        assert_eq!(pair[0].amount, -pair[1].amount);
    }
    assert_eq!(village.sum(PROGRAMME).await, 0);
}

async fn the_nearest_programme_with_a_rule_gives(db: Db) {
    let village = Village::bare(db).await;
    let township = format!("{TOWNSHIP}000-residents");
    village.true_report("early", 1).await;
    village.suite.settled().await;
    village.suite.clock().advance(Duration::from_secs(1));
    village.create(TOWNSHIP).await;
    village.rule(&township, 3, 100).await;
    village.true_report("first", 1).await;
    assert_eq!(village.balance(&township, 1).await, 3, "what was found true before is not");
    // A programme without a rule gives nothing, and takes nothing from the one above.
    village.create(VILLAGE).await;
    village.true_report("second", 1).await;
    assert_eq!(village.balance(&township, 1).await, 6);
    village.suite.clock().advance(Duration::from_secs(1));
    village.rule(PROGRAMME, 5, 100).await;
    let third = village.true_report("third", 1).await;
    assert_eq!(village.balance(PROGRAMME, 1).await, 5);
    assert_eq!(village.balance(&township, 1).await, 6);
    village.reopened(&third, 1, EARNS, 2).await;
    assert_eq!(village.balance(PROGRAMME, 1).await, 0);
}

async fn a_case_that_is_open_again_holds_no_points_however_fast_it_was(db: Db) {
    let village = Village::start(db).await;
    village.rule(PROGRAMME, 1, 1_000).await;
    // Nobody waits for the processes: awards and reversals meet.
    for number in 0..20 {
        let case = village.true_report(&format!("c{number}"), 1).await;
        village.reopened(&case, 1, EARNS, 2).await;
        if number % 2 == 0 {
            village.resolved(&case, true).await;
        }
    }
    assert_eq!(village.balance(PROGRAMME, 1).await, 10, "what was resolved again, once");
    assert_eq!(village.sum(PROGRAMME).await, 0);
}
