//! One camera at a time.

use api::camera::v1::{
    CameraDetails, GetCameraRequest, ListCamerasRequest, PlaceKind, RegisterCameraRequest,
    RetireCameraRequest, RetireReason, UpdateCameraRequest,
};
use kernel::Role;
use platform::auth::scope::ScopeParts;

use crate::world::{
    ACROSS, EAST, NEXT_TOWN, WEST, World, all, at, details, fields, got, reason, register,
    registered,
};

pub(crate) async fn a_camera_is_registered_updated_and_retired(world: World) {
    let mut admin = world.administrator();
    let full = CameraDetails {
        address: "东街 1 号".into(),
        description: "朝向路口".into(),
        secrecy_adjacent: true,
        consent_document: "泾保函〔2026〕3号".into(),
        started_on: "2026-06-01".into(),
        operator_id: "620821000000-police".into(),
        ..details("东街口", 107.365)
    };
    let made = registered(&mut admin, 1, full.clone()).await;
    assert_eq!((made.version, made.warnings), (1, vec![]));
    assert_eq!(made.camera_id, "620821000000-62082101001320000001");
    let seen = got(&mut admin, &made.camera_id, made.position).await;
    assert_eq!((seen.name.as_str(), seen.address.as_str()), ("东街口", "东街 1 号"));
    assert_eq!((seen.division.as_str(), seen.grid.as_str()), ("620821101203", WEST));
    assert_eq!((seen.device_type.as_str(), seen.started_on.as_str()), ("ip_camera", "2026-06-01"));
    assert_eq!((seen.position, seen.retired, seen.secrecy_adjacent), (full.position, false, true));

    let update = |id: &str, details: CameraDetails| UpdateCameraRequest {
        request_id: id.into(),
        camera_id: made.camera_id.clone(),
        details: Some(details),
    };
    let same = admin.update_camera(update("u1", full.clone())).await.unwrap().into_inner();
    assert_eq!(same.version, 1, "what is so already is no event");
    let renamed = CameraDetails { name: "东街路口".into(), ..full.clone() };
    let renamed = admin.update_camera(update("u2", renamed)).await.unwrap().into_inner();
    let moved = CameraDetails { position: Some(at(107.395, 35.335)), ..full.clone() };
    let moved = admin.update_camera(update("u3", moved)).await.unwrap().into_inner();
    assert_eq!((renamed.version, moved.version), (2, 3));
    let seen = got(&mut admin, &made.camera_id, moved.position).await;
    assert_eq!((seen.name.as_str(), seen.grid.as_str()), ("东街口", ACROSS));
    let short = CameraDetails { retention_days: 29, ..full.clone() };
    assert_eq!(reason(admin.update_camera(update("u4", short)).await), "RETENTION_TOO_SHORT");

    let retire = |id: &str| RetireCameraRequest {
        request_id: id.into(),
        camera_id: made.camera_id.clone(),
        reason: RetireReason::Replaced.into(),
    };
    let gone = admin.retire_camera(retire("r1")).await.unwrap().into_inner();
    assert_eq!(admin.retire_camera(retire("r2")).await.unwrap().into_inner().version, gone.version);
    assert!(got(&mut admin, &made.camera_id, gone.position.clone()).await.retired);
    let ask = ListCamerasRequest { min_position: gone.position, ..Default::default() };
    assert!(all(&mut admin, ask).await.is_empty(), "a list is of what is in the register");
    assert_eq!(reason(admin.update_camera(update("u5", full.clone())).await), "CAMERA_RETIRED");
    assert_eq!(reason(admin.register_camera(register("r", 1, full)).await), "CAMERA_RETIRED");

    let world = World { suite: world.suite.restart_without_databases().await };
    let mut rebuilt = world.administrator();
    assert!(got(&mut rebuilt, &made.camera_id, None).await.retired);
}

