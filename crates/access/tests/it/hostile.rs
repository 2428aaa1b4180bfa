//! What callers send by mistake or on purpose.

use api::access::v1;

use crate::world::{World, fields, organisation, person, reason, role};

const SQL: &str = "'; DROP TABLE people__v1; --";
const SCRIPT: &str = "<script>alert(1)</script>";

pub(crate) async fn every_command_names_its_wrong_fields(world: World) {
    let (mut admin, mut security) = (world.administrator(), world.security());
    let empty = admin.register_person(v1::RegisterPersonRequest::default()).await;
    assert_eq!(fields(empty), ["request_id", "division", "name"]);
    let wrong = v1::RegisterPersonRequest {
        request_id: "a b".into(),
        division: "620822".into(),
        name: "\u{202e}长".repeat(40),
        phone: SQL.into(),
        organisation_id: "620821101000-A.>".into(),
    };
    let wrong = fields(admin.register_person(wrong).await);
    assert_eq!(wrong, ["request_id", "division", "name", "name", "phone", "organisation_id"]);

    let empty = admin.register_organisation(v1::RegisterOrganisationRequest::default()).await;
    assert_eq!(fields(empty), ["request_id", "division", "kind", "name"]);
    let wrong = v1::RegisterOrganisationRequest {
        kind: SQL.into(),
        name: "\0".into(),
        ..organisation("w", "62082110")
    };
    assert_eq!(fields(admin.register_organisation(wrong).await), ["division", "kind", "name"]);

    let empty = admin.close_organisation(v1::CloseOrganisationRequest::default()).await;
    assert_eq!(fields(empty), ["request_id", "organisation_id"]);
    let empty = security.assign_role(v1::AssignRoleRequest::default()).await;
    assert_eq!(fields(empty), ["request_id", "person_id", "role"]);
    let wrong = v1::AssignRoleRequest {
        role: 99,
        grid: SQL.into(),
        organisation_id: SCRIPT.into(),
        from: -1,
        until: -1,
        ..role("w", "620822000000-p", SCRIPT)
    };
    let wrong = fields(security.assign_role(wrong).await);
    let all = ["person_id", "role", "grid", "division", "organisation_id", "from", "until"];
    assert_eq!(wrong, all);
    let misfit = v1::AssignRoleRequest {
        grid: "620821101203001".into(),
        ..role("w", "620821000000-p", "620821")
    };
    assert_eq!(fields(security.assign_role(misfit).await), ["grid"], "an operator has no grid");
    let empty = security.revoke_role(v1::RevokeRoleRequest::default()).await;
    assert_eq!(fields(empty), ["request_id", "person_id", "assignment_id"]);

    let wrong = v1::ListOrganisationsRequest {
        page_size: -1,
        page_token: SQL.into(),
        kind: SQL.into(),
        division: SQL.into(),
        ..Default::default()
    };
    let wrong = fields(admin.list_organisations(wrong).await);
    assert_eq!(wrong, ["kind", "division", "page_size", "page_token"]);
    let wrong =
        v1::ListAssignmentsRequest { person_id: SQL.into(), role: -7, ..Default::default() };
    assert_eq!(fields(admin.list_assignments(wrong).await), ["person_id", "role"]);
    assert_eq!(world.suite.head().await.sequence, 0, "what is refused leaves nothing in the log");

    let harmless = v1::RegisterOrganisationRequest {
        name: format!("{SQL}{}", &SCRIPT[..8]),
        ..organisation("harmless", "620821101")
    };
    let made = admin.register_organisation(harmless.clone()).await.unwrap().into_inner();
    let ask = v1::ListOrganisationsRequest { min_position: made.position, ..Default::default() };
    let listed = admin.list_organisations(ask).await.unwrap().into_inner().organisations;
    assert_eq!(listed[0].name, harmless.name, "a text is a text");
}

pub(crate) async fn a_request_id_is_one_request(world: World) {
    let (mut admin, mut security) = (world.administrator(), world.security());
    let first = admin.register_person(person("p", "620821101")).await.unwrap().into_inner();
    let again = admin.register_person(person("p", "620821101")).await.unwrap().into_inner();
    assert_eq!(first, again);
    let other = v1::RegisterPersonRequest { name: "王明".into(), ..person("p", "620821101") };
    assert_eq!(reason(admin.register_person(other).await), "REQUEST_ID_REUSED");

    let given = role("r", &first.person_id, "620821101");
    let one = security.assign_role(given.clone()).await.unwrap().into_inner();
    world.suite.clock().advance(std::time::Duration::from_secs(5));
    assert_eq!(security.assign_role(given).await.unwrap().into_inner(), one);
    let other = role("r", &first.person_id, "620821102");
    assert_eq!(reason(security.assign_role(other).await), "REQUEST_ID_REUSED");
    assert_eq!(world.suite.head().await.sequence, 2);
}
