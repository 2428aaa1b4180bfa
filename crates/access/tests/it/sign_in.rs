//! Links that sign one person in, once.

use std::time::Duration;

use access::domain::sign_in_link::{Command, Rejection, SignInLink, State};
use api::access::v1::{
    self, CreateSignInLinkRequest, ListAssignmentsRequest, Role as Word, UseSignInLinkRequest,
};
use contracts::access::ScopeKind;
use kernel::{Role, hash::Sha256, id::SignInLinkId};
use platform::{
    auth::scope::ScopeParts,
    executor::{ExecuteError, Request, Target},
};

use crate::world::{World, fields, organisation, reason};

const LI: &str = "620821101000-li";

fn operator(division: &str) -> (Role, ScopeKind, ScopeParts) {
    let scope = ScopeParts { division: division.parse().ok(), ..Default::default() };
    (Role::Operator, ScopeKind::Division, scope)
}

fn link(id: &str, division: &str) -> CreateSignInLinkRequest {
    CreateSignInLinkRequest {
        request_id: id.into(),
        person_id: LI.into(),
        role: Word::Operator.into(),
        division: division.into(),
        ..Default::default()
    }
}

fn with(code: &str) -> UseSignInLinkRequest {
    UseSignInLinkRequest { code: code.into() }
}

pub(crate) async fn a_link_signs_in_once(world: World) {
    let mut admin = world.security();
    world.employ(LI, &[operator("620821101")]).await;
    let start = world.suite.context().clock.now().0;
    let made = admin.create_sign_in_link(link("l", "620821101")).await.unwrap().into_inner();
    assert_eq!(made.expires_at, start + 3_600_000);
    world.suite.clock().advance(Duration::from_mins(1));
    let again = admin.create_sign_in_link(link("l", "620821101")).await.unwrap().into_inner();
    assert_eq!(again, made, "the same request answers the same code");
    let other = admin.create_sign_in_link(link("m", "620821101")).await.unwrap().into_inner();
    assert_ne!(other.code, made.code);

    let ask = with(&format!(" {} ", made.code.to_uppercase()));
    let session = world.anybody().use_sign_in_link(ask).await.unwrap().into_inner();
    assert_eq!((session.person_id.as_str(), session.role()), (LI, Word::Operator));
    assert_eq!(session.division, "620821101");
    assert_eq!(session.expires_at, start + 60_000 + 30 * 60_000, "over when it is not used");
    assert_eq!(session.session_ends_at, start + 60_000 + 8 * 3_600_000);
    let mut li = world.holder(&session.token);
    li.list_assignments(ListAssignmentsRequest::default()).await.unwrap();
    assert_eq!(
        reason(world.anybody().use_sign_in_link(with(&made.code)).await),
        "SIGN_IN_LINK_USED"
    );

    let stream = world.suite.context().log.stream();
    for sequence in 1..=world.suite.head().await.sequence {
        let stored = stream.read_sequence(sequence).await.unwrap().unwrap();
        let all = format!("{:?} {}", stored.headers, String::from_utf8_lossy(&stored.payload));
        for secret in [&made.code[26..], &other.code[26..], &session.token] {
            assert!(!all.contains(secret), "the log has what signs in: {all}");
        }
    }

    drop((admin, li));
    let world = World { suite: world.suite.restart().await };
    assert_eq!(
        reason(world.anybody().use_sign_in_link(with(&made.code)).await),
        "SIGN_IN_LINK_USED"
    );
    let world = World { suite: world.suite.restart_without_databases().await };
    assert_eq!(
        reason(world.anybody().use_sign_in_link(with(&made.code)).await),
        "SIGN_IN_LINK_USED"
    );
    let session = world.anybody().use_sign_in_link(with(&other.code)).await.unwrap().into_inner();
    world.suite.clock().advance(Duration::from_hours(9));
    let mut late = world.holder(&session.token);
    let refused = late.list_assignments(ListAssignmentsRequest::default()).await;
    assert_eq!(reason(refused), "TOKEN_EXPIRED");
}

pub(crate) async fn a_link_is_made_by_who_covers_it(world: World) {
    let (mut keeper, mut county) = (world.administrator(), world.security());
    let mut town = world.caller(Role::SecurityAdministrator, "620821101");
    let org = keeper.register_organisation(organisation("o", "620821101")).await.unwrap();
    let org = org.into_inner().organisation_id;
    let grid = ScopeParts { grid: "620821101203001".parse().ok(), ..Default::default() };
    let office = ScopeParts {
        division: "620821101".parse().ok(),
        org: org.parse().ok(),
        ..Default::default()
    };
    let duties = [
        operator("620821101203"),
        (Role::DepartmentClerk, ScopeKind::Organisation, office),
        (Role::GridMember, ScopeKind::Grid, grid),
    ];
    world.employ(LI, &duties).await;
    for wider in ["620821", "620821102"] {
        let refused = town.create_sign_in_link(link(wider, wider)).await;
        assert_eq!(reason(refused), "OUT_OF_SCOPE");
    }
    town.create_sign_in_link(link("own", "620821101203")).await.unwrap();
    let mut operator = world.caller(Role::Operator, "620821");
    let refused = operator.create_sign_in_link(link("o", "620821")).await;
    assert_eq!(reason(refused), "ROLE_NOT_ALLOWED");

    let clerk = |id: &str, org: &str| CreateSignInLinkRequest {
        role: Word::DepartmentClerk.into(),
        organisation_id: org.into(),
        session_seconds: 30 * 86_400,
        ..link(id, "620821101")
    };
    let nobodys = county.create_sign_in_link(clerk("c", "620821101000-none")).await;
    assert_eq!(reason(nobodys), "UNKNOWN_ORGANISATION");
    let made = county.create_sign_in_link(clerk("d", &org)).await.unwrap().into_inner();
    let session = world.anybody().use_sign_in_link(with(&made.code)).await.unwrap().into_inner();
    assert_eq!((session.organisation_id, session.division), (org, "620821101".to_owned()));
    let now = world.suite.context().clock.now().0;
    assert_eq!(session.expires_at, now + 7 * 86_400_000);
    assert_eq!(session.session_ends_at, now + 30 * 86_400_000);

    let member = CreateSignInLinkRequest {
        role: Word::GridMember.into(),
        grid: "620821101203001".into(),
        ..link("g", "")
    };
    let made = town.create_sign_in_link(member).await.unwrap().into_inner();
    let session = world.anybody().use_sign_in_link(with(&made.code)).await.unwrap().into_inner();
    assert_eq!((session.grid.as_str(), session.role()), ("620821101203001", Word::GridMember));
}

