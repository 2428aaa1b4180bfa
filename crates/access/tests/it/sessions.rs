//! Sessions: how long they last, who ends them, another role.

use std::time::Duration;

use api::access::v1::{
    self, EndSessionRequest, EndSessionsRequest, ListSessionsRequest, RenewSessionRequest,
    RevokeRoleRequest, SwitchRoleRequest,
};
use kernel::Role;

use crate::{
    staff::{next_code, typed},
    world::{World, reason},
};

const RENEW: RenewSessionRequest = RenewSessionRequest {};

pub(crate) async fn a_session_is_renewed_until_its_end(world: World) {
    let (_, begun) = world.operator("li.jingyi").await;
    let mut token = begun.token.clone();
    let mut renewals = 0;
    loop {
        world.suite.clock().advance(Duration::from_mins(29));
        match world.holder(&token).renew_session(RENEW).await {
            Ok(renewed) => {
                let renewed = renewed.into_inner().session.unwrap();
                assert_eq!(renewed.session_ends_at, begun.session_ends_at);
                assert!(renewed.expires_at <= begun.session_ends_at, "no token outlives it");
                token = renewed.token;
                renewals += 1;
            }
            Err(status) => {
                assert_eq!(reason::<()>(Err(status)), "TOKEN_EXPIRED");
                break;
            }
        }
    }
    assert_eq!(renewals, 12 * 60 / 29, "for twelve hours");
    let old = world.holder(&begun.token).renew_session(RENEW).await;
    assert_eq!(reason(old), "TOKEN_EXPIRED");
    let mut other = world.caller(Role::Operator, "620821");
    assert_eq!(reason(other.renew_session(RENEW).await), "NO_SESSION");

    let (member, begun) = world.operator("zhao").await;
    let mut zhao = world.holder(&begun.token);
    let assignment = zhao
        .get_account(v1::GetAccountRequest::default())
        .await
        .unwrap()
        .into_inner()
        .roles
        .remove(0)
        .assignment_id;
    let revoke = RevokeRoleRequest {
        request_id: "v".into(),
        person_id: member.person.clone(),
        assignment_id: assignment,
    };
    world.security().revoke_role(revoke).await.unwrap();
    let gone = world.holder(&begun.token).renew_session(RENEW).await;
    assert_eq!(reason(gone), "TOKEN_REVOKED", "the role was taken back");
    next_code(&world);
    let refused = world.anybody().sign_in(typed(&world, &member)).await;
    assert_eq!(reason(refused), "NO_ROLE");
}

pub(crate) async fn sessions_are_ended_by_whom_they_concern(world: World) {
    let (member, first) = world.operator("li.jingyi").await;
    next_code(&world);
    let second = world.anybody().sign_in(typed(&world, &member)).await.unwrap().into_inner();
    let second = second.session.unwrap();
    next_code(&world);
    let third = world.anybody().sign_in(typed(&world, &member)).await.unwrap().into_inner();
    let third = third.session.unwrap();
    let (_, other) = world.operator("zhao").await;

    let end = |id: &str, session: &str| EndSessionRequest {
        request_id: id.into(),
        session_id: session.into(),
    };
    let mut li = world.holder(&first.token);
    let foreign = li.end_session(end("e0", &other.session_id)).await;
    assert_eq!(reason(foreign), "NOT_YOUR_OWN");
    li.end_session(end("e1", &second.session_id)).await.unwrap();
    let again = li.end_session(end("e2", &second.session_id)).await;
    assert_eq!(again.unwrap().into_inner().version, 2, "ended twice is ended once");
    let ended = world.holder(&second.token).renew_session(RENEW).await;
    assert_eq!(reason(ended), "TOKEN_REVOKED");

    let all = |person: &str| EndSessionsRequest {
        request_id: format!("all-{person}"),
        person_id: person.into(),
    };
    let out = li.end_sessions(all("")).await.unwrap().into_inner();
    assert_eq!(out.ended, 1, "all but the one that asks");
    li.renew_session(RENEW).await.unwrap();
    assert_eq!(reason(world.holder(&third.token).renew_session(RENEW).await), "TOKEN_REVOKED");
    assert_eq!(reason(li.end_sessions(all(&other.person_id)).await), "NOT_YOUR_OWN");
    let mut town = world.caller(Role::SecurityAdministrator, "620821101");
    assert_eq!(reason(town.end_sessions(all(&member.person)).await), "OUT_OF_SCOPE");
    let asked = |person: &str| ListSessionsRequest {
        person_id: person.into(),
        ..ListSessionsRequest::default()
    };
    let seen = world.security().list_sessions(asked(&member.person)).await.unwrap().into_inner();
    assert_eq!(seen.sessions.len(), 1);
    assert!(!seen.sessions[0].current);
    let outside = town.list_sessions(asked(&member.person)).await.unwrap().into_inner();
    assert!(outside.sessions.is_empty(), "a person of the county is none of a township's");
    assert_eq!(reason(li.list_sessions(asked(&other.person_id)).await), "NOT_YOUR_OWN");
    world.security().end_sessions(all(&member.person)).await.unwrap();
    assert_eq!(reason(li.renew_session(RENEW).await), "TOKEN_REVOKED");
    let mut zhao = world.holder(&other.token);
    zhao.end_session(end("e3", "")).await.unwrap();
    assert_eq!(reason(zhao.renew_session(RENEW).await), "TOKEN_REVOKED");
}

pub(crate) async fn a_person_goes_on_in_another_role(world: World) {
    let (member, first) = world.operator("li.jingyi").await;
    assert_eq!(first.roles, 1);
    next_code(&world);
    let supervises = world.gives("second", &member.person, v1::Role::Supervisor).await;
    let signed = world.anybody().sign_in(typed(&world, &member)).await.unwrap().into_inner();
    let signed = signed.session.unwrap();
    assert_eq!((signed.roles, signed.role()), (2, v1::Role::Operator), "the first that was given");
    world.suite.clock().advance(Duration::from_mins(20));
    let switch = |id: &str| SwitchRoleRequest { assignment_id: id.into() };
    let mut li = world.holder(&signed.token);
    let none = li.switch_role(switch("620821000000-none")).await;
    assert_eq!(reason(none), "NO_ROLE");
    let switched = li.switch_role(switch(&supervises)).await.unwrap().into_inner();
    let switched = switched.session.unwrap();
    assert_eq!(switched.role(), v1::Role::Supervisor);
    assert_eq!(switched.session_ends_at, signed.session_ends_at, "no time is won by it");
    assert_eq!(reason(li.renew_session(RENEW).await), "TOKEN_REVOKED");
    world.holder(&switched.token).renew_session(RENEW).await.unwrap();
    next_code(&world);
    let chosen = v1::SignInRequest { assignment_id: supervises, ..typed(&world, &member) };
    let chosen = world.anybody().sign_in(chosen).await.unwrap().into_inner().session.unwrap();
    assert_eq!(chosen.role(), v1::Role::Supervisor);
}
