use contracts::{
    dispatch::{
        Assignee,
        mediation::{
            DisputeLevel, FollowUpState, MediationKind, SessionPlace, SessionResult, Tier,
        },
    },
    intake::Satisfaction,
};
use kernel::{Rejection as _, StoredEvent as _, Timestamp, id::PersonId};
use testkit::rules::table;

use super::*;

const NOW: Timestamp = Timestamp(1_000);

fn by(tier: Tier) -> By {
    By { at: NOW, person: person("mediator"), tier }
}

fn person(key: &str) -> PersonId {
    format!("620821000000-{key}").parse().unwrap()
}

fn later(days: i64) -> By {
    By { at: NOW.plus_millis(days * DAY_MS), ..by(Tier::Village) }
}

fn open() -> Command {
    Command::OpenMediation(Box::new(Open {
        by: by(Tier::Village),
        work_order: "620821108203-order".parse().unwrap(),
        case: "620821108203-case".parse().unwrap(),
        category: "0901".parse().unwrap(),
        division: "620821108203".parse().unwrap(),
        grid: Some("620821108203001".parse().unwrap()),
        kind: MediationKind::Peoples,
        parties: ["g", "h"].map(|key| format!("620821108203-{key}").parse().unwrap()).into(),
        assignee: Assignee { organisation: None, person: Some(person("mediator")) },
    }))
}

fn consent(party: u32, agrees: bool) -> Command {
    Command::RecordPartyConsent { by: by(Tier::Village), party, agrees }
}

fn session(tier: Tier) -> Command {
    let (place, result) = (SessionPlace::OnSite, SessionResult::NoResult);
    Command::RecordSession { by: by(tier), place, result, notes: None }
}

fn conclude(outcome: MediationOutcome) -> Command {
    let agreement = None;
    Command::ConcludeMediation {
        by: by(Tier::Village),
        outcome,
        agreement,
        follow_up_days: vec![30, 90],
    }
}

fn follow_up(number: u32) -> Command {
    Command::FollowUpMediation { by: later(30), number, state: FollowUpState::Kept, notes: None }
}

fn rate(party: u32) -> Command {
    let satisfaction = Satisfaction::Satisfied;
    Command::RateMediation { by: by(Tier::Village), party, solved: true, satisfaction }
}

fn urgent() -> Command {
    let category = "0812".parse().unwrap();
    Command::TurnMediationUrgent { by: by(Tier::Village), category, text: None }
}

fn rings(number: u32, days: i64) -> Command {
    Command::MarkFollowUpDue { at: NOW.plus_millis(days * DAY_MS), number }
}

fn after(commands: impl IntoIterator<Item = Command>) -> State {
    commands.into_iter().fold(State::default(), |state, command| {
        let events = Mediation::decide(&state, command).unwrap();
        events.iter().fold(state, Mediation::evolve)
    })
}

fn under_way() -> Vec<Command> {
    vec![open(), consent(1, true), consent(2, true)]
}

fn settled() -> Vec<Command> {
    let end = [session(Tier::Village), conclude(MediationOutcome::SettledOrally)];
    [under_way(), end.into()].concat()
}

/// The names of what comes of a command, or the reason why nothing does.
fn outcome(state: &State, command: Command) -> Result<Vec<&'static str>, &'static str> {
    let name = |event: &MediationEvent| event.ce_type().split('.').nth(2).unwrap();
    match Mediation::decide(state, command) {
        Ok(events) => Ok(events.iter().map(name).collect()),
        Err(rejection) => Err(rejection.reason()),
    }
}

fn commands() -> Vec<(&'static str, Command)> {
    vec![
        ("登记 OpenMediation", open()),
        ("当事人同意 RecordPartyConsent", consent(1, true)),
        ("当事人不同意 RecordPartyConsent, no", consent(2, false)),
        ("调处 RecordSession", session(Tier::Village)),
        ("上级调处 RecordSession, by the county", session(Tier::County)),
        ("提级 RaiseMediation", Command::RaiseMediation { at: NOW, tier: Tier::Township }),
        (
            "研判 AssessMediation",
            Command::AssessMediation { by: by(Tier::Village), level: DisputeLevel::High },
        ),
        ("达成协议 ConcludeMediation, settled", conclude(MediationOutcome::SettledOrally)),
        ("当事人退出 ConcludeMediation, withdrawn", conclude(MediationOutcome::Withdrawn)),
        ("回访到期 MarkFollowUpDue", rings(1, 30)),
        ("回访未到期 MarkFollowUpDue, early", rings(2, 30)),
        ("回访 FollowUpMediation", follow_up(1)),
        ("评价 RateMediation", rate(1)),
        ("发现暴力迹象 TurnMediationUrgent", urgent()),
    ]
}

fn said(event: &MediationEvent) -> &'static str {
    use MediationEvent as E;
    match event {
        E::MediationOpened(_) => "登记 is opened",
        E::PartyConsented(_) => "同意 a party consents",
        E::PartyConsentWithdrawn(_) => "撤回同意 a party withdraws",
        E::MediationSessionHeld(_) => "调处 a session",
        E::MediationRaised(_) => "提级 is raised",
        E::MediationAssessed(_) => "研判 is assessed",
        E::MediationConcluded(_) => "结束 is concluded",
        E::MediationFollowUpDue(_) => "回访到期 a follow-up is due",
        E::MediationFollowedUp(_) => "回访 is followed up",
        E::MediationRated(_) => "评价 is rated",
        E::MediationTurnedUrgent(_) => "转紧急 turns urgent",
    }
}

