//! What is told, and in which form.

use contracts::{dispatch::WorkOrderEvent, intake::CaseEvent, subject};

use crate::ground::{
    LAMP, QUARREL, accepted, archived, assert_once_and_in_order, case_id, define, ordered,
    reported, suite, told,
};

const VILLAGE: &str = "620821101203";

#[tokio::test(flavor = "multi_thread")]
async fn a_case_is_told_as_cloud_events_under_its_place() {
    let suite = suite().await;
    let case = case_id(VILLAGE, 1);
    let events = [CaseEvent::from(reported(&case, LAMP)), accepted(&case, LAMP).into()];
    suite.append(&subject::case(&case), &case.to_string(), &events).await;
    suite.settled().await;

    let told = told(&suite).await;
    assert_once_and_in_order(&told);
    let names: Vec<&str> = told.iter().map(crate::ground::Told::name).collect();
    assert_eq!(names, ["category_defined", "category_defined", "case_reported", "case_accepted"]);
    let first = &told[2];
    assert_eq!(first.subject, "weft.pub.v1.620821.101.203.intake.case_reported");
    for (name, value) in [
        ("ce-specversion", "1.0"),
        ("ce-id", "620821-3"),
        ("ce-type", "weft.public.intake.case_reported.v1"),
        ("ce-source", "/weft/620821/intake"),
        ("ce-subject", "620821101203-c1"),
        ("ce-time", "2026-06-01T02:00:00.000Z"),
        ("ce-datacontenttype", "application/json"),
        ("ce-sequence", "3"),
        ("ce-sequencetype", "Integer"),
        ("weft-position", "3"),
    ] {
        assert_eq!(first.header(name), value, "{name}");
    }
    let body: serde_json::Value = serde_json::from_str(&first.body).unwrap();
    assert_eq!(body["case"], "620821101203-c1");
    assert_eq!(body["category"], LAMP);
    assert_eq!(told[0].subject, "weft.pub.v1.620821.000.000.intake.category_defined");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_told_of_a_confidential_case_or_its_order() {
    let suite = suite().await;
    let quarrel = case_id(VILLAGE, 1);
    let lamp = case_id(VILLAGE, 2);
    // Reported as a lamp, and a quarrel after all: told until it is known, and not after.
    let turned = case_id(VILLAGE, 3);
    // Of a category that the catalogue does not have.
    let unknown = case_id(VILLAGE, 4);
    for (case, first, then) in [
        (&quarrel, QUARREL, LAMP),
        (&lamp, LAMP, LAMP),
        (&turned, LAMP, QUARREL),
        (&unknown, "9999", "9999"),
    ] {
        let events = [
            CaseEvent::from(reported(case, first)),
            accepted(case, then).into(),
            archived(case).into(),
        ];
        suite.append(&subject::case(case), &case.to_string(), &events).await;
    }
    let order = ordered(&quarrel, LAMP);
    let closed = contracts::dispatch::WorkOrderAccepted {
        occurred_at: order.occurred_at,
        work_order: order.work_order.clone(),
        by: "620821000000-secretmember".parse().unwrap(),
    };
    let id = order.work_order.clone();
    let events = [WorkOrderEvent::from(order), closed.clone().into()];
    suite.append(&subject::work_order(&id), &id.to_string(), &events).await;
    suite.settled().await;

    // What comes later, to an outlet that has forgotten and reads the log again.
    define(&suite, QUARREL, false).await;
    let suite = suite.restart().await;
    let more = [CaseEvent::from(archived(&quarrel))];
    suite.append(&subject::case(&quarrel), &quarrel.to_string(), &more).await;
    let more = [WorkOrderEvent::from(closed)];
    suite.append(&subject::work_order(&id), &id.to_string(), &more).await;
    suite.settled().await;

    let told = told(&suite).await;
    let told: Vec<(&str, &str)> = told
        .iter()
        .filter(|told| told.name() != "category_defined")
        .map(|told| (told.header("ce-subject"), told.name()))
        .collect();
    assert_eq!(
        told,
        [
            ("620821101203-c2", "case_reported"),
            ("620821101203-c2", "case_accepted"),
            ("620821101203-c2", "case_archived"),
            ("620821101203-c3", "case_reported"),
        ]
    );
}
