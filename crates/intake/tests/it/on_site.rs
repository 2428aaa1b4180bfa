//! What a member settles on the spot, what of it is checked, and a device's alarms.

use api::intake::v1::{
    CaseStatus, Channel, ConfirmSpotCheckRequest, CountAlarmRequest, HandleOnSiteRequest,
    HandleOnSiteResponse, ReportCaseRequest, SpotCheck,
};
use kernel::Role;
use platform::{auth::scope::ScopeParts, grpc::Bearer};
use testkit::Db;
use tonic::{Code, Status};

use crate::ground::{Client, GRID, Ground, TOWNSHIP, VILLAGE, lamp, refusal, report, wrong_fields};

on_both_databases! {
    a_member_settles_a_matter_on_the_spot_and_some_are_checked
    a_member_settles_what_a_resident_reported
    channels_suit_who_reports
    a_storm_of_alarms_is_one_case_with_a_counter
}

const PHOTO: &str = "620821101203-01jz8q4m7x3v5t9a2b6c8d0ep1";

fn settling(request_id: &str, report: Option<ReportCaseRequest>) -> HandleOnSiteRequest {
    HandleOnSiteRequest {
        request_id: request_id.into(),
        case_id: String::new(),
        report,
        text: "已清理".into(),
        photos_before: Vec::new(),
        photos_after: vec![PHOTO.into()],
    }
}

fn patrol() -> ReportCaseRequest {
    ReportCaseRequest { channel: Channel::Patrol.into(), contact: None, ..lamp("") }
}

async fn settle(
    client: &mut Client,
    request: HandleOnSiteRequest,
) -> Result<HandleOnSiteResponse, Status> {
    Ok(client.handle_on_site(request).await?.into_inner())
}

fn grid_member(ground: &Ground, number: u128) -> Bearer {
    let scope = ScopeParts { grid: Some(GRID.parse().unwrap()), ..ScopeParts::default() };
    ground.suite.bearer_for(&ground.suite.person(number), Role::GridMember, scope)
}

async fn a_member_settles_a_matter_on_the_spot_and_some_are_checked(db: Db) {
    let ground = Ground::start(db).await;
    let mut member = ground.client(grid_member(&ground, 5));
    let mut none = settling("none", Some(patrol()));
    none.photos_after.clear();
    assert_eq!(wrong_fields(settle(&mut member, none).await), ["photos_after"]);
    let abroad =
        ReportCaseRequest { place: Some(crate::ground::position(107.5, 35.5)), ..patrol() };
    let abroad = settle(&mut member, settling("abroad", Some(abroad))).await;
    assert_eq!(refusal(abroad), (Code::PermissionDenied, "OUT_OF_SCOPE".into()));

    let mut drawn = Vec::new();
    for n in 0..60 {
        let settled =
            settle(&mut member, settling(&format!("s{n}"), Some(patrol()))).await.unwrap();
        if settled.to_be_checked {
            drawn.push(settled.case_id);
        } else if n < 3 {
            // Nobody is asked for a rating of what staff reported.
            assert_eq!(ground.case(&settled.case_id).await.status(), CaseStatus::Archived);
        }
    }
    // The ids decide, and these follow from the requests: a tenth, more or less.
    assert!((2..=14).contains(&drawn.len()), "{} of 60", drawn.len());
    let again = settle(&mut member, settling("s0", Some(patrol()))).await.unwrap();
    assert_eq!(again.version, ground.case(&again.case_id).await.version.min(again.version));

    let (true_one, untrue) = (drawn[0].clone(), drawn[1].clone());
    let waits = ground.case(&true_one).await;
    assert_eq!((waits.status(), waits.spot_check()), (CaseStatus::Resolved, SpotCheck::Drawn));
    let check = |request_id: &str, case: &str, found_true| ConfirmSpotCheckRequest {
        request_id: request_id.into(),
        case_id: case.into(),
        found_true,
        note: String::new(),
    };
    // The member who settled it, with a chief's role besides.
    let village = ScopeParts { division: Some(VILLAGE.parse().unwrap()), ..ScopeParts::default() };
    let same = ground.suite.bearer_for(&ground.suite.person(5), Role::Verifier, village);
    let own = ground.client(same).confirm_spot_check(check("own", &true_one, true)).await;
    assert_eq!(refusal(own), (Code::PermissionDenied, "CHECKER_IS_HANDLER".into()));
    let mut chief = ground.of_division(Role::Verifier, VILLAGE);
    chief.confirm_spot_check(check("t", &true_one, true)).await.unwrap();
    chief.confirm_spot_check(check("u", &untrue, false)).await.unwrap();
    assert_eq!(ground.case(&true_one).await.status(), CaseStatus::Archived);
    let reopened = ground.case(&untrue).await;
    assert_eq!((reopened.status(), reopened.round), (CaseStatus::Accepted, 2));
    let twice = chief.confirm_spot_check(check("t2", &true_one, true)).await;
    assert_eq!(refusal(twice), (Code::FailedPrecondition, "NO_SPOT_CHECK".into()));
    // From now on it is an order's.
    ground.close_order(&untrue).await;
    assert_eq!(ground.case(&untrue).await.status(), CaseStatus::Archived);
}

