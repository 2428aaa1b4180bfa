//! People and their roles.

use api::access::v1::{self as v1, ListAssignmentsRequest, RevokeRoleRequest};
use contracts::access::PersonEvent;
use kernel::{Role, StoredEvent as _};

use crate::world::{World, organisation, person, reason, role};

fn revoke(id: &str, person: &str, assignment: &str) -> RevokeRoleRequest {
    RevokeRoleRequest {
        request_id: id.into(),
        person_id: person.into(),
        assignment_id: assignment.into(),
    }
}

pub(crate) async fn a_persons_career(world: World) {
    let (mut admin, mut security) = (world.administrator(), world.security());
    let town = admin.register_organisation(organisation("o", "620821101")).await.unwrap();
    let org = town.into_inner().organisation_id;
    let employed =
        v1::RegisterPersonRequest { organisation_id: org.clone(), ..person("p", "620821101") };
    let registered = admin.register_person(employed).await.unwrap().into_inner();
    let li = registered.person_id;
    assert!(li.starts_with("620821101000-") && registered.version == 1, "{li}");

    let given = security.assign_role(role("r1", &li, "620821101")).await.unwrap().into_inner();
    assert_eq!(reason(security.assign_role(role("r2", &li, "620821101")).await), "ROLE_OVERLAPS");
    let backwards = v1::AssignRoleRequest { from: 9, until: 5, ..role("r3", &li, "620821102") };
    assert_eq!(reason(security.assign_role(backwards).await), "TERM_ENDS_BEFORE_IT_BEGINS");
    let nobody = "620821000000-nobody";
    assert_eq!(
        reason(security.assign_role(role("r4", nobody, "620821101")).await),
        "UNKNOWN_PERSON"
    );
    let clerk = |id: &str, org: &str| v1::AssignRoleRequest {
        role: v1::Role::DepartmentClerk.into(),
        organisation_id: org.into(),
        until: 4_000_000_000_000,
        ..role(id, &li, "620821101")
    };
    let strange = security.assign_role(clerk("r5", "620821101000-none")).await;
    assert_eq!(reason(strange), "UNKNOWN_ORGANISATION");
    security.assign_role(clerk("r6", &org)).await.unwrap();

    let unknown = security.revoke_role(revoke("v0", &li, "620821101000-none")).await;
    assert_eq!(reason(unknown), "ASSIGNMENT_UNKNOWN");
    let first = security.revoke_role(revoke("v1", &li, &given.assignment_id)).await.unwrap();
    let again = security.revoke_role(revoke("v2", &li, &given.assignment_id)).await.unwrap();
    assert_eq!(first.get_ref().version, again.get_ref().version, "revoked twice is revoked once");
    let anew = security.assign_role(role("r7", &li, "620821101")).await.unwrap().into_inner();

    let ask = |role: v1::Role| ListAssignmentsRequest {
        min_position: anew.position.clone(),
        person_id: li.clone(),
        role: role.into(),
        ..Default::default()
    };
    let mut operators =
        security.list_assignments(ask(v1::Role::Operator)).await.unwrap().into_inner();
    operators.assignments.sort_by_key(|assignment| !assignment.revoked);
    let shown: Vec<_> =
        operators.assignments.iter().map(|a| (&a.assignment_id, a.revoked)).collect();
    assert_eq!(shown, [(&given.assignment_id, true), (&anew.assignment_id, false)]);
    let start = world.suite.context().clock.now().0;
    assert!(operators.assignments.iter().all(|a| a.from == start && a.until == 0));
    let clerks =
        security.list_assignments(ask(v1::Role::DepartmentClerk)).await.unwrap().into_inner();
    let clerk = &clerks.assignments[0];
    assert_eq!((&clerk.organisation_id, clerk.until), (&org, 4_000_000_000_000));
    assert_eq!(clerk.division, "620821101");
}

