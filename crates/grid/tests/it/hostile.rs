//! What callers send by mistake or on purpose, and what must not get out.

use api::{
    common::v1::{Crs, GeoPosition},
    grid::v1::{self, CreateGridRequest, GridKind, Ring},
};

use crate::{
    drawing::{self, HOLED},
    world::{COUNTY, World, fields, import_divisions, import_grids, reason},
};

const SQL: &str = "'; DROP TABLE grids__v1; --";
const SCRIPT: &str = "<script>alert(1)</script>";

fn ring(points: &[(f64, f64)]) -> Ring {
    let point = |(longitude, latitude): &(f64, f64)| GeoPosition {
        longitude: *longitude,
        latitude: *latitude,
        crs: Crs::Wgs84.into(),
    };
    Ring { points: points.iter().map(point).collect() }
}

pub(crate) fn create(id: &str, grid: &str) -> CreateGridRequest {
    CreateGridRequest {
        request_id: id.into(),
        grid: grid.into(),
        name: "手绘网格".into(),
        kind: GridKind::Dedicated.into(),
        boundary: vec![ring(&[(107.36, 35.33), (107.37, 35.33), (107.37, 35.34)])],
    }
}

pub(crate) async fn every_command_names_its_wrong_fields(world: World) {
    let mut admin = world.administrator();
    let empty = admin.create_grid(CreateGridRequest::default()).await;
    assert_eq!(fields(empty), ["request_id", "grid", "name", "kind", "boundary"]);
    let wrong = CreateGridRequest {
        request_id: SCRIPT.into(),
        grid: "620822101203001".into(),
        name: "\u{1b}[2J".repeat(60),
        kind: 77,
        boundary: vec![ring(&[(f64::NAN, 35.33), (107.37, 35.33), (107.37, 35.34)])],
    };
    let wrong = fields(admin.create_grid(wrong).await);
    assert_eq!(wrong, ["request_id", "grid", "name", "name", "kind", "boundary"]);
    let line = vec![ring(&[(107.36, 35.33), (107.37, 35.33)])];
    let line = CreateGridRequest { boundary: line, ..create("w", HOLED) };
    assert_eq!(fields(admin.create_grid(line).await), ["boundary"]);
    let mut mixed = create("w", HOLED);
    mixed.boundary[0].points[1].crs = Crs::Gcj02.into();
    assert_eq!(fields(admin.create_grid(mixed).await), ["boundary"]);

    let empty = admin.assign_member(v1::AssignMemberRequest::default()).await;
    assert_eq!(fields(empty), ["request_id", "grid", "person_id", "duty"]);
    let wrong = v1::RelieveMemberRequest {
        request_id: "a/b".into(),
        grid: SQL.into(),
        person_id: SCRIPT.into(),
    };
    assert_eq!(fields(admin.relieve_member(wrong).await), ["request_id", "grid", "person_id"]);
    let empty = admin.import_divisions(v1::ImportDivisionsRequest::default()).await;
    assert_eq!(fields(empty), ["request_id", "csv"]);
    let empty = admin.import_grids(v1::ImportGridsRequest::default()).await;
    assert_eq!(fields(empty), ["request_id", "geojson"]);
    let wrong = v1::GetGridRequest { grid: SQL.into(), min_position: None };
    assert_eq!(fields(admin.get_grid(wrong).await), ["grid"]);
    let wrong = v1::ListGridsRequest {
        page_size: -1,
        page_token: SCRIPT.into(),
        division: SQL.into(),
        ..Default::default()
    };
    let wrong = fields(admin.list_grids(wrong).await);
    assert_eq!(wrong, ["division", "page_size", "page_token"]);
    let wrong = v1::ListDivisionsRequest { parent: SQL.into(), ..Default::default() };
    assert_eq!(fields(admin.list_divisions(wrong).await), ["parent"]);
    assert_eq!(world.suite.head().await.sequence, 0, "what is refused leaves nothing in the log");

    import_divisions(&mut admin, drawing::VILLAGES, false).await;
    let harmless = CreateGridRequest { name: format!("{SQL}{SCRIPT}"), ..create("h", HOLED) };
    let made = admin.create_grid(harmless.clone()).await.unwrap().into_inner();
    let ask = v1::GetGridRequest { grid: HOLED.into(), min_position: made.position };
    let shown = admin.get_grid(ask).await.unwrap().into_inner().grid.unwrap();
    assert_eq!(shown.name, harmless.name, "a text is a text");
}

pub(crate) async fn a_request_id_is_one_request(world: World) {
    let mut admin = world.administrator();
    import_divisions(&mut admin, drawing::VILLAGES, false).await;
    let before = world.suite.head().await.sequence;
    let first = admin.create_grid(create("c", HOLED)).await.unwrap().into_inner();
    assert_eq!(admin.create_grid(create("c", HOLED)).await.unwrap().into_inner(), first);
    let other = CreateGridRequest { name: "另一名称".into(), ..create("c", HOLED) };
    assert_eq!(reason(admin.create_grid(other).await), "REQUEST_ID_REUSED");

    let person_id = world.suite.person(1).to_string();
    let assign = |duty: v1::MemberDuty| v1::AssignMemberRequest {
        request_id: "a".into(),
        grid: HOLED.into(),
        person_id: person_id.clone(),
        duty: duty.into(),
    };
    let one = admin.assign_member(assign(v1::MemberDuty::Chief)).await.unwrap().into_inner();
    let again = admin.assign_member(assign(v1::MemberDuty::Chief)).await.unwrap().into_inner();
    assert_eq!(one, again);
    let other = admin.assign_member(assign(v1::MemberDuty::FullTime)).await;
    assert_eq!(reason(other), "REQUEST_ID_REUSED");
    assert_eq!(world.suite.head().await.sequence, before + 2);
}

pub(crate) async fn names_stay_in_the_vault(world: World) {
    let mut admin = world.administrator();
    import_divisions(&mut admin, COUNTY, false).await;
    import_divisions(&mut admin, drawing::VILLAGES, false).await;
    import_grids(&mut admin, drawing::collection(&drawing::six()), false).await;
    admin.create_grid(create("c", "620821101203009")).await.unwrap();
    let stream = world.suite.context().log.stream();
    let end = world.suite.head().await.sequence;
    assert!(end > 237);
    for sequence in 1..=end {
        let stored = stream.read_sequence(sequence).await.unwrap().unwrap();
        let all = format!("{:?} {}", stored.headers, String::from_utf8_lossy(&stored.payload));
        assert!(all.is_ascii(), "a name, which is not ASCII here, is in the log: {all}");
    }
}
