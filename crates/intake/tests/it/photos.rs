//! Photos of a case: named by their ids, shown to whoever may read what was written.

use api::intake::v1::{
    AddInformationRequest, ReportCaseRequest, TrackCaseRequest,
    intake_service_client::IntakeServiceClient,
};
use kernel::Role;
use testkit::Db;

use crate::ground::{Ground, TOWNSHIP, get, lamp, report, wrong_fields};

on_both_databases! {
    photos_are_shown_to_whoever_may_read_the_text
    too_many_repeated_and_malformed_photos_are_refused
}

fn photo(key: &str) -> String {
    format!("620821101203-{key}")
}

fn pictured(request_id: &str) -> ReportCaseRequest {
    ReportCaseRequest { photos: vec![photo("p1"), photo("p2")], ..lamp(request_id) }
}

async fn photos_are_shown_to_whoever_may_read_the_text(db: Db) {
    let ground = Ground::start(db).await;
    let mut resident = ground.resident(1);
    let reported = report(&mut resident, pictured("r")).await;
    let case = reported.case_id.as_str();
    let more = AddInformationRequest {
        request_id: "more".into(),
        case_id: case.into(),
        text: String::new(),
        photos: vec![photo("p3")],
    };
    resident.add_information(more).await.unwrap();
    ground.suite.settled().await;

    for mut reader in [
        ground.resident(1),
        ground.of_division(Role::Operator, TOWNSHIP),
        ground.member(crate::ground::GRID),
    ] {
        let seen = get(&mut reader, case, None).await.unwrap();
        assert_eq!(seen.photos, [photo("p1"), photo("p2")]);
        assert_eq!(seen.timeline[0].photos, seen.photos);
        let added = seen.timeline.iter().find(|entry| entry.event == "information_added").unwrap();
        assert_eq!((added.text.as_str(), &added.photos[..]), ("", &[photo("p3")][..]));
    }
    for role in [Role::Integrator, Role::Administrator] {
        let seen = get(&mut ground.of_division(role, TOWNSHIP), case, None).await.unwrap();
        assert_eq!(seen.photos, [""; 0], "{role}");
        assert!(seen.timeline.iter().all(|entry| entry.photos.is_empty()), "{role}");
    }

    // The code alone opens no photo; with the reporter's own token it does, with another's it does not.
    let track =
        || TrackCaseRequest { tracking_code: reported.tracking_code.clone(), min_position: None };
    let mut anybody = IntakeServiceClient::new(ground.suite.channel());
    let tracked = anybody.track_case(track()).await.unwrap().into_inner();
    assert!(tracked.timeline.iter().all(|entry| entry.photos.is_empty()));
    let tracked = ground.resident(2).track_case(track()).await.unwrap().into_inner();
    assert!(tracked.timeline.iter().all(|entry| entry.photos.is_empty() && entry.text.is_empty()));
    let tracked = resident.track_case(track()).await.unwrap().into_inner();
    assert_eq!(tracked.timeline[0].photos, [photo("p1"), photo("p2")]);
    assert!(!tracked.can_rate && !tracked.can_reopen);
}

async fn too_many_repeated_and_malformed_photos_are_refused(db: Db) {
    let ground = Ground::start(db).await;
    let mut resident = ground.resident(1);
    let case = report(&mut resident, pictured("r")).await.case_id;
    let before = ground.suite.head().await;
    for photos in [
        (0..6).map(|number| photo(&number.to_string())).collect(),
        vec![photo("p1"), photo("p1")],
        vec![String::new()],
        vec!["https://example.org/p.jpg".to_owned()],
        vec!["\u{202e}".to_owned()],
    ] {
        let request = ReportCaseRequest { photos: photos.clone(), ..lamp("x") };
        assert_eq!(wrong_fields(resident.report_case(request).await), ["photos"]);
        let more = AddInformationRequest {
            request_id: "x".into(),
            case_id: case.clone(),
            text: String::new(),
            photos,
        };
        assert_eq!(wrong_fields(resident.add_information(more).await), ["photos"]);
    }
    let five = (0..5).map(|number| photo(&number.to_string())).collect();
    report(&mut resident, ReportCaseRequest { photos: five, ..lamp("five") }).await;
    assert!(ground.suite.head().await.sequence > before.sequence);
}
