//! What lasts: restarts, lost databases, and that no text or name is where it may not be.

use std::time::Duration;

use api::intake::v1::{CaseStatus, ListCasesRequest};
use intake::projections::cases::CaseRow;
use kernel::Role;
use platform::database::{DatabaseSettings, table};
use testkit::{Db, until};

use crate::ground::{Ground, get, lamp, report};

on_both_databases! {
    a_window_ends_unrated_once
    deleted_databases_are_rebuilt_equal_and_nothing_is_done_twice
    no_text_and_no_name_is_in_the_log_or_the_database
}

const DAY: Duration = Duration::from_hours(24);

async fn archived_within_a_moment(ground: &Ground, case: &str) {
    let desk = ground.of_division(Role::Operator, "620821");
    until("the case is archived", || async {
        let seen = get(&mut desk.clone(), case, None).await.unwrap();
        seen.case.unwrap().status() == CaseStatus::Archived
    })
    .await;
}

async fn a_window_ends_unrated_once(db: Db) {
    let ground = Ground::start(db).await;
    let early = report(&mut ground.resident(1), lamp("early")).await.case_id;
    ground.suite.settled().await;
    ground.close_order(&early).await;
    ground.suite.clock().advance(DAY);
    let late = report(&mut ground.resident(1), lamp("late")).await.case_id;
    ground.suite.settled().await;
    ground.close_order(&late).await;

    // The first window ends while nobody runs.
    ground.suite.clock().advance(6 * DAY);
    let ground = Ground { suite: ground.suite.restart().await };
    archived_within_a_moment(&ground, &early).await;
    assert_eq!(ground.case(&late).await.status(), CaseStatus::Resolved);
    let ground = Ground { suite: ground.suite.restart().await };
    ground.suite.clock().advance(DAY);
    archived_within_a_moment(&ground, &late).await;
    for case in [&early, &late] {
        let events: Vec<String> =
            ground.seen(case).await.timeline.into_iter().map(|entry| entry.event).collect();
        assert_eq!(events, ["case_reported", "case_accepted", "case_resolved", "case_archived"]);
    }
}

async fn deleted_databases_are_rebuilt_equal_and_nothing_is_done_twice(db: Db) {
    let ground = Ground::start(db).await;
    let open = report(&mut ground.resident(1), lamp("open")).await.case_id;
    let done = report(&mut ground.resident(1), lamp("done")).await.case_id;
    ground.suite.settled().await;
    ground.close_order(&done).await;
    let all = async |ground: &Ground| {
        ground.suite.settled().await;
        let mut desk = ground.of_division(Role::Operator, "620821");
        desk.list_cases(ListCasesRequest::default()).await.unwrap().into_inner()
    };
    let before = all(&ground).await;
    assert_eq!(before.cases.len(), 2);

    let ground = Ground { suite: ground.suite.restart_without_databases().await };
    let after = all(&ground).await;
    assert_eq!(after.cases, before.cases);
    assert_eq!(ground.suite.head().await.sequence, before.position.unwrap().sequence);
    for table in ground.suite.context().running.tables() {
        if let Some(differences) = table.verify().await.unwrap() {
            assert_eq!(differences, [""; 0], "{}", table.table);
        }
    }
    // And it goes on where it was.
    ground.close_order(&open).await;
    assert_eq!(ground.case(&open).await.status(), CaseStatus::Resolved);
}

async fn no_text_and_no_name_is_in_the_log_or_the_database(db: Db) {
    let ground = Ground::start(db).await;
    let reported = report(&mut ground.resident(1), lamp("r")).await;
    ground.suite.settled().await;
    let secrets =
        ["村口的路灯坏了", "张三", "13800138000", reported.tracking_code.as_str(), "路灯"];

    let stream = ground.suite.context().log.stream();
    let head = ground.suite.head().await.sequence;
    for sequence in 1..=head {
        let message = stream.read_sequence(sequence).await.unwrap().unwrap();
        let text = String::from_utf8(message.payload.to_vec()).unwrap();
        let headers = format!("{:?}", message.headers);
        for secret in secrets {
            assert!(!text.contains(secret) && !headers.contains(secret), "{sequence}: {secret}");
        }
    }
    let database = ground.suite.context().database("intake").await.unwrap();
    let rows = database.fetch(table::select::<CaseRow>()).await.unwrap();
    assert_eq!(rows.len(), 1);
    let row = <CaseRow as table::Row>::read(&rows[0], 1).unwrap();
    let shown = format!("{row:?}");
    assert!(secrets.iter().all(|secret| !shown.contains(secret)), "{shown}");
    database.close().await;
    if let DatabaseSettings::Sqlite(folder) = &ground.suite.context().database {
        let mut files = 0;
        for file in std::fs::read_dir(folder).unwrap() {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            files += 1;
            for secret in secrets {
                let found = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
                assert!(!found, "{secret}");
            }
        }
        assert!(files > 0);
    }
}
