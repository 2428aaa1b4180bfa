//! What callers send by mistake or on purpose, and what must not get out.

use api::{
    camera::v1::{
        CameraDetails, GetCameraRequest, ImportCamerasRequest, ListCamerasRequest, PlaceKind,
        RegisterCameraRequest, RetireCameraRequest, UpdateCameraRequest,
    },
    common::v1::GeoPosition,
};
use platform::grpc::status;

use crate::world::{World, at, details, fields, gb_id, got, import, reason, register, registered};

const SQL: &str = "'; DROP TABLE cameras__v1; --";
const SCRIPT: &str = "<script>alert(1)</script>";

pub(crate) async fn wrong_ids_are_told_digit_by_digit(world: World) {
    let mut admin = world.administrator();
    let before = world.suite.head().await.sequence;
    for (id, said) in [
        ("", "missing"),
        ("6208210100132000012", "20 digits"),
        ("620821010013200001234", "20 digits"),
        ("62082101001320000 23", "digit 18"),
        ("６2082101001320000123", "digit 1 "),
        ("99082101001320000123", "digits 1 to 6"),
        ("62082101331320000123", "digits 9 and 10"),
        ("62082101009990000123", "digits 11 to 13"),
        (SQL, "digit 1 "),
    ] {
        let ask = RegisterCameraRequest {
            gb_id: id.into(),
            ..register("id", 0, details("某处", 107.365))
        };
        let refused = admin.register_camera(ask).await.unwrap_err();
        let violations = status::violations_of(&refused);
        assert_eq!(violations.len(), 1, "{id}: {violations:?}");
        assert_eq!(violations[0].field, "gb_id");
        assert!(violations[0].en.contains(said), "{id}: {}", violations[0].en);
        assert!(!violations[0].zh.is_ascii(), "{id}: {}", violations[0].zh);
    }
    for (id, why) in
        [("62082101001180000001", "NOT_A_CAMERA"), ("62082101002160000001", "NOT_A_CAMERA")]
    {
        let ask = RegisterCameraRequest {
            gb_id: id.into(),
            ..register(id, 0, details("某处", 107.365))
        };
        assert_eq!(reason(admin.register_camera(ask).await), why);
    }
    assert_eq!(world.suite.head().await.sequence, before);
}

pub(crate) async fn every_command_names_its_wrong_fields(world: World) {
    let mut admin = world.administrator();
    let before = world.suite.head().await.sequence;
    let empty = admin.register_camera(RegisterCameraRequest::default()).await;
    assert_eq!(fields(empty), ["request_id", "gb_id", "details"]);
    let wrong = CameraDetails {
        name: "长".repeat(61),
        address: "\u{202e}cod".into(),
        description: "rtsp://admin:12345@10.0.0.1/1".into(),
        consent_document: "\0".into(),
        position: Some(GeoPosition { longitude: f64::NAN, ..at(1.0, 1.0) }),
        division: SQL.into(),
        grid: SCRIPT.into(),
        operator_id: SQL.into(),
        place_kind: 99,
        retention_days: u32::MAX,
        started_on: "soon".into(),
        ..Default::default()
    };
    let answer = admin.register_camera(register("w", 1, wrong)).await;
    let expected = [
        "name",
        "address",
        "consent_document",
        "description",
        "position",
        "division",
        "grid",
        "operator_id",
        "place_kind",
        "retention_days",
        "started_on",
    ];
    assert_eq!(fields(answer), expected.map(|field| format!("details.{field}")));
    for (place, why) in [
        (PlaceKind::GuestRoom, "FORBIDDEN_PLACE"),
        (PlaceKind::Toilet, "FORBIDDEN_PLACE"),
        (PlaceKind::OtherPrivate, "FORBIDDEN_PLACE"),
    ] {
        let inside = CameraDetails { place_kind: place.into(), ..details("某处", 107.365) };
        assert_eq!(reason(admin.register_camera(register("p", 1, inside)).await), why);
    }
    let secret = CameraDetails { secrecy_adjacent: true, ..details("某处", 107.365) };
    let refused = admin.register_camera(register("s", 1, secret)).await;
    assert_eq!(reason(refused), "SECRECY_CONSENT_MISSING");

    let empty = admin.update_camera(UpdateCameraRequest::default()).await;
    assert_eq!(fields(empty), ["request_id", "camera_id", "details"]);
    let unknown = UpdateCameraRequest {
        request_id: "u".into(),
        camera_id: format!("620821000000-{}", gb_id(7)),
        details: Some(details("某处", 107.365)),
    };
    assert_eq!(reason(admin.update_camera(unknown).await), "CAMERA_NOT_FOUND");
    let empty = admin.retire_camera(RetireCameraRequest::default()).await;
    assert_eq!(fields(empty), ["request_id", "camera_id", "reason"]);
    let foreign = GetCameraRequest { camera_id: "110101000000-1".into(), min_position: None };
    assert_eq!(fields(admin.get_camera(foreign).await), ["camera_id"]);
    let wrong = ListCamerasRequest {
        page_size: -1,
        page_token: SCRIPT.into(),
        division: SQL.into(),
        grid: SQL.into(),
        ..Default::default()
    };
    let wrong = fields(admin.list_cameras(wrong).await);
    assert_eq!(wrong, ["division", "grid", "page_size", "page_token"]);
    let empty = admin.import_cameras(ImportCamerasRequest::default()).await;
    assert_eq!(fields(empty), ["request_id", "file"]);
    assert_eq!(world.suite.head().await.sequence, before, "what is refused leaves nothing");

    let harmless = details(&format!("{SQL}{SCRIPT}")[..50], 107.365);
    let made = registered(&mut admin, 1, harmless.clone()).await;
    let seen = got(&mut admin, &made.camera_id, made.position).await;
    assert_eq!(seen.name, harmless.name, "a text is a text");
}

pub(crate) async fn texts_stay_in_the_vault(world: World) {
    let mut admin = world.administrator();
    let full = CameraDetails {
        address: "东街".into(),
        description: "朝东".into(),
        consent_document: "函".into(),
        ..details("张三家门口", 107.365)
    };
    registered(&mut admin, 10, full).await;
    import(&mut admin, &include_bytes!("cameras.xlsx")[..], false).await;
    let stream = world.suite.context().log.stream();
    for sequence in 1..=world.suite.head().await.sequence {
        let stored = stream.read_sequence(sequence).await.unwrap().unwrap();
        let all = format!("{:?} {}", stored.headers, String::from_utf8_lossy(&stored.payload));
        assert!(all.is_ascii(), "a text, which is not ASCII here, is in the log: {all}");
    }
}
