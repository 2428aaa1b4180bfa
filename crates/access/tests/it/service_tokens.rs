//! Tokens of portals.

use std::time::Duration;

use api::access::v1::{
    CreateServiceTokenRequest, EnrolResidentRequest, ListServiceTokensRequest,
    RevokeServiceTokenRequest, RotateServiceTokenRequest,
};
use kernel::Role;
use testkit::until;

use crate::world::{World, fields, reason};

/// Integrators may call it, and access serves it: a portal's token is tried on it.
const TRIED: &str = "/weft.access.v1.AccessService/EnrolResident";

fn create(name: &str, division: &str) -> CreateServiceTokenRequest {
    CreateServiceTokenRequest {
        request_id: format!("create-{name}"),
        name: name.into(),
        division: division.into(),
        methods: vec![TRIED.into(), "/weft.intake.v1.IntakeService/ReportCase".into()],
        ttl_seconds: 86_400,
    }
}

fn rotate(id: &str, token: &str, overlap: i64) -> RotateServiceTokenRequest {
    RotateServiceTokenRequest {
        request_id: id.into(),
        service_token_id: token.into(),
        overlap_seconds: Some(overlap),
    }
}

/// What becomes of a token at a method that is none of its own: it is let in, or was taken back.
async fn verdict(world: &World, token: &str) -> String {
    let ask = api::access::v1::ListAssignmentsRequest::default();
    reason(world.holder(token).list_assignments(ask).await)
}

pub(crate) async fn a_token_is_replaced_without_a_gap(world: World) {
    let mut security = world.security();
    let made = security.create_service_token(create("portal", "620821101")).await.unwrap();
    let made = made.into_inner();
    assert_eq!(made.service_token_id, "620821101000-portal");
    assert_eq!(verdict(&world, &made.token).await, "ROLE_NOT_ALLOWED");
    let again = security.create_service_token(create("portal", "620821101")).await.unwrap();
    assert_eq!(again.into_inner().token, "", "a token is answered once");
    let other =
        CreateServiceTokenRequest { request_id: "x".into(), ..create("portal", "620821101") };
    assert_eq!(reason(security.create_service_token(other).await), "SERVICE_TOKEN_EXISTS");

    let id = made.service_token_id.clone();
    let new = security.rotate_service_token(rotate("r1", &id, 60)).await.unwrap().into_inner();
    assert_ne!(new.token, made.token);
    for token in [&made.token, &new.token] {
        assert_eq!(verdict(&world, token).await, "ROLE_NOT_ALLOWED", "both are taken");
    }
    world.suite.clock().advance(Duration::from_secs(61));
    until("the old one is over", || async {
        verdict(&world, &made.token).await == "TOKEN_REVOKED"
    })
    .await;
    assert_eq!(verdict(&world, &new.token).await, "ROLE_NOT_ALLOWED");

    let last = security.rotate_service_token(rotate("r2", &id, 3_600)).await.unwrap().into_inner();
    let take = RevokeServiceTokenRequest { request_id: "t".into(), service_token_id: id.clone() };
    let taken = security.revoke_service_token(take).await.unwrap().into_inner();
    until("all are over", || async {
        let (one, two) = (verdict(&world, &new.token).await, verdict(&world, &last.token).await);
        one == "TOKEN_REVOKED" && two == one
    })
    .await;
    let dead = security.rotate_service_token(rotate("r3", &id, 60)).await;
    assert_eq!(reason(dead), "SERVICE_TOKEN_REVOKED");

    let ask = ListServiceTokensRequest { min_position: taken.position, ..Default::default() };
    let listed = security.list_service_tokens(ask).await.unwrap().into_inner().service_tokens;
    assert_eq!(listed.len(), 1);
    let one = &listed[0];
    assert_eq!((one.generation, one.revoked, one.methods.len()), (3, true, 2));
    drop(security);
    let world = World { suite: world.suite.restart().await };
    assert_eq!(verdict(&world, &last.token).await, "TOKEN_REVOKED");
}

pub(crate) async fn a_token_is_for_its_methods_and_division(world: World) {
    let mut town = world.caller(Role::SecurityAdministrator, "620821101");
    let wider = town.create_service_token(create("wide", "620821")).await;
    assert_eq!(reason(wider), "OUT_OF_SCOPE");
    let mut admin = world.administrator();
    let refused = admin.create_service_token(create("admin", "620821101")).await;
    assert_eq!(reason(refused), "ROLE_NOT_ALLOWED");
    let empty = town.create_service_token(CreateServiceTokenRequest::default()).await;
    assert_eq!(fields(empty), ["request_id", "name", "division", "methods"]);
    for methods in [
        vec!["/weft.access.v1.AccessService/AssignRole".to_owned()],
        vec!["/weft.intake.v1.IntakeService/Nothing".to_owned()],
        vec!["/weft.intake.v1.IntakeService/*".to_owned()],
        vec![TRIED.to_owned(); 33],
    ] {
        let wrong = CreateServiceTokenRequest { methods, ..create("wrong", "620821101") };
        assert_eq!(fields(town.create_service_token(wrong).await), ["methods"]);
    }
    let wrong = CreateServiceTokenRequest {
        name: "Portal!".into(),
        ttl_seconds: 401 * 86_400,
        ..create("n", "620821101")
    };
    assert_eq!(fields(town.create_service_token(wrong).await), ["name", "ttl_seconds"]);
    let nobody = town.rotate_service_token(rotate("r", "620821101000-none", 60)).await;
    assert_eq!(reason(nobody), "SERVICE_TOKEN_UNKNOWN");

    let made = town.create_service_token(create("good", "620821101")).await.unwrap().into_inner();
    let mut portal = world.holder(&made.token);
    portal.enrol_resident(EnrolResidentRequest {}).await.unwrap();
    let mut county = world.security();
    let ask = || ListServiceTokensRequest::default();
    let least = ListServiceTokensRequest { min_position: made.position, ..ask() };
    assert_eq!(
        county.list_service_tokens(least).await.unwrap().into_inner().service_tokens.len(),
        1
    );
    let mut elsewhere = world.caller(Role::SecurityAdministrator, "620821102");
    let seen = elsewhere.list_service_tokens(ask()).await.unwrap().into_inner();
    assert!(seen.service_tokens.is_empty());
}
