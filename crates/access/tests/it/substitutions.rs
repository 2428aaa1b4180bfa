//! Standing in for somebody in one role.

use std::time::Duration;

use api::access::v1::{
    self, BeginSubstitutionRequest, EndSubstitutionRequest, GetAccountRequest,
    ListSubstitutionsRequest, RenewSessionRequest, SignInRequest,
};

use crate::{
    staff::{next_code, typed},
    world::{World, fields, reason},
};

const WEEK: i64 = 7 * 86_400_000;

pub(crate) async fn a_substitute_signs_in_for_the_term(world: World) {
    let (holder, session) = world.operator("li.jingyi").await;
    let wang = world.registered("wang").await;
    let (wang, none) = world.enrols(&wang, "wang.fang").await;
    assert_eq!(none, None);
    let mut li = world.holder(&session.token);
    let mine = li.get_account(GetAccountRequest::default()).await.unwrap().into_inner();
    let role = mine.roles[0].assignment_id.clone();
    let now = world.suite.context().clock.now().0;
    let begin = BeginSubstitutionRequest {
        request_id: "s".into(),
        assignment_id: role.clone(),
        substitute_id: wang.person.clone(),
        from: now + 60_000,
        until: now + WEEK,
        ..Default::default()
    };
    let stands = li.begin_substitution(begin.clone()).await.unwrap().into_inner();
    assert_eq!(li.begin_substitution(begin).await.unwrap().into_inner(), stands);
    world.suite.settled().await;

    next_code(&world);
    let early = world.anybody().sign_in(typed(&world, &wang)).await;
    assert_eq!(reason(early), "NO_ROLE", "not before the term");
    world.suite.clock().advance(Duration::from_mins(1));
    let asked = SignInRequest { assignment_id: role.clone(), ..typed(&world, &wang) };
    let signed = world.anybody().sign_in(asked).await.unwrap().into_inner().session.unwrap();
    assert_eq!((signed.role(), signed.division.as_str()), (v1::Role::Operator, "620821101"));
    assert_eq!(signed.person_id, wang.person, "who acts is the substitute");
    let mut desk = world.holder(&signed.token);
    let own = desk.get_account(GetAccountRequest::default()).await.unwrap().into_inner();
    assert_eq!(own.roles[0].on_behalf_of, holder.person);
    let seen = desk.list_sessions(v1::ListSessionsRequest::default()).await.unwrap().into_inner();
    assert!(seen.sessions.iter().all(|one| one.on_behalf_of == holder.person));
    desk.renew_session(RenewSessionRequest {}).await.unwrap();

    let asked = ListSubstitutionsRequest::default();
    let listed = li.list_substitutions(asked).await.unwrap().into_inner().substitutions;
    assert_eq!((listed.len(), &listed[0].substitute_id), (1, &wang.person));
    let end = |id: &str| EndSubstitutionRequest {
        request_id: id.into(),
        substitution_id: stands.substitution_id.clone(),
    };
    assert_eq!(reason(desk.end_substitution(end("x")).await), "NOT_YOUR_OWN");
    li.end_substitution(end("e")).await.unwrap();
    let gone = desk.renew_session(RenewSessionRequest {}).await;
    assert_eq!(reason(gone), "TOKEN_REVOKED");
    next_code(&world);
    assert_eq!(reason(world.anybody().sign_in(typed(&world, &wang)).await), "NO_ROLE");
}

pub(crate) async fn who_may_not_stand_in_does_not(world: World) {
    let (holder, session) = world.operator("li.jingyi").await;
    let mut li = world.holder(&session.token);
    let mine = li.get_account(GetAccountRequest::default()).await.unwrap().into_inner();
    let role = mine.roles[0].assignment_id.clone();
    let audits = world.registered("audits").await;
    world.gives("a", &audits, v1::Role::AuditAdministrator).await;
    let secures = world.registered("secures").await;
    let security = world.gives("s", &secures, v1::Role::SecurityAdministrator).await;
    let now = world.suite.context().clock.now().0;
    let begin = |id: &str, holder: &str, assignment: &str, substitute: &str, until: i64| {
        BeginSubstitutionRequest {
            request_id: id.into(),
            holder_id: holder.into(),
            assignment_id: assignment.into(),
            substitute_id: substitute.into(),
            from: 0,
            until,
        }
    };
    let ask = begin("1", "", &role, &holder.person, now + WEEK);
    assert_eq!(reason(li.begin_substitution(ask).await), "SUBSTITUTE_IS_HOLDER");
    let ask = begin("2", "", &role, "620821000000-nobody", now + WEEK);
    assert_eq!(reason(li.begin_substitution(ask).await), "SUBSTITUTE_MAY_NOT");
    let ask = begin("3", "", &role, &audits, now);
    assert_eq!(reason(li.begin_substitution(ask).await), "SUBSTITUTION_TERM");
    let ask = begin("4", "", &security, &audits, now + WEEK);
    assert_eq!(reason(li.begin_substitution(ask).await), "ROLE_NOT_HELD");
    let ask = begin("5", &secures, &security, &audits, now + WEEK);
    assert_eq!(reason(li.begin_substitution(ask.clone()).await), "NOT_YOUR_OWN");
    let apart = world.security().begin_substitution(ask).await;
    assert_eq!(reason(apart), "SUBSTITUTE_MAY_NOT", "nobody acts in two of the three");
    let wrong = li.begin_substitution(BeginSubstitutionRequest::default()).await;
    assert_eq!(fields(wrong), ["request_id", "assignment_id", "substitute_id", "until"]);
}