pub(crate) async fn who_covers_less_gives_no_more(world: World) {
    let mut county = world.security();
    let mut town = world.caller(Role::SecurityAdministrator, "620821101");
    let mut keeper = world.caller(Role::Administrator, "620821101");
    let li = county.register_person(person("p", "620821")).await.unwrap().into_inner().person_id;
    for wider in ["620821", "620821102"] {
        assert_eq!(reason(town.register_person(person("a", wider)).await), "OUT_OF_SCOPE");
        assert_eq!(
            reason(keeper.register_organisation(organisation("b", wider)).await),
            "OUT_OF_SCOPE"
        );
        assert_eq!(reason(town.assign_role(role("c", &li, wider)).await), "OUT_OF_SCOPE");
    }
    let grid = v1::AssignRoleRequest {
        role: v1::Role::GridMember.into(),
        division: String::new(),
        grid: "620821102203001".into(),
        ..role("d", &li, "")
    };
    assert_eq!(reason(town.assign_role(grid.clone()).await), "OUT_OF_SCOPE");
    let given = county.assign_role(grid).await.unwrap().into_inner();
    let take = revoke("e", &li, &given.assignment_id);
    assert_eq!(reason(town.revoke_role(take).await), "OUT_OF_SCOPE");
    let own = town.assign_role(role("f", &li, "620821101203")).await.unwrap().into_inner();

    let all = ListAssignmentsRequest { min_position: own.position, ..Default::default() };
    let seen = town.list_assignments(all.clone()).await.unwrap().into_inner().assignments;
    let seen: Vec<_> = seen.into_iter().map(|assignment| assignment.assignment_id).collect();
    assert_eq!(seen, [own.assignment_id], "a township sees what concerns it");
    let both = county.list_assignments(all.clone()).await.unwrap().into_inner().assignments;
    assert_eq!(both.len(), 2);

    let mut operator = world.caller(Role::Operator, "620821");
    assert_eq!(
        operator.list_assignments(all.clone()).await.unwrap().into_inner().assignments.len(),
        2
    );
    assert_eq!(reason(operator.register_person(person("g", "620821")).await), "ROLE_NOT_ALLOWED");
    let mut integrator = world.caller(Role::Integrator, "620821");
    assert_eq!(reason(integrator.list_assignments(all).await), "ROLE_NOT_ALLOWED");
}

pub(crate) async fn names_stay_in_the_vault(world: World) {
    let mut admin = world.administrator();
    admin.register_organisation(organisation("o", "620821101")).await.unwrap();
    let li = admin.register_person(person("p", "620821101")).await.unwrap().into_inner();
    let context = world.suite.context();
    let mut profile = None;
    for sequence in 1..=world.suite.head().await.sequence {
        let stored = context.log.stream().read_sequence(sequence).await.unwrap().unwrap();
        let all = format!("{:?} {}", stored.headers, String::from_utf8_lossy(&stored.payload));
        for planted in ["李静怡", "13993390001", "综治中心"] {
            assert!(!all.contains(planted), "{planted} is in the log: {all}");
        }
        let ce_type = stored.headers.get("ce-type").unwrap().as_str();
        if let Ok(PersonEvent::PersonRegistered(event)) =
            PersonEvent::decode(ce_type, &stored.payload)
        {
            profile = event.profile;
        }
    }
    let record = profile.unwrap();
    let kept = context.vault.text(&record).await.unwrap().unwrap();
    assert!(kept.contains("李静怡") && kept.contains("13993390001"), "{kept}");
    context.vault.erase(&li.person_id).await.unwrap();
    assert_eq!(context.vault.text(&record).await.unwrap(), None, "the key was the person's own");
}

pub(crate) async fn nobody_gives_themselves_a_role(world: World) {
    let me = "620821000000-me";
    world.employ(me, &[]).await;
    let bearer = world.suite.bearer_for(
        &me.parse().unwrap(),
        Role::SecurityAdministrator,
        platform::auth::scope::ScopeParts { division: "620821".parse().ok(), ..Default::default() },
    );
    let mut own = v1::access_service_client::AccessServiceClient::with_interceptor(
        world.suite.channel(),
        bearer,
    );
    let refused = own.assign_role(role("o", me, "620821101")).await;
    assert_eq!(refused.as_ref().unwrap_err().code(), tonic::Code::PermissionDenied);
    assert_eq!(reason(refused), "OWN_ROLE");
    let mut other = world.security();
    let given = other.assign_role(role("r", me, "620821101")).await.unwrap().into_inner();
    let taken = own.revoke_role(revoke("t", me, &given.assignment_id)).await;
    assert_eq!(reason(taken), "OWN_ROLE");

    let administrator = |id: &str, role: v1::Role, from, until| v1::AssignRoleRequest {
        role: role.into(),
        from,
        until,
        ..super::world::role(id, me, "620821")
    };
    let far = 4_000_000_000_000;
    let system = administrator("s", v1::Role::Administrator, far, far + 1_000);
    other.assign_role(system).await.unwrap();
    for role in [v1::Role::SecurityAdministrator, v1::Role::AuditAdministrator] {
        let both = other.assign_role(administrator("b", role, 0, 0)).await;
        assert_eq!(reason(both), "ADMINISTRATORS_APART", "also in a term to come");
    }
    let ended = administrator("e", v1::Role::AuditAdministrator, 0, far);
    other.assign_role(ended).await.unwrap();

    let ask = ListAssignmentsRequest {
        person_id: me.into(),
        min_position: Some(world.suite.head().await.into()),
        ..Default::default()
    };
    let listed = other.list_assignments(ask).await.unwrap().into_inner().assignments;
    assert_eq!(listed.len(), 3);
    assert!(listed.iter().all(|given| given.given_by.starts_with("620821000000-")), "{listed:?}");
}
