//! Who is told whose name.

use api::access::v1::access_service_client::AccessServiceClient;
use api::access::v1::{DescribePersonsRequest, DescribedPerson};
use kernel::Role;
use platform::{auth::scope::ScopeParts, grpc::Bearer};

use crate::world::{Client, World, fields, person, reason};

const NOBODY: &str = "620821000000-nobody";

async fn names(client: &mut Client, ask: DescribePersonsRequest) -> Vec<DescribedPerson> {
    client.describe_persons(ask).await.unwrap().into_inner().persons
}

pub(crate) async fn colleagues_know_each_others_names(world: World) {
    let mut admin = world.administrator();
    let li = admin.register_person(person("p", "620821101")).await.unwrap().into_inner();
    let ask = DescribePersonsRequest {
        person_ids: vec![NOBODY.into(), li.person_id.clone(), li.person_id.clone()],
        min_position: li.position.clone(),
    };
    let described = |person_id: &str, name: &str| DescribedPerson {
        person_id: person_id.into(),
        name: name.into(),
        found: !name.is_empty(),
    };
    let known = described(&li.person_id, "李静怡");
    let expected = [described(NOBODY, ""), known.clone(), known];
    assert_eq!(names(&mut admin, ask.clone()).await, expected);
    for role in [Role::Verifier, Role::Operator, Role::Supervisor] {
        let mut colleague = world.caller(role, "620821102");
        assert_eq!(names(&mut colleague, ask.clone()).await, expected, "{role}");
    }
    let grid = Some("620821102203001".parse().unwrap());
    let member = |grid| -> Bearer {
        world.suite.bearer(Role::GridMember, ScopeParts { grid, ..Default::default() })
    };
    let mut colleague = AccessServiceClient::with_interceptor(world.suite.channel(), member(grid));
    assert_eq!(names(&mut colleague, ask.clone()).await, expected);

    let mut elsewhere = world.caller(Role::Operator, "620822");
    let strangers = names(&mut elsewhere, ask.clone()).await;
    assert!(strangers.iter().all(|person| !person.found && person.name.is_empty()));
    let mut integrator = world.caller(Role::Integrator, "620821");
    assert_eq!(reason(integrator.describe_persons(ask.clone()).await), "ROLE_NOT_ALLOWED");
    let anybody = world.anybody().describe_persons(ask.clone()).await;
    assert_eq!(reason(anybody), "TOKEN_MISSING");

    let wrong = |person_ids: &[&str]| DescribePersonsRequest {
        person_ids: person_ids.iter().map(|id| (*id).to_owned()).collect(),
        min_position: None,
    };
    let hostile = wrong(&["'; DROP TABLE people__v1; --", "", NOBODY, "李静怡"]);
    assert_eq!(fields(admin.describe_persons(hostile).await), ["person_ids"; 3]);
    assert_eq!(fields(admin.describe_persons(wrong(&[NOBODY; 201])).await), ["person_ids"]);

    world.suite.context().vault.erase(&li.person_id).await.unwrap();
    let erased = names(&mut admin, ask).await;
    assert_eq!((erased[1].name.as_str(), erased[1].found), ("", true), "an erased name is gone");
}
