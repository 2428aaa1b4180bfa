//! What the selects of these pages offer: categories, places, whom an order can go to.

use api::{
    access::v1::ListOrganisationsRequest,
    dispatch::v1::{Assignee, ExplainRoutingRequest},
    grid::v1::{GetGridRequest, ListDivisionsRequest},
};

use crate::{gateway::Gateway, session::StaffSession, shell::Shell, words::Locale};

/// Options under a heading: value and text.
#[derive(Clone, Debug)]
pub(super) struct Group {
    /// The heading.
    pub(super) name: String,
    /// The options.
    pub(super) options: Vec<(String, String)>,
}

/// How many organisations a select offers at most.
const ORGANISATIONS: i32 = 500;

/// The leaves of the catalogue under their groups.
pub(super) fn categories(gateway: &Gateway, locale: Locale) -> Vec<Group> {
    let all = gateway.names.categories();
    let is_group = |code: &str| all.iter().any(|other| other.parent == code);
    let mut groups: Vec<(String, Group)> = Vec::new();
    for leaf in all.iter().filter(|category| !is_group(&category.code)) {
        let option = (leaf.code.clone(), leaf.name(locale).to_owned());
        if let Some((_, group)) = groups.iter_mut().find(|(code, _)| *code == leaf.parent) {
            group.options.push(option);
        } else {
            let name = gateway.names.category(&leaf.parent, locale);
            groups.push((leaf.parent.clone(), Group { name, options: vec![option] }));
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

/// The divisions directly below the visitor's own; none where the register is away.
pub(super) async fn divisions(gateway: &Gateway, session: &StaffSession) -> Vec<(String, String)> {
    let parent = session.who.division(gateway);
    let request =
        ListDivisionsRequest { page_size: 500, parent, ..ListDivisionsRequest::default() };
    let answer = gateway.clients.grid(session.token()).list_divisions(request).await;
    let rows = answer.map(|answer| answer.into_inner().divisions).unwrap_or_default();
    rows.into_iter()
        .map(|row| (gateway.names.place(&row.code), row.code))
        .map(|(name, code)| (code, name))
        .collect()
}

/// An assignee as a form carries it: `organisation/person`.
pub(super) fn assignee_value(assignee: &Assignee) -> String {
    format!("{}/{}", assignee.organisation_id, assignee.person_id)
}

/// The assignee of a form's value.
pub(super) fn assignee_of(value: &str) -> Assignee {
    let (organisation, person) = value.split_once('/').unwrap_or((value, ""));
    Assignee { organisation_id: organisation.to_owned(), person_id: person.to_owned() }
}

/// The name of an assignee: the person, of the organisation; nobody's is empty.
pub(super) fn assignee_name(shell: &Shell, assignee: &Assignee) -> String {
    match (assignee.organisation_id.as_str(), assignee.person_id.as_str()) {
        ("", "") => String::new(),
        (organisation, "") => shell.organisation(organisation),
        ("", person) => person_name(shell, person),
        (organisation, person) => {
            format!("{} · {}", shell.organisation(organisation), person_name(shell, person))
        }
    }
}

/// The name of a member of staff; of one who is not in the register, the end of the id.
pub(super) fn person_name(shell: &Shell, id: &str) -> String {
    let name = shell.person(id);
    if name == id { shell.with("console-person", "id", super::short(id)) } else { name }
}

/// Whom an order of this category at this place can be given to: those whom the rules consider, with
/// their load, then the grid's members, then the organisations.
pub(super) async fn assignees(
    gateway: &Gateway,
    session: &StaffSession,
    shell: &Shell,
    (category, division, grid): (&str, &str, &str),
) -> Vec<Group> {
    let clients = &gateway.clients;
    let (mut dispatch, mut access, mut grids) = (
        clients.dispatch(session.token()),
        clients.access(session.token()),
        clients.grid(session.token()),
    );
    let routing = ExplainRoutingRequest {
        category: category.to_owned(),
        division: division.to_owned(),
        grid: grid.to_owned(),
        ..ExplainRoutingRequest::default()
    };
    let organisations = ListOrganisationsRequest {
        page_size: ORGANISATIONS,
        ..ListOrganisationsRequest::default()
    };
    let members = GetGridRequest { grid: grid.to_owned(), min_position: None };
    let (routing, members, organisations) = tokio::join!(
        dispatch.explain_routing(routing),
        async { if grid.is_empty() { None } else { grids.get_grid(members).await.ok() } },
        access.list_organisations(organisations),
    );
    let candidates = routing.map(|answer| answer.into_inner().candidates).unwrap_or_default();
    let members = members
        .and_then(|answer| answer.into_inner().grid)
        .map(|grid| grid.members)
        .unwrap_or_default();
    let persons = candidates
        .iter()
        .filter_map(|candidate| candidate.assignee.as_ref())
        .map(|assignee| assignee.person_id.as_str())
        .chain(members.iter().map(|member| member.person_id.as_str()));
    gateway.names.learn_persons(gateway, session.token(), persons).await;

    let mut seen = Vec::new();
    let mut fresh = |value: &String| {
        let new = value != "/" && !seen.contains(value);
        seen.push(value.clone());
        new
    };
    let first = candidates.into_iter().filter_map(|candidate| {
        let assignee = candidate.assignee?;
        let value = assignee_value(&assignee);
        let name = assignee_name(shell, &assignee);
        let load = i64::from(candidate.open_orders);
        fresh(&value).then(|| (value, shell.with2("console-load", "name", name, "n", load)))
    });
    let first: Vec<_> = first.collect();
    let second = members.into_iter().filter_map(|member| {
        let value = format!("/{}", member.person_id);
        fresh(&value).then(|| (value, person_name(shell, &member.person_id)))
    });
    let second: Vec<_> = second.collect();
    let all = organisations.map(|answer| answer.into_inner().organisations).unwrap_or_default();
    let third = all.into_iter().filter(|organisation| !organisation.closed).filter_map(|row| {
        let value = format!("{}/", row.organisation_id);
        let name = format!("{} · {}", row.name, shell.place_of(&row.division));
        fresh(&value).then_some((value, name))
    });
    let third: Vec<_> = third.collect();
    [("candidates", first), ("members", second), ("organisations", third)]
        .into_iter()
        .filter(|(_, options)| !options.is_empty())
        .map(|(key, options)| Group { name: shell.word("console-assign", key), options })
        .collect()
}