pub(crate) async fn an_id_is_registered_once(world: World) {
    let mut admin = world.administrator();
    let first = registered(&mut admin, 1, details("甲", 107.365)).await;
    assert_eq!(registered(&mut admin, 1, details("甲", 107.365)).await, first, "a retry");
    let other = register("register-1", 1, details("乙", 107.365));
    assert_eq!(reason(admin.register_camera(other).await), "REQUEST_ID_REUSED");
    let elsewhere = register("again", 1, details("甲", 107.505));
    assert_eq!(reason(admin.register_camera(elsewhere).await), "CAMERA_ALREADY_REGISTERED");
    let same = admin.register_camera(register("same", 1, details("甲", 107.365))).await.unwrap();
    assert_eq!(same.into_inner().version, 1);

    // Many at once: one wins, and its facts stand.
    let asks = (0..8_i32).map(|number| {
        let mut admin = admin.clone();
        let place = 107.361 + f64::from(number) / 1_000.0;
        let ask = register(&format!("race-{number}"), 2, details("丙", place));
        async move { admin.register_camera(ask).await.map_err(|no| reason(Err::<(), _>(no))) }
    });
    let answers = futures::future::join_all(asks).await;
    let refused = answers.iter().filter_map(|answer| answer.as_ref().err());
    assert!(refused.clone().all(|reason| reason == "CAMERA_ALREADY_REGISTERED"));
    assert_eq!(refused.count(), 7);
}

pub(crate) async fn a_scope_sees_its_cameras(world: World) {
    let mut admin = world.administrator();
    let police = |details| CameraDetails { operator_id: "620821000000-police".into(), ..details };
    registered(&mut admin, 1, police(details("西", 107.365))).await;
    registered(&mut admin, 2, details("东", 107.375)).await;
    registered(&mut admin, 3, details("对面", 107.395)).await;
    registered(&mut admin, 4, police(details("邻镇", 107.505))).await;
    let min_position = world.head().await;
    let ask = ListCamerasRequest { min_position, page_size: 1, ..Default::default() };
    let names = |cameras: Vec<api::camera::v1::Camera>| -> Vec<String> {
        cameras.into_iter().map(|camera| camera.name).collect()
    };
    assert_eq!(names(all(&mut admin, ask.clone()).await), ["西", "东", "对面", "邻镇"]);
    let village = ListCamerasRequest { division: "620821101203".into(), ..ask.clone() };
    assert_eq!(names(all(&mut admin, village.clone()).await), ["西", "东"]);
    let grid = ListCamerasRequest { grid: EAST.into(), ..ask.clone() };
    assert_eq!(names(all(&mut admin, grid).await), ["东"]);

    let mut town = world.caller(Role::Operator, "620821101");
    assert_eq!(names(all(&mut town, ask.clone()).await), ["西", "东", "对面"]);
    assert_eq!(names(all(&mut town, village).await), ["西", "东"]);
    let next = ListCamerasRequest { division: "620821102".into(), ..ask.clone() };
    assert_eq!(reason(town.list_cameras(next.clone()).await), "OUT_OF_SCOPE");
    let foreign = GetCameraRequest {
        camera_id: "620821000000-62082101001320000004".into(),
        min_position: None,
    };
    assert_eq!(reason(town.get_camera(foreign.clone()).await), "CAMERA_NOT_FOUND");

    let scope = ScopeParts { grid: Some(EAST.parse().unwrap()), ..Default::default() };
    let mut member = world.scoped(Role::GridMember, scope);
    assert_eq!(names(all(&mut member, ask.clone()).await), ["东"]);
    let clerk = ScopeParts {
        division: Some("620821".parse().unwrap()),
        org: Some("620821000000-police".parse().unwrap()),
        ..Default::default()
    };
    let mut clerk = world.scoped(Role::DepartmentClerk, clerk);
    assert_eq!(names(all(&mut clerk, ask.clone()).await), ["西", "邻镇"]);
    assert_eq!(names(all(&mut clerk, next).await), ["邻镇"]);
    assert!(clerk.get_camera(foreign).await.is_ok());
    let mut resident = world.scoped(Role::Resident, ScopeParts::default());
    assert_eq!(reason(resident.list_cameras(ask.clone()).await), "ROLE_NOT_ALLOWED");
    let mut portal = world.caller(Role::Integrator, "620821");
    assert_eq!(reason(portal.list_cameras(ask).await), "ROLE_NOT_ALLOWED");

    let mut clerk_of_town = world.caller(Role::Administrator, "620821101");
    let abroad = register("abroad", 5, details("越界", 107.505));
    assert_eq!(reason(clerk_of_town.register_camera(abroad).await), "OUT_OF_SCOPE");
    let own = register("own", 5, details("本镇", 107.375));
    assert!(clerk_of_town.register_camera(own).await.is_ok());
}

