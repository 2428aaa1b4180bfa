//! The register of grids.

use api::grid::v1::{
    AssignMemberRequest, GetGridRequest, GridKind, ListGridsRequest, MemberDuty,
    RelieveMemberRequest,
};
use kernel::Role;
use platform::auth::scope::ScopeParts;
use serde_json::json;

use crate::{
    drawing::{self, ACROSS, HOLED, NEXT_TOWN, SHIFTED},
    world::{Client, World, import_divisions, import_grids, reason},
};

async fn codes(client: &mut Client, ask: ListGridsRequest) -> Vec<String> {
    let grids = client.list_grids(ask).await.unwrap().into_inner().grids;
    grids.into_iter().map(|grid| grid.grid).collect()
}

pub(crate) async fn grids_are_imported_once(world: World) {
    let mut admin = world.administrator();
    let file = drawing::collection(&drawing::six());
    let too_early = import_grids(&mut admin, file.clone(), false).await;
    assert_eq!((too_early.written, too_early.errors.len()), (0, 6));
    assert!(too_early.errors[0].reason_en.contains("import the divisions first"));

    import_divisions(&mut admin, drawing::VILLAGES, false).await;
    let checked = import_grids(&mut admin, file.clone(), true).await;
    assert_eq!((checked.rows, checked.written, checked.errors), (6, 0, vec![]));
    let part = drawing::collection(&drawing::six()[..3]);
    assert_eq!(import_grids(&mut admin, part, false).await.written, 3);
    let rest = import_grids(&mut admin, file.clone(), false).await;
    assert_eq!((rest.rows, rest.written), (6, 3), "only what was missing is written");
    assert_eq!(import_grids(&mut admin, file, false).await.written, 0);

    let mut redrawn = drawing::six();
    redrawn[1]["geometry"]["coordinates"] =
        json!([drawing::rectangle(107.37, 35.33, 107.38, 35.339)]);
    let refused = import_grids(&mut admin, drawing::collection(&redrawn), false).await;
    let at: Vec<_> = refused.errors.iter().map(|e| (e.row, e.column.as_str())).collect();
    assert_eq!((refused.written, at), (0, vec![(2, "code")]));

    let ask = ListGridsRequest { min_position: rest.position, page_size: 4, ..Default::default() };
    let first = admin.list_grids(ask.clone()).await.unwrap().into_inner();
    let names: Vec<&str> = first.grids.iter().map(|grid| grid.name.as_str()).collect();
    assert_eq!(names, ["官村一组", "官村二组", "官村三组", "玉都村一组"]);
    assert!(first.grids.iter().all(|grid| grid.kind() == GridKind::Rural));
    let second = ListGridsRequest { page_token: first.next_page_token, ..ask };
    assert_eq!(codes(&mut admin, second).await, [NEXT_TOWN, SHIFTED]);

    let got = GetGridRequest { grid: HOLED.into(), min_position: None };
    let got = admin.get_grid(got).await.unwrap().into_inner();
    assert_eq!(got.boundary.iter().map(|ring| ring.points.len()).collect::<Vec<_>>(), [4, 4]);
    let corner = &got.boundary[0].points[0];
    assert_eq!((corner.longitude, corner.latitude), (107.36, 35.33));
}

pub(crate) async fn a_list_draws_its_grids(world: World) {
    let mut admin = world.administrator();
    import_divisions(&mut admin, drawing::VILLAGES, false).await;
    let done = import_grids(&mut admin, drawing::collection(&drawing::six()), false).await;
    let ask = ListGridsRequest { min_position: done.position, ..Default::default() };
    let bare = admin.list_grids(ask.clone()).await.unwrap().into_inner().grids;
    assert!(bare.iter().all(|grid| grid.boundary.is_empty()), "only when it is asked for");
    let drawn = ListGridsRequest { boundaries: true, ..ask };
    let all = admin.list_grids(drawn.clone()).await.unwrap().into_inner().grids;
    assert_eq!(all.len(), 6);
    for grid in &all {
        let ask = GetGridRequest { grid: grid.grid.clone(), min_position: None };
        let one = admin.get_grid(ask).await.unwrap().into_inner();
        assert_eq!(grid.boundary, one.boundary, "{}", grid.grid);
        assert!(!grid.boundary.is_empty());
    }
    let mut village = world.caller(Role::Operator, "620821101204");
    let seen = village.list_grids(drawn).await.unwrap().into_inner().grids;
    let seen: Vec<_> = seen.iter().map(|grid| (grid.grid.as_str(), grid.boundary.len())).collect();
    assert_eq!(seen, [(ACROSS, 1)], "a scope sees its own");
}

