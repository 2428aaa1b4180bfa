//! Organisations.

use std::collections::BTreeSet;

use api::access::v1::{CloseOrganisationRequest, ListOrganisationsRequest, Organisation};
use kernel::Role;

use crate::world::{Client, World, organisation, person, reason};

async fn all(
    client: &mut Client,
    page_size: i32,
    ask: ListOrganisationsRequest,
) -> Vec<Organisation> {
    let mut found = Vec::new();
    let mut page_token = String::new();
    loop {
        let ask = ListOrganisationsRequest { page_size, page_token, ..ask.clone() };
        let page = client.list_organisations(ask).await.unwrap().into_inner();
        assert!(page.organisations.len() <= page_size.unsigned_abs() as usize);
        found.extend(page.organisations);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return found;
        }
    }
}

pub(crate) async fn an_organisation_opens_and_closes(world: World) {
    let mut admin = world.administrator();
    let made = admin.register_organisation(organisation("o", "620821101")).await.unwrap();
    let id = made.into_inner().organisation_id;
    let close = |request_id: &str, organisation_id: &str| CloseOrganisationRequest {
        request_id: request_id.into(),
        organisation_id: organisation_id.into(),
    };
    let none = admin.close_organisation(close("c0", "620821101000-none")).await;
    assert_eq!(reason(none), "UNKNOWN_ORGANISATION");
    let closed = admin.close_organisation(close("c1", &id)).await.unwrap().into_inner();
    let again = admin.close_organisation(close("c2", &id)).await.unwrap().into_inner();
    assert_eq!((closed.version, again.version), (2, 2));
    let late = api::access::v1::RegisterPersonRequest {
        organisation_id: id.clone(),
        ..person("p", "620821")
    };
    assert_eq!(reason(admin.register_person(late).await), "ORGANISATION_CLOSED");

    let ask = ListOrganisationsRequest { min_position: closed.position, ..Default::default() };
    let listed = all(&mut admin, 10, ask).await;
    assert_eq!(listed.len(), 1);
    assert_eq!((listed[0].closed, listed[0].name.as_str()), (true, "620821101 综治中心"));
}

pub(crate) async fn pages_are_stable_within_a_scope(world: World) {
    let mut admin = world.administrator();
    for number in 0..20 {
        let division = ["620821101", "620821102", "620821101203"][number % 3];
        admin.register_organisation(organisation(&format!("o{number}"), division)).await.unwrap();
    }
    let ask = ListOrganisationsRequest {
        min_position: Some(world.suite.head().await.into()),
        ..Default::default()
    };
    let found = all(&mut admin, 7, ask.clone()).await;
    let distinct: BTreeSet<_> = found.iter().map(|found| &found.organisation_id).collect();
    assert_eq!((found.len(), distinct.len()), (20, 20));

    let mut town = world.caller(Role::Supervisor, "620821101");
    let seen = all(&mut town, 7, ask.clone()).await;
    assert_eq!(seen.len(), 13);
    assert!(seen.iter().all(|found| found.division.starts_with("620821101")));
    let of = |division: &str| ListOrganisationsRequest { division: division.into(), ..ask.clone() };
    assert_eq!(all(&mut town, 7, of("620821101203")).await.len(), 6);
    assert_eq!(reason(town.list_organisations(of("620821102")).await), "OUT_OF_SCOPE");
    assert_eq!(reason(town.list_organisations(of("620821")).await), "OUT_OF_SCOPE");
    let kind = |kind: &str| ListOrganisationsRequest { kind: kind.into(), ..ask.clone() };
    assert_eq!(all(&mut admin, 7, kind("d026")).await.len(), 20);
    assert!(all(&mut admin, 7, kind("d001")).await.is_empty());

    let page = ListOrganisationsRequest { page_size: 3, ..ask.clone() };
    let token = admin.list_organisations(page).await.unwrap().into_inner().next_page_token;
    let stolen = ListOrganisationsRequest { page_token: token, ..of("620821101") };
    assert_eq!(crate::world::fields(admin.list_organisations(stolen).await), ["page_token"]);
}

pub(crate) async fn a_rebuilt_table_says_the_same(world: World) {
    let mut admin = world.administrator();
    for number in 0..5 {
        admin
            .register_organisation(organisation(&format!("o{number}"), "620821101"))
            .await
            .unwrap();
    }
    let ask = ListOrganisationsRequest {
        min_position: Some(world.suite.head().await.into()),
        ..Default::default()
    };
    let before = all(&mut admin, 50, ask.clone()).await;
    drop(admin);
    let world = World { suite: world.suite.restart_without_databases().await };
    assert_eq!(all(&mut world.administrator(), 50, ask).await, before);
}
