//! Accounts: set up by a link, signed in to with password and code, locked, closed.

use std::time::Duration;

use api::access::v1::{
    self, BeginEnrolmentRequest, CloseAccountRequest, CompleteEnrolmentRequest,
    CreateEnrolmentLinkRequest, GetAccountRequest, GetEnrolmentRequest, ListSessionsRequest,
    SignInRequest, UnlockAccountRequest,
};
use kernel::Role;

use crate::{
    staff::{PASSWORD, code, next_code, typed},
    world::{World, fields, reason},
};

pub(crate) async fn a_person_enrols_and_signs_in(world: World) {
    let (member, first) = world.operator("li.jingyi").await;
    assert_eq!((first.role(), first.division.as_str()), (v1::Role::Operator, "620821101"));
    let mut li = world.holder(&first.token);
    let mine = li.get_account(GetAccountRequest::default()).await.unwrap().into_inner();
    assert!(mine.open && mine.login == "li.jingyi" && mine.locked_until == 0);
    assert_eq!((mine.roles.len(), &mine.session_id), (1, &first.session_id));

    let again = world.anybody().sign_in(typed(&world, &member)).await;
    assert_eq!(reason(again), "SIGN_IN_REFUSED", "the code of the enrolment was taken");
    next_code(&world);
    let shouted = SignInRequest { login: " LI.Jingyi ".into(), ..typed(&world, &member) };
    let signed = world.anybody().sign_in(shouted).await.unwrap().into_inner().session.unwrap();
    let now = world.suite.context().clock.now().0;
    assert_eq!(signed.person_id, member.person);
    assert_eq!((signed.expires_at, signed.session_ends_at), (now + 1_800_000, now + 43_200_000));
    let mut desk = world.holder(&signed.token);
    let position = world.suite.head().await;
    let asked = ListSessionsRequest { min_position: Some(position.into()), ..Default::default() };
    let sessions = desk.list_sessions(asked).await.unwrap().into_inner().sessions;
    let mut how: Vec<_> = sessions.iter().map(|one| (one.how.as_str(), one.current)).collect();
    how.sort_unstable();
    assert_eq!(how, [("enrolment", false), ("password", true)]);

    drop((li, desk));
    let world = World { suite: world.suite.restart_without_databases().await };
    next_code(&world);
    world.anybody().sign_in(typed(&world, &member)).await.unwrap();
}

pub(crate) async fn wrong_tries_lock_and_nobody_learns_why(world: World) {
    let (member, _) = world.operator("li.jingyi").await;
    next_code(&world);
    let good = typed(&world, &member);
    let stranger = SignInRequest { login: "nobody.here".into(), ..good.clone() };
    let wrong = SignInRequest { password: "泾河水长流不息 2025".into(), ..good.clone() };
    let old = SignInRequest { code: code(&world, &member.secret, -2), ..good.clone() };
    let mut said = Vec::new();
    for request in [&stranger, &wrong, &old, &SignInRequest::default()] {
        let refused = world.anybody().sign_in(request.clone()).await.unwrap_err();
        said.push(format!("{:?} {}", refused.code(), refused.message()));
    }
    said.dedup();
    assert_eq!(said.len(), 1, "whoever tries learns something: {said:?}");

    for _ in 0..3 {
        assert_eq!(reason(world.anybody().sign_in(wrong.clone()).await), "SIGN_IN_REFUSED");
    }
    let locked = world.anybody().sign_in(good.clone()).await;
    assert_eq!(reason(locked), "SIGN_IN_REFUSED", "five tries were wrong");
    let asked = || GetAccountRequest { person_id: member.person.clone() };
    let shown = world.security().get_account(asked()).await.unwrap().into_inner();
    let now = world.suite.context().clock.now().0;
    assert_eq!(shown.locked_until, now + 60_000);

    let world = World { suite: world.suite.restart().await };
    let locked = world.anybody().sign_in(good.clone()).await;
    assert_eq!(reason(locked), "SIGN_IN_REFUSED", "a restart forgives nothing");
    let unlock =
        |id: &str| UnlockAccountRequest { request_id: id.into(), person_id: member.person.clone() };
    let mut elsewhere = world.caller(Role::SecurityAdministrator, "620821101");
    assert_eq!(reason(elsewhere.unlock_account(unlock("u0")).await), "OUT_OF_SCOPE");
    let mut other = world.administrator();
    assert_eq!(reason(other.unlock_account(unlock("u1")).await), "ROLE_NOT_ALLOWED");
    world.security().unlock_account(unlock("u2")).await.unwrap();
    world.anybody().sign_in(good).await.unwrap();

    for _ in 0..5 {
        world.anybody().sign_in(wrong.clone()).await.unwrap_err();
    }
    world.suite.clock().advance(Duration::from_mins(1));
    world.anybody().sign_in(typed(&world, &member)).await.unwrap();
}