pub(crate) async fn a_grid_is_created_and_served(world: World) {
    let mut admin = world.administrator();
    let create = crate::hostile::create("c1", HOLED);
    assert_eq!(reason(admin.create_grid(create.clone()).await), "UNKNOWN_VILLAGE");
    import_divisions(&mut admin, drawing::VILLAGES, false).await;
    let create = api::grid::v1::CreateGridRequest { request_id: "c2".into(), ..create };
    assert_eq!(admin.create_grid(create.clone()).await.unwrap().into_inner().version, 1);
    let mut moved = create.clone();
    moved.request_id = "c3".into();
    moved.boundary[0].points[0].longitude -= 0.001;
    assert_eq!(reason(admin.create_grid(moved).await), "GRID_ALREADY_EXISTS");

    let (li, wang) = (world.suite.person(1).to_string(), world.suite.person(2).to_string());
    let assign = |id: &str, grid: &str, person: &str, duty: MemberDuty| AssignMemberRequest {
        request_id: id.into(),
        grid: grid.into(),
        person_id: person.into(),
        duty: duty.into(),
    };
    let relieve = |id: &str, person: &str| RelieveMemberRequest {
        request_id: id.into(),
        grid: HOLED.into(),
        person_id: person.into(),
    };
    let nowhere = admin.assign_member(assign("a0", ACROSS, &li, MemberDuty::Chief)).await;
    assert_eq!(reason(nowhere), "UNKNOWN_GRID");
    admin.assign_member(assign("a1", HOLED, &li, MemberDuty::FullTime)).await.unwrap();
    admin.assign_member(assign("a2", HOLED, &wang, MemberDuty::Auxiliary)).await.unwrap();
    let same = admin.assign_member(assign("a3", HOLED, &li, MemberDuty::FullTime)).await.unwrap();
    assert_eq!(same.into_inner().version, 3, "already so");
    let chief = admin.assign_member(assign("a4", HOLED, &li, MemberDuty::Chief)).await.unwrap();
    assert_eq!(
        reason(admin.relieve_member(relieve("r0", &world.suite.person(3).to_string())).await),
        "NOT_A_MEMBER"
    );

    let get = |min_position| GetGridRequest { grid: HOLED.into(), min_position };
    let shown = admin.get_grid(get(chief.into_inner().position)).await.unwrap().into_inner();
    let shown = shown.grid.unwrap();
    assert_eq!((shown.name.as_str(), shown.version), ("手绘网格", 4));
    assert_eq!((shown.division.as_str(), shown.kind()), ("620821101203", GridKind::Dedicated));
    let members: Vec<_> = shown.members.iter().map(|m| (&m.person_id, m.duty())).collect();
    assert_eq!(members, [(&li, MemberDuty::Chief), (&wang, MemberDuty::Auxiliary)]);
    let gone = admin.relieve_member(relieve("r1", &wang)).await.unwrap().into_inner();
    assert_eq!(admin.relieve_member(relieve("r2", &wang)).await.unwrap().into_inner().version, 5);
    let shown = admin.get_grid(get(gone.position)).await.unwrap().into_inner();
    assert_eq!(shown.grid.unwrap().members.len(), 1);
}

pub(crate) async fn a_scope_sees_its_grids(world: World) {
    let mut admin = world.administrator();
    import_divisions(&mut admin, drawing::VILLAGES, false).await;
    import_grids(&mut admin, drawing::collection(&drawing::six()), false).await;
    let ask = ListGridsRequest { min_position: world.head().await, ..Default::default() };
    let within = |division: &str| ListGridsRequest { division: division.into(), ..ask.clone() };

    let mut town = world.caller(Role::Supervisor, "620821102");
    assert_eq!(codes(&mut town, ask.clone()).await, [NEXT_TOWN, SHIFTED]);
    assert_eq!(reason(town.list_grids(within("620821101")).await), "OUT_OF_SCOPE");
    let foreign = GetGridRequest { grid: HOLED.into(), min_position: None };
    assert_eq!(reason(town.get_grid(foreign.clone()).await), "OUT_OF_SCOPE");
    assert_eq!(codes(&mut admin, within("620821101204")).await, [ACROSS]);
    assert_eq!(codes(&mut admin, within("620821101")).await.len(), 4);

    let grid = ScopeParts { grid: Some(HOLED.parse().unwrap()), ..Default::default() };
    let mut member = world.scoped(Role::GridMember, grid);
    assert_eq!(codes(&mut member, ask.clone()).await, [HOLED]);
    assert!(member.get_grid(foreign).await.is_ok());
    let clerk = ScopeParts {
        division: Some("620821102".parse().unwrap()),
        org: Some("620821000000-water".parse().unwrap()),
        grid: None,
    };
    let mut clerk = world.scoped(Role::DepartmentClerk, clerk);
    assert_eq!(codes(&mut clerk, ask.clone()).await, [NEXT_TOWN, SHIFTED]);
    let none = GetGridRequest { grid: "620821102200009".into(), min_position: None };
    assert_eq!(reason(clerk.get_grid(none).await), "UNKNOWN_GRID");

    let mut town = world.caller(Role::Administrator, "620821101");
    let create = crate::hostile::create("c", SHIFTED);
    assert_eq!(reason(town.create_grid(create).await), "OUT_OF_SCOPE");
    let whole = api::grid::v1::ImportGridsRequest {
        request_id: "i".into(),
        geojson: drawing::collection(&drawing::six()),
        dry_run: true,
    };
    assert_eq!(reason(town.import_grids(whole).await), "OUT_OF_SCOPE");
    let mut operator = world.caller(Role::Operator, "620821");
    let create = crate::hostile::create("c", SHIFTED);
    assert_eq!(reason(operator.create_grid(create).await), "ROLE_NOT_ALLOWED");
}
