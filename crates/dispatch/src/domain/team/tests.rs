//! Given this history, when this is asked, then this happens.

use kernel::{StoredEvent as _, fold};

use super::{Command as C, *};

const AT: Timestamp = Timestamp(1_000);

fn office(division: &str) -> Caller {
    let person = format!("620821000000-of{division}").parse().unwrap();
    Caller { person, within: Within::Division(division.parse().unwrap()) }
}

fn samples() -> Vec<(&'static str, Command)> {
    let register = C::RegisterTeam {
        at: AT,
        team: "620821101000-t1".parse().unwrap(),
        division: "620821101".parse().unwrap(),
        organisation: "620821101000-o".parse().unwrap(),
        name: "620821101000-n".parse().unwrap(),
        full_time: 12,
        auxiliary: 18,
        members: Vec::new(),
    };
    let duty = |division, until| C::PutTeamOnDuty {
        at: AT,
        caller: office(division),
        from: AT,
        until: Timestamp(until),
        leader: None,
    };
    vec![
        ("登记 register", register),
        ("值班 put on duty", duty("620821101", 2_000)),
        ("改班 put on duty otherwise", duty("620821", 3_000)),
        ("他处值班 put on duty from elsewhere", duty("620821102", 2_000)),
        ("撤销 disband", C::DisbandTeam { at: AT, caller: office("620821101") }),
    ]
}

fn said(event: &TeamEvent) -> &'static str {
    event.ce_type().split('.').nth(2).unwrap_or_default()
}

#[test]
fn the_rules_are_as_written() {
    let mut state = State::default();
    let mut after = |place: usize| {
        let events = Team::decide(&state, samples()[place].1.clone()).unwrap();
        state = fold::<Team>(state.clone(), &events);
        state.clone()
    };
    let states = [
        ("无 none", State::default()),
        ("已登记 registered", after(0)),
        ("值班中 on duty", after(1)),
        ("已撤销 disbanded", after(4)),
    ];
    let title = "队伍规则 · The rules of the team";
    let text = testkit::rules::table::<Team>(title, &states, &samples(), said);
    testkit::rules::check("src/domain/team.rules.md", &text);
}

#[test]
fn what_holds_of_every_aggregate_holds() {
    // A roster may go back and forth: the two terms are not asked of one history.
    let samples = samples().into_iter().enumerate().filter(|(place, _)| *place != 2);
    let commands: Vec<Command> = samples.map(|(_, (_, command))| command).collect();
    testkit::properties::deciding_twice_changes_nothing::<Team>(&commands);
    testkit::properties::folding_equals_one_by_one::<Team>(&commands);
    testkit::properties::accepted_histories_never_panic::<Team>(&commands);
}
