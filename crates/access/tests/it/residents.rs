//! Residents, who need nobody's leave.

use api::access::v1::{self, EnrolResidentRequest};
use platform::auth::Scope;

use crate::world::{World, reason};

pub(crate) async fn anybody_becomes_a_resident(world: World) {
    let mut anybody = world.anybody();
    let first = anybody.enrol_resident(EnrolResidentRequest {}).await.unwrap().into_inner();
    let second = anybody.enrol_resident(EnrolResidentRequest {}).await.unwrap().into_inner();
    assert_ne!(first.person_id, second.person_id, "each is somebody of their own");
    assert_eq!(world.suite.head().await.sequence, 0, "enrolling writes nothing");

    let context = world.suite.context();
    let now = context.clock.now();
    assert_eq!(first.expires_at, now.0 + 400 * 86_400_000);
    let verifier = context.issuer.verifier(std::time::Duration::ZERO);
    let resident = verifier.verify(&first.token, now).unwrap();
    assert_eq!((resident.person.to_string(), &resident.scope), (first.person_id, &Scope::Own));
    assert_eq!(resident.role, kernel::Role::Resident);
    assert_eq!(resident.expires_at.0, first.expires_at);
    let mut resident = world.holder(&first.token);
    let asked = v1::DescribePersonsRequest::default();
    assert_eq!(reason(resident.describe_persons(asked).await), "ROLE_NOT_ALLOWED");
}
