//! Tokens that are over before they end.

use std::time::Duration;

use api::access::v1::{
    self, CreateSignInLinkRequest, ListAssignmentsRequest, RevokeRoleRequest, Role as Word,
    UseSignInLinkRequest,
};
use contracts::access::ScopeKind;
use kernel::Role;
use platform::auth::scope::ScopeParts;
use testkit::until;
use tokio::time::Instant;

use crate::world::{Client, World, reason, role};

const LI: &str = "620821101000-li";

fn operator() -> (Role, ScopeKind, ScopeParts) {
    let scope = ScopeParts { division: "620821101".parse().ok(), ..Default::default() };
    (Role::Operator, ScopeKind::Division, scope)
}

async fn signed_in(world: &World, security: &mut Client, id: &str) -> v1::UseSignInLinkResponse {
    let link = CreateSignInLinkRequest {
        request_id: id.into(),
        person_id: LI.into(),
        role: Word::Operator.into(),
        division: "620821101".into(),
        ..Default::default()
    };
    let code = security.create_sign_in_link(link).await.unwrap().into_inner().code;
    world.anybody().use_sign_in_link(UseSignInLinkRequest { code }).await.unwrap().into_inner()
}

async fn asks(client: &mut Client) -> Result<(), String> {
    let answer = client.list_assignments(ListAssignmentsRequest::default()).await;
    match answer {
        Ok(_) => Ok(()),
        refused => Err(reason(refused)),
    }
}

pub(crate) async fn a_role_that_is_taken_takes_its_tokens(world: World) {
    let mut security = world.security();
    world.employ(LI, &[operator()]).await;
    let session = signed_in(&world, &mut security, "l").await;
    let mut li = world.holder(&session.token);
    assert_eq!(asks(&mut li).await, Ok(()));
    let unused = CreateSignInLinkRequest {
        request_id: "unused".into(),
        person_id: LI.into(),
        role: Word::Operator.into(),
        division: "620821101".into(),
        ..Default::default()
    };
    let unused = security.create_sign_in_link(unused).await.unwrap().into_inner().code;

    let taken = RevokeRoleRequest {
        request_id: "t".into(),
        person_id: LI.into(),
        assignment_id: "620821101000-a1".into(),
    };
    security.revoke_role(taken).await.unwrap();
    let begun = Instant::now();
    until("the token is refused", || {
        let mut li = li.clone();
        async move { asks(&mut li).await.is_err() }
    })
    .await;
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    assert_eq!(asks(&mut li).await, Err("TOKEN_REVOKED".into()));
    let late = world.anybody().use_sign_in_link(UseSignInLinkRequest { code: unused }).await;
    assert_eq!(reason(late), "ROLE_NOT_HELD", "a link for a role that is no longer held");

    // A process that starts knows it before it answers the first call.
    drop((security, li));
    let world = World { suite: world.suite.restart_without_databases().await };
    assert_eq!(asks(&mut world.holder(&session.token)).await, Err("TOKEN_REVOKED".into()));

    let mut security = world.security();
    security.assign_role(role("again", LI, "620821101")).await.unwrap();
    let session = signed_in(&world, &mut security, "m").await;
    assert_eq!(asks(&mut world.holder(&session.token)).await, Ok(()), "a new assignment");
}

pub(crate) async fn no_token_outlives_its_term(world: World) {
    let mut security = world.security();
    world.employ(LI, &[]).await;
    let now = world.suite.context().clock.now().0;
    let term = v1::AssignRoleRequest { until: now + 60_000, ..role("term", LI, "620821101") };
    security.assign_role(term).await.unwrap();
    let session = signed_in(&world, &mut security, "l").await;
    assert_eq!(session.expires_at, now + 60_000);
    let mut li = world.holder(&session.token);
    assert_eq!(asks(&mut li).await, Ok(()));
    // The clocks of two processes may be half a minute apart.
    world.suite.clock().advance(Duration::from_secs(91));
    assert_eq!(asks(&mut li).await, Err("TOKEN_EXPIRED".into()));
}