async fn a_member_settles_what_a_resident_reported(db: Db) {
    let ground = Ground::start(db).await;
    let mut resident = ground.resident(1);
    // No rule accepts it, so the member is there before the desk.
    let waiting = ReportCaseRequest { category: "1311".into(), ..lamp("a") };
    let case = report(&mut resident, waiting).await.case_id;
    let mut member = ground.client(grid_member(&ground, 5));
    let request = HandleOnSiteRequest { case_id: case.clone(), ..settling("s", None) };
    settle(&mut member, request).await.unwrap();
    assert_eq!(ground.case(&case).await.status(), CaseStatus::Resolved);
    resident.rate_case(crate::life::rating("r", &case)).await.unwrap();

    // What has an order is settled through that.
    let accepted = report(&mut resident, lamp("b")).await.case_id;
    ground.suite.settled().await;
    let request = HandleOnSiteRequest { case_id: accepted, ..settling("s2", None) };
    let refused = settle(&mut member, request).await;
    assert_eq!(refusal(refused), (Code::FailedPrecondition, "CASE_ALREADY_ACCEPTED".into()));
}

async fn channels_suit_who_reports(db: Db) {
    let ground = Ground::start(db).await;
    let with = |channel: Channel| ReportCaseRequest { channel: channel.into(), ..lamp("c") };
    for (mut client, channel) in [
        (ground.resident(1), Channel::Patrol),
        (ground.resident(1), Channel::UpperTier),
        (ground.member(GRID), Channel::LeaderMailbox),
        (ground.of_division(Role::Operator, TOWNSHIP), Channel::Portal),
    ] {
        assert_eq!(wrong_fields(client.report_case(with(channel)).await), ["channel"]);
    }
    let behalf = ReportCaseRequest {
        on_behalf_of: ground.suite.person(7).to_string(),
        ..with(Channel::Counter)
    };
    let refused = ReportCaseRequest { channel: Channel::QrPage.into(), ..behalf.clone() };
    assert_eq!(wrong_fields(ground.resident(1).report_case(refused).await), ["on_behalf_of"]);
    // The person concerned is the reporter: they read it, rate it and take it back.
    let mut desk = ground.of_division(Role::Operator, TOWNSHIP);
    let case = report(&mut desk, behalf).await.case_id;
    ground.suite.settled().await;
    let own = crate::ground::get(&mut ground.resident(7), &case, None).await.unwrap();
    assert_eq!(own.text, "村口的路灯坏了");
}

async fn a_storm_of_alarms_is_one_case_with_a_counter(db: Db) {
    let ground = Ground::start(db).await;
    let mut desk = ground.of_division(Role::Operator, TOWNSHIP);
    let alarm = ReportCaseRequest { channel: Channel::Device.into(), ..lamp("d") };
    let case = report(&mut desk, alarm).await.case_id;
    ground.suite.settled().await;
    let count = |count: u32| CountAlarmRequest {
        request_id: format!("a{count}"),
        case_id: case.clone(),
        count,
    };
    for n in 1..=120 {
        desk.count_alarm(count(n)).await.unwrap();
    }
    let seen = ground.seen(&case).await;
    let counted = seen.timeline.iter().filter(|entry| entry.event == "alarm_counted").count();
    assert_eq!((counted, seen.case.unwrap().alarms), (7, 100));
    let lamp = report(&mut ground.resident(1), lamp("l")).await.case_id;
    let other = desk.count_alarm(CountAlarmRequest { case_id: lamp, ..count(2) }).await;
    assert_eq!(refusal(other), (Code::FailedPrecondition, "CASE_NOT_AN_ALARM".into()));
}
