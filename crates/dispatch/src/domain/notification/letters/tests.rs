use super::*;

fn person_of(key: &str) -> PersonId {
    format!("620821000000-{key}").parse().unwrap()
}

fn matter() -> Matter {
    let body = |key: &str| Assignee {
        organisation: Some(format!("620821000000-{key}").parse().unwrap()),
        person: None,
    };
    Matter {
        assignee: Some(Assignee { organisation: None, person: Some(person_of("member")) }),
        assistants: vec![body("assist")],
        convened: vec![body("police"), body("roads")],
        reporters: vec![person_of("r1"), person_of("r2"), person_of("r1")],
        division: Some("620821101203".parse().unwrap()),
        confidential: false,
    }
}

fn route(transition: Transition, audience: Audience, channels: &[NotificationChannel]) -> Route {
    Route { transition, audience, channels: channels.to_vec() }
}

/// Each letter as `audience channel recipient`.
fn told(transition: Transition, routes: &[Route], matter: &Matter) -> Vec<String> {
    let ways = |one: &PersonId| {
        if *one == person_of("r2") { vec![] } else { vec![NotificationChannel::Mail] }
    };
    letters(transition, routes, matter, ways)
        .into_iter()
        .map(|Letter { recipient, audience, channel }| {
            let Recipient { person, organisation, desk } = recipient;
            let to = person
                .map(|one| one.key().to_string())
                .or_else(|| organisation.map(|one| one.key().to_string()))
                .or_else(|| desk.map(|one| one.to_string()));
            format!("{audience} {channel} {}", to.unwrap())
        })
        .collect()
}

#[test]
fn no_rule_keeps_from_an_assignee_what_becomes_theirs() {
    use NotificationChannel::{Gateway, Inbox, Mail};
    // Every set of rules that has something to say of one transition and audience.
    for transition in Transition::ALL.iter().copied().filter(|one| is_the_assignees(*one)) {
        for audience in Audience::ALL {
            for channels in [&[][..], &[Mail], &[Gateway], &[Mail, Gateway], &[Inbox]] {
                for routes in [vec![], vec![route(transition, *audience, channels)]] {
                    for confidential in [false, true] {
                        let matter = Matter { confidential, ..matter() };
                        let told = told(transition, &routes, &matter);
                        let own = told.iter().filter(|one| *one == "assignee inbox member");
                        assert_eq!(own.count(), 1, "{transition} {routes:?}: {told:?}");
                    }
                }
            }
        }
    }
    assert!(is_the_assignees(Transition::WorkOrderRouted));
}

#[test]
fn each_audience_is_who_it_says() {
    use NotificationChannel::Inbox;
    let of = |audience| {
        let transition = Transition::WorkOrderAccepted;
        told(transition, &[route(transition, audience, &[Inbox])], &matter())
    };
    assert_eq!(of(Audience::Assignee), ["assignee inbox member"]);
    assert_eq!(of(Audience::Assistants), ["assistants inbox assist"]);
    assert_eq!(of(Audience::Convened), ["convened inbox police", "convened inbox roads"]);
    assert_eq!(of(Audience::Desk), ["desk inbox 620821101"]);
    assert_eq!(of(Audience::UpperDesk), ["upper_desk inbox 620821"]);
    assert_eq!(of(Audience::Reporter), ["reporter inbox r1", "reporter inbox r2"], "each once");
}

#[test]
fn what_leaves_the_house_needs_consent_and_nothing_confidential_leaves_it() {
    use NotificationChannel::{Gateway, Inbox, Mail};
    let transition = Transition::CaseResolved;
    let routes = [route(transition, Audience::Reporter, &[Inbox, Mail, Gateway])];
    let expected = ["reporter inbox r1", "reporter inbox r2", "reporter mail r1"];
    assert_eq!(told(transition, &routes, &matter()), expected);
    let confidential = Matter { confidential: true, ..matter() };
    assert_eq!(told(transition, &routes, &confidential), expected[..2]);
    let routes = [route(transition, Audience::Desk, &[Mail])];
    assert!(told(transition, &routes, &matter()).is_empty(), "a desk has no address");
}

#[test]
fn where_nobody_is_there_nobody_is_told() {
    use NotificationChannel::Inbox;
    let transition = Transition::WorkOrderRouted;
    for audience in Audience::ALL {
        let routes = [route(transition, *audience, &[Inbox])];
        assert!(told(transition, &routes, &Matter::default()).is_empty());
    }
    let nobody = Assignee { organisation: None, person: None };
    let matter = Matter { assignee: Some(nobody), ..Matter::default() };
    assert!(told(transition, &[], &matter).is_empty());
}