pub(crate) async fn wrong_links_are_refused(world: World) {
    let mut admin = world.security();
    let empty = fields(admin.create_sign_in_link(CreateSignInLinkRequest::default()).await);
    assert_eq!(empty, ["request_id", "person_id", "role"]);
    let long = CreateSignInLinkRequest {
        ttl_seconds: 24 * 3_600 + 1,
        session_seconds: 12 * 3_600 + 1,
        ..link("w", "620821")
    };
    assert_eq!(fields(admin.create_sign_in_link(long).await), ["ttl_seconds", "session_seconds"]);
    let negative = CreateSignInLinkRequest {
        person_id: "620822000000-p".into(),
        ttl_seconds: -1,
        session_seconds: i64::MIN,
        ..link("w", "<script>")
    };
    let wrong = fields(admin.create_sign_in_link(negative).await);
    assert_eq!(wrong, ["person_id", "division", "ttl_seconds", "session_seconds"]);
    assert_eq!(world.suite.head().await.sequence, 0, "what is refused leaves nothing in the log");
    assert_eq!(reason(admin.create_sign_in_link(link("n", "620821")).await), "ROLE_NOT_HELD");
    world.employ(LI, &[operator("620821"), operator("620821101")]).await;

    let short = CreateSignInLinkRequest { ttl_seconds: 60, ..link("l", "620821") };
    let made = admin.create_sign_in_link(short).await.unwrap().into_inner();
    let changed = link("l", "620821101");
    assert_eq!(reason(admin.create_sign_in_link(changed).await), "REQUEST_ID_REUSED");
    let flipped = if made.code.ends_with('0') { '1' } else { '0' };
    let forged = format!("{}{flipped}", &made.code[..51]);
    let unmade = format!("{}{}", "0".repeat(26), &made.code[26..]);
    for code in ["", "x", "张三", "weft.>", &forged, &unmade, &made.code[..51]] {
        let refused = world.anybody().use_sign_in_link(with(code)).await;
        assert_eq!(reason(refused), "SIGN_IN_LINK_UNKNOWN", "{code}");
    }
    world.suite.clock().advance(Duration::from_mins(1));
    let late = world.anybody().use_sign_in_link(with(&made.code)).await;
    assert_eq!(reason(late), "SIGN_IN_LINK_EXPIRED");
    let forged = world.anybody().use_sign_in_link(with(&forged)).await;
    assert_eq!(reason(forged), "SIGN_IN_LINK_UNKNOWN", "who has no code learns nothing");
}

pub(crate) async fn two_at_once_are_one(world: World) {
    let mut admin = world.security();
    world.employ(LI, &[operator("620821101")]).await;
    let made = admin.create_sign_in_link(link("l", "620821101")).await.unwrap().into_inner();
    let tries = (0..8).map(|_| {
        let (mut anybody, ask) = (world.anybody(), with(&made.code));
        async move { anybody.use_sign_in_link(ask).await }
    });
    let (in_, out): (Vec<_>, Vec<_>) =
        futures::future::join_all(tries).await.into_iter().partition(Result::is_ok);
    assert_eq!((in_.len(), out.len()), (1, 7));
    for refused in out {
        assert_eq!(
            reason::<tonic::Response<v1::UseSignInLinkResponse>>(refused),
            "SIGN_IN_LINK_USED"
        );
    }
}

pub(crate) async fn another_replica_takes_no_used_link(world: World) {
    let mut admin = world.security();
    world.employ(LI, &[operator("620821101")]).await;
    let made = admin.create_sign_in_link(link("l", "620821101")).await.unwrap().into_inner();
    let id: SignInLinkId = made.sign_in_link_id.parse().unwrap();
    let subject = contracts::subject::sign_in_link(&id);
    // As another process has it: its own memory, the same log.
    let replica = world.suite.context().executor::<SignInLink>();
    let (before, _) = replica.load(&subject).await.unwrap();
    assert!(matches!(before, State::Open(_)));
    world.anybody().use_sign_in_link(with(&made.code)).await.unwrap();

    let mut code_hash = Sha256::default();
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, made.code.as_bytes());
    code_hash.0.copy_from_slice(digest.as_ref());
    let actor = kernel::Actor::Person(LI.parse().unwrap());
    let request = Request {
        caller: actor.to_string(),
        request_id: "elsewhere".into(),
        body: code_hash,
        actor,
        cause: None,
        traceparent: None,
    };
    let target = Target { subject, id: id.to_string(), creates: false };
    let refused = replica
        .execute(target, request, move |at| Command::UseSignInLink {
            link: id.clone(),
            code_hash,
            held: true,
            at,
        })
        .await;
    assert!(matches!(refused, Err(ExecuteError::Rejected(Rejection::SignInLinkUsed))));
}
