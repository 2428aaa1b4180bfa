//! A routing decision over 317 grids and 1,000 rules, beside asking every rule in turn.

use std::{hint::black_box, time::Instant};

use contracts::{
    dispatch::rules::{Condition, Rule, RuleAction},
    grid::{GridKind, MemberDuty},
    intake::{Admission, CategoryKind, Urgency},
};
use dispatch::domain::routing::{
    Body, Facts, Kinds, Matter, Member, Presence, RuleList, route, rules::everything,
};
use kernel::{
    Division, GridCode,
    id::{Key, PersonId},
};

use crate::table::{Table, say};

/// As many as the county has.
const GRIDS: u16 = 317;

const RULES: u32 = 1_000;

/// How often each grid's matter is decided.
const ROUNDS: usize = 50;

pub(crate) fn measure() -> anyhow::Result<Table> {
    say("routing");
    let kinds = Kinds {
        grid_member: "d000".parse()?,
        village_bodies: vec!["d007".parse()?],
        township_desk: "d026".parse()?,
        county_desk: "d900".parse()?,
    };
    let list = RuleList::new(2, (0..RULES).map(rule).collect::<anyhow::Result<_>>()?);
    let matters: Vec<Facts> = (0..GRIDS).map(facts).collect::<anyhow::Result<_>>()?;
    let indexed = each(&matters, |facts| {
        let applying = list.applying(&facts.matter);
        black_box(route(facts, &kinds, &list, &applying));
    });
    let in_turn = each(&matters, |facts| {
        let applying = list.applying_one_by_one(&facts.matter);
        black_box(route(facts, &kinds, &list, &applying));
    });
    let mut table = Table::new(
        "A routing decision, microseconds",
        &["grids", "rules", "median", "p99", "every rule in turn, median", "p99 "],
    );
    table.row(&[
        GRIDS.to_string(),
        RULES.to_string(),
        format!("{:.1}", indexed.0),
        format!("{:.1}", indexed.1),
        format!("{:.1}", in_turn.0),
        format!("{:.1}", in_turn.1),
    ]);
    table.demand("under 100 microseconds at the 99th percentile", indexed.1 < 100.0);
    Ok(table)
}

/// Rules as a county might write them: most for some categories of some townships, each with a
/// condition or two beside.
fn rule(number: u32) -> anyhow::Result<Rule> {
    let group = format!("{:02}", number % 12 + 1);
    let category =
        if number.is_multiple_of(5) { group } else { format!("{group}{:02}", number / 12 % 9 + 1) };
    let township = format!("620821{}", 101 + number % 14);
    let when = Condition {
        categories: vec![category.parse()?],
        divisions: if number.is_multiple_of(7) { Vec::new() } else { vec![township.parse()?] },
        urgencies: if number.is_multiple_of(2) { vec![Urgency::Urgent] } else { Vec::new() },
        working_time: number.is_multiple_of(3).then_some(false),
        grid_kinds: if number.is_multiple_of(11) { vec![GridKind::Urban] } else { Vec::new() },
        ..Condition::default()
    };
    Ok(match number % 4 {
        0 => Rule { when, ..everything(RuleAction::NearestMember) },
        1 => Rule { when, ..everything(RuleAction::BodyInCharge) },
        2 => Rule {
            when,
            kind: Some(format!("d0{:02}", number % 40 + 1).parse()?),
            ..everything(RuleAction::BodyOfKind)
        },
        _ => Rule { when, max_open_orders: Some(3), ..everything(RuleAction::GridMember) },
    })
}

/// A matter in a grid, with the members of its village and the bodies around it.
fn facts(number: u16) -> anyhow::Result<Facts> {
    let village: Division = format!("620821{}{}", 101 + number % 14, 201 + number % 20).parse()?;
    let grid = GridCode::new(village, number % 3 + 1)?;
    let county: Division = "620821".parse()?;
    let member = |place: u32| Member {
        person: PersonId::new(county, Key::from_bits(u128::from(number) * 100 + u128::from(place))),
        duty: MemberDuty::FullTime,
        open_orders: place % 7,
        of_the_grid: place < 3,
        distance_m: Some(place * 137 % 900),
        rested: Some(!place.is_multiple_of(4)),
        on_duty: Some(!place.is_multiple_of(3)),
        presence: Presence::There,
    };
    let body = |place: u32| -> anyhow::Result<Body> {
        Ok(Body {
            organisation: format!("620821000000-o{place}").parse()?,
            kind: format!("d0{:02}", place % 40 + 1).parse()?,
            division: if place.is_multiple_of(2) { county } else { village },
            open_orders: place % 5,
            presence: Presence::There,
        })
    };
    Ok(Facts {
        matter: Matter {
            category: format!("{:02}{:02}", number % 12 + 1, number % 9 + 1).parse()?,
            kind: CategoryKind::Event,
            handler: "d012".parse()?,
            admission: Admission::Grid,
            urgency: Urgency::Urgent,
            division: grid.village(),
            grid_kind: Some(GridKind::Rural),
            weekday: 3,
            minute: 600,
            working_time: true,
            returned_by: Vec::new(),
        },
        reporter: None,
        members: (0..12).map(member).collect(),
        bodies: (0..40).map(body).collect::<anyhow::Result<_>>()?,
        returned: Vec::new(),
    })
}

/// The median and the 99th percentile over all matters, in microseconds.
fn each(matters: &[Facts], decide: impl Fn(&Facts)) -> (f64, f64) {
    let mut times = Vec::with_capacity(matters.len() * ROUNDS);
    for _ in 0..ROUNDS {
        for facts in matters {
            let begun = Instant::now();
            decide(facts);
            times.push(begun.elapsed().as_secs_f64() * 1e6);
        }
    }
    times.sort_by(f64::total_cmp);
    (times[times.len() / 2], times[times.len() * 99 / 100])
}