#[test]
fn the_rules_are_those_that_are_written_down() {
    let ended = [under_way(), vec![session(Tier::Village), conclude(MediationOutcome::NotSettled)]];
    let states = [
        ("无 none", State::default()),
        ("已登记 proposed", after([open()])),
        ("调解中 under way", after(under_way())),
        ("已达成 settled", after(settled())),
        ("未达成 ended", after(ended.concat())),
        ("转紧急 urgent", after([open(), urgent()])),
    ];
    let rules = table::<Mediation>("调解规则 The rules of mediation", &states, &commands(), said);
    testkit::rules::check("src/domain/mediation.rules.md", &rules);
}

#[test]
fn a_decider_has_its_three_properties() {
    let commands: Vec<Command> = commands().into_iter().map(|(_, command)| command).collect();
    testkit::properties::deciding_twice_changes_nothing::<Mediation>(&commands);
    testkit::properties::folding_equals_one_by_one::<Mediation>(&commands);
    testkit::properties::accepted_histories_never_panic::<Mediation>(&commands);
}

#[test]
fn nothing_is_held_before_every_party_has_agreed() {
    let one = after([open(), consent(1, true)]);
    assert_eq!(outcome(&one, session(Tier::Village)), Err("PARTIES_NOT_CONSENTED"));
    assert_eq!(outcome(&one, consent(3, true)), Err("NO_SUCH_PARTY"));
    assert_eq!(outcome(&one, consent(0, true)), Err("NO_SUCH_PARTY"));
    assert_eq!(outcome(&one, consent(1, true)), Ok(vec![]));
    assert_eq!(
        outcome(&after(under_way()), session(Tier::Village)),
        Ok(vec!["mediation_session_held"])
    );
}

#[test]
fn a_party_leaves_at_any_time_and_that_is_no_fault() {
    for so_far in [vec![open()], under_way(), [under_way(), vec![session(Tier::Village)]].concat()]
    {
        let state = after(so_far.clone());
        let left = outcome(&state, consent(2, false));
        assert_eq!(left, Ok(vec!["party_consent_withdrawn", "mediation_concluded"]));
        let state = after(so_far.into_iter().chain([consent(2, false)]));
        let dispute = state.mediation.as_ref().unwrap();
        assert_eq!((dispute.status, &*dispute.follow_ups), (Status::Ended, &[][..]));
        assert_eq!(outcome(&state, consent(2, false)), Ok(vec![]), "said again, nothing changes");
    }
}

#[test]
fn whoever_has_it_above_keeps_it_from_those_below() {
    let raised = |tier| [under_way(), vec![Command::RaiseMediation { at: NOW, tier }]].concat();
    let township = after(raised(Tier::Township));
    assert_eq!(outcome(&township, session(Tier::Village)), Err("MEDIATED_AT_HIGHER_TIER"));
    assert_eq!(outcome(&township, session(Tier::Township)), Ok(vec!["mediation_session_held"]));
    // The county sits down with them: it is the county's from then on.
    let county = after(raised(Tier::Township).into_iter().chain([session(Tier::County)]));
    assert_eq!(outcome(&county, session(Tier::Township)), Err("MEDIATED_AT_HIGHER_TIER"));
    let settled = conclude(MediationOutcome::SettledInWriting);
    assert_eq!(outcome(&county, settled), Err("MEDIATED_AT_HIGHER_TIER"));
    // It never comes down again, and says nothing twice.
    let lower = Command::RaiseMediation { at: NOW, tier: Tier::Township };
    assert_eq!(outcome(&county, lower), Ok(vec![]));
}

#[test]
fn an_agreement_is_looked_at_on_day_30_and_day_90_and_each_date_rings_once() {
    let mut state = after(settled());
    let dates: Vec<i64> = state
        .mediation
        .as_ref()
        .unwrap()
        .follow_ups
        .iter()
        .map(|date| date.due.0 - NOW.0)
        .collect();
    assert_eq!(dates, [30 * DAY_MS, 90 * DAY_MS]);
    let mut rung = Vec::new();
    for day in 0..100 {
        for number in 1..=2 {
            for event in Mediation::decide(&state, rings(number, day)).unwrap() {
                rung.push((day, number));
                state = Mediation::evolve(state, &event);
            }
        }
    }
    assert_eq!(rung, [(30, 1), (90, 2)]);
    let early = after(settled().into_iter().chain([follow_up(2)]));
    assert_eq!(outcome(&early, rings(2, 90)), Ok(vec![]), "what was looked at does not ring");
    assert_eq!(outcome(&early, follow_up(2)), Err("ALREADY_FOLLOWED_UP"));
    assert_eq!(outcome(&early, follow_up(3)), Err("NO_SUCH_FOLLOW_UP"));
}

#[test]
fn each_party_rates_for_itself_and_once() {
    let state = after(settled().into_iter().chain([rate(1)]));
    assert_eq!(outcome(&state, rate(1)), Err("PARTY_HAS_RATED"));
    assert_eq!(outcome(&state, rate(2)), Ok(vec!["mediation_rated"]));
}