pub(crate) async fn a_camera_stands_where_its_position_says(world: World) {
    let mut admin = world.administrator();
    let mut serial = 0;
    // Division and grid as stated, the position; then where it stands, and what is warned of.
    for (division, grid, longitude, stands, warned) in [
        ("", "", 107.365, (WEST, "620821101203"), &[][..]),
        ("620821101", "", 107.375, (EAST, "620821101203"), &[]),
        ("", EAST, 107.365, (EAST, "620821101203"), &[]),
        ("", "", 107.385, ("", "620821101"), &["OUTSIDE_GRIDS"]),
        ("620821102", "", 107.365, ("", "620821102"), &["OUTSIDE_GRIDS"]),
        ("620821", "", 107.0, ("", "620821"), &["OUTSIDE_GRIDS"]),
        ("620821102200", NEXT_TOWN, 107.505, (NEXT_TOWN, "620821102200"), &[]),
    ] {
        serial += 1;
        let stated = CameraDetails {
            division: division.into(),
            grid: grid.into(),
            ..details("某处", longitude)
        };
        let made = registered(&mut admin, serial, stated).await;
        let codes: Vec<&str> = made.warnings.iter().map(|w| w.code.as_str()).collect();
        assert_eq!(codes, warned, "{division} {grid} {longitude}");
        let seen = got(&mut admin, &made.camera_id, made.position).await;
        assert_eq!((&*seen.grid, &*seen.division), stands, "{division} {grid} {longitude}");
    }
    for (division, grid, longitude, wrong) in [
        ("", "", 107.0, "details.position"),
        ("620821103", "", 107.365, "details.division"),
        ("620822", "", 107.365, "details.division"),
        ("", "620821101203009", 107.365, "details.grid"),
        ("620821102", WEST, 107.365, "details.grid"),
    ] {
        let stated = CameraDetails {
            division: division.into(),
            grid: grid.into(),
            ..details("某处", longitude)
        };
        let answer = admin.register_camera(register("no", 99, stated)).await;
        assert_eq!(fields(answer), [wrong], "{division} {grid} {longitude}");
    }
    let foreign = RegisterCameraRequest {
        gb_id: "11010101001310000001".into(),
        ..register("foreign", 0, CameraDetails { signage: false, ..details("外来", 107.365) })
    };
    let made = admin.register_camera(foreign).await.unwrap().into_inner();
    let codes: Vec<&str> = made.warnings.iter().map(|w| w.code.as_str()).collect();
    assert_eq!(codes, ["GB_DIVISION_DIFFERS", "SIGNAGE_MISSING"]);
    let household = CameraDetails {
        place_kind: PlaceKind::HouseholdEntrance.into(),
        ..details("农户", 107.365)
    };
    let refused = admin.register_camera(register("h", 88, household.clone())).await;
    assert_eq!(reason(refused), "HOUSEHOLD_CONSENT_MISSING");
    let agreed = CameraDetails { consent_document: "同意书 12".into(), ..household };
    assert!(admin.register_camera(register("h2", 88, agreed)).await.is_ok());
}