pub(crate) async fn an_enrolment_is_for_one_link_and_one_login(world: World) {
    let li = world.registered("li").await;
    world.gives("r", &li, v1::Role::Operator).await;
    let (first, second) = (world.link("l1", &li).await, world.link("l2", &li).await);
    assert_ne!(first, second);
    let (mut holder, secret) = world.begins(&first).await;
    let used = world.anybody().begin_enrolment(BeginEnrolmentRequest { code: first.clone() }).await;
    assert_eq!(reason(used), "SIGN_IN_LINK_USED");
    let as_link = v1::UseSignInLinkRequest { code: second.clone() };
    let as_link = world.anybody().use_sign_in_link(as_link).await;
    assert_eq!(reason(as_link), "SIGN_IN_LINK_UNKNOWN", "it signs nobody in");
    let other = holder.get_account(GetAccountRequest::default()).await;
    assert_eq!(reason(other), "ROLE_NOT_ALLOWED", "it is good for nothing else");

    let wrong = CompleteEnrolmentRequest { login: "李".into(), ..Default::default() };
    assert_eq!(fields(holder.complete_enrolment(wrong).await), ["login", "password", "code"]);
    let good = CompleteEnrolmentRequest {
        login: "Li".into(),
        password: PASSWORD.into(),
        code: code(&world, &secret, 0),
    };
    let good = CompleteEnrolmentRequest { login: "li.jingyi".into(), ..good };
    let own = CompleteEnrolmentRequest { password: "Li.Jingyi walks".into(), ..good.clone() };
    assert_eq!(fields(holder.complete_enrolment(own).await), ["password"]);
    holder.complete_enrolment(good.clone()).await.unwrap();
    assert_eq!(reason(holder.complete_enrolment(good.clone()).await), "ENROLMENT_OVER");
    assert_eq!(reason(holder.get_enrolment(GetEnrolmentRequest {}).await), "ENROLMENT_OVER");
    let late = world.anybody().begin_enrolment(BeginEnrolmentRequest { code: second }).await;
    assert_eq!(reason(late), "ENROLMENT_OVER", "an older link sets nothing up again");

    let zhao = world.registered("zhao").await;
    let (mut holder, secret) = world.begins(&world.link("l3", &zhao).await).await;
    let taken = CompleteEnrolmentRequest { code: code(&world, &secret, 0), ..good.clone() };
    assert_eq!(fields(holder.complete_enrolment(taken.clone()).await), ["login"]);
    let free = CompleteEnrolmentRequest { login: "zhao.min".into(), ..taken };
    let done = holder.complete_enrolment(free).await.unwrap().into_inner();
    assert_eq!(done.session, None, "who has no role yet is not signed in");

    let mut security = world.security();
    let link = |id: &str, person: &str, ttl_seconds| CreateEnrolmentLinkRequest {
        request_id: id.into(),
        person_id: person.into(),
        ttl_seconds,
    };
    let nobody = security.create_enrolment_link(link("x1", "620821000000-nobody", 0)).await;
    assert_eq!(reason(nobody), "UNKNOWN_PERSON");
    assert_eq!(fields(security.create_enrolment_link(link("x2", &li, -5)).await), ["ttl_seconds"]);
    let mut resident = world.holder(&resident(&world).await);
    assert_eq!(reason(resident.get_enrolment(GetEnrolmentRequest {}).await), "NO_ENROLMENT");
}

async fn resident(world: &World) -> String {
    let answer = world.anybody().enrol_resident(v1::EnrolResidentRequest {}).await;
    answer.unwrap().into_inner().token
}

pub(crate) async fn an_account_is_closed_and_set_up_anew(world: World) {
    let (member, session) = world.operator("li.jingyi").await;
    let before = world.link("before", &member.person).await;
    world.suite.clock().advance(Duration::from_secs(31));
    let close = CloseAccountRequest { request_id: "c".into(), person_id: member.person.clone() };
    world.security().close_account(close).await.unwrap();
    let refused = world.anybody().sign_in(typed(&world, &member)).await;
    assert_eq!(reason(refused), "SIGN_IN_REFUSED");
    let renewed = world.holder(&session.token).renew_session(v1::RenewSessionRequest {}).await;
    assert_eq!(reason(renewed), "TOKEN_REVOKED");
    let older = world.anybody().begin_enrolment(BeginEnrolmentRequest { code: before }).await;
    assert_eq!(reason(older), "ENROLMENT_OVER");

    world.suite.clock().advance(Duration::from_secs(31));
    let (mut holder, secret) = world.begins(&world.link("after", &member.person).await).await;
    let request = CompleteEnrolmentRequest {
        login: "li.jingyi".into(),
        password: PASSWORD.into(),
        code: code(&world, &secret, 0),
    };
    assert!(holder.complete_enrolment(request).await.unwrap().into_inner().session.is_some());
}

pub(crate) async fn no_secret_is_in_the_log(world: World) {
    let (member, session) = world.operator("li.jingyi").await;
    next_code(&world);
    world.anybody().sign_in(typed(&world, &member)).await.unwrap();
    let secret = data_encoding::BASE32_NOPAD.encode(&member.secret);
    let stream = world.suite.context().log.stream();
    for sequence in 1..=world.suite.head().await.sequence {
        let stored = stream.read_sequence(sequence).await.unwrap().unwrap();
        let all = format!("{:?} {}", stored.headers, String::from_utf8_lossy(&stored.payload));
        for planted in ["li.jingyi", PASSWORD, &secret, "argon2", &session.token] {
            assert!(!all.contains(planted), "{planted} is in the log: {all}");
        }
    }
}
