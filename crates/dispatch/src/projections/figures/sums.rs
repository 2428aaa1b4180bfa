//! What an event adds to the sums beside the rows: for each dimension, to the day on which the case was
//! reported what its figures changed by, and to the day of the event what came, went and moved.

use platform::{
    database::statement::Value,
    projection::tally::{Kind, Tallies, Tally},
};

use super::{FigureRow, day_of};

/// Declares the sums: first those that are columns of a row too, by the same name.
macro_rules! counters {
    ([$($figure:ident)*] [$($beside:ident)*]) => {
        /// The names of the sums, in the order in which questions are answered.
        pub const COUNTERS: &[&str] = &[$(stringify!($figure),)* $(stringify!($beside),)*];

        /// Sums by their names. Those of one case are described at its row.
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct Counts {
            $(#[doc = concat!("How many, or how much: `", stringify!($figure), "`.")]
            pub $figure: i64,)*
            $(#[doc = concat!("How many, or how much: `", stringify!($beside), "`.")]
            pub $beside: i64,)*
        }

        impl Counts {
            /// The sums in the order of [`COUNTERS`]; what is not there is zero.
            pub fn new(sums: &[i64]) -> Self {
                let mut sums = sums.iter().copied();
                let mut next = || sums.next().unwrap_or_default();
                Self { $($figure: next(),)* $($beside: next(),)* }
            }

            /// Adds others to these.
            pub fn add(&mut self, others: &Self) {
                $(self.$figure += others.$figure;)*
                $(self.$beside += others.$beside;)*
            }
        }

        /// What a case adds to each figure.
        fn figures(row: &FigureRow) -> Vec<i64> {
            vec![$(row.$figure),*]
        }
    };
}

counters! {
    [
        reported accepted refused answered on_site ended routed closed on_time first_assigned
        returned closed_once reopened rated contacted solved satisfied unrated in_grid open at_risk
        overdue handling_ms within_4h within_1d within_3d within_7d within_15d within_30d
    ]
    [came went moves dwell_ms]
}

/// The place of a sum.
const fn place(from_the_end: usize) -> usize {
    COUNTERS.len() - from_the_end
}

/// How many came to be open on the day, or became this value's while they were.
const CAME: usize = place(4);
/// How many ceased to be open on the day, or to be this value's while they were.
const WENT: usize = place(3);
/// How many made a step on the day.
const MOVES: usize = place(2);
/// How long they had stood where they left, milliseconds.
const DWELL_MS: usize = place(1);

/// The form of the sums. A question asks for one grain, dimension and division, and a range of days.
pub(super) const TALLIES: Tallies = Tallies {
    keys: &[
        ("grain", Kind::Text),
        ("dimension", Kind::Text),
        ("division", Kind::Text),
        ("day", Kind::Int),
        ("value", Kind::Text),
        ("step", Kind::Text),
    ],
    counters: COUNTERS,
};

/// By what is summed beside division and day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dimension {
    /// By nothing: the whole county.
    Total,
    /// By the division below.
    Division,
    /// By category.
    Category,
    /// By the organisation to which the case went last.
    Department,
    /// By the person to whom it went last; within townships only, for a county adds them up.
    Member,
    /// By the way in which it was reported.
    Channel,
}

impl Dimension {
    /// The word in the table.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Total => "total",
            Self::Division => "division",
            Self::Category => "category",
            Self::Department => "department",
            Self::Member => "member",
            Self::Channel => "channel",
        }
    }
}

/// The grain of what belongs to the day on which a case was reported, and of what came and went.
pub(super) const CASES: &str = "cases";
/// The grain of moves from stage to stage.
pub(super) const STEPS: &str = "steps";

/// Where a case is summed: dimension, division, value.
type Place<'a> = (Dimension, &'a str, &'a str);

/// A township's own sum is its county's by division, and a village's its township's.
fn places(row: &FigureRow) -> Vec<Place<'_>> {
    let mut places = Vec::with_capacity(10);
    // An order's row says only where its case is.
    if row.county.is_empty() {
        return places;
    }
    places.push((Dimension::Total, row.county.as_str(), ""));
    places.push((Dimension::Division, row.county.as_str(), row.township.as_str()));
    let township = (!row.township.is_empty()).then_some(row.township.as_str());
    for division in std::iter::once(row.county.as_str()).chain(township) {
        places.push((Dimension::Category, division, row.category.as_str()));
        places.push((Dimension::Channel, division, row.channel.as_str()));
        if !row.org.is_empty() {
            places.push((Dimension::Department, division, row.org.as_str()));
        }
    }
    if let Some(township) = township {
        places.push((Dimension::Division, township, row.village.as_str()));
        if !row.assignee.is_empty() {
            places.push((Dimension::Member, township, row.assignee.as_str()));
        }
    }
    places
}

fn tally(
    grain: &str,
    (dimension, division, value): Place<'_>,
    day: i64,
    step: &str,
    adds: Vec<(usize, i64)>,
) -> Tally {
    let text = |text: &str| Value::from(text);
    let (dimension, day) = (dimension.as_str(), Value::from(day));
    let key = vec![text(grain), text(dimension), text(division), day, text(value), text(step)];
    Tally { key, adds }
}

/// What differs between two lists of figures, with the place of each.
fn difference(from: &[i64], to: &[i64]) -> Vec<(usize, i64)> {
    let both = from.iter().zip(to).enumerate();
    both.filter(|(_, (from, to))| from != to)
        .map(|(place, (from, to))| (place, to - from))
        .collect()
}

/// What an event at a moment adds, by which a row became this of that.
pub(super) fn of(before: Option<&FigureRow>, now: Option<&FigureRow>, at: i64) -> Vec<Tally> {
    let Some(now) = now else { return Vec::new() };
    let (old_places, places) = (before.map(places).unwrap_or_default(), places(now));
    let nothing = vec![0; figures(now).len()];
    let figures_now = figures(now);
    let figures_before = before.map_or_else(|| nothing.clone(), figures);
    let was_open = before.is_some_and(|before| before.open == 1);
    let today = day_of(at);
    let mut tallies = Vec::new();
    let mut add = |grain, place, day, step: &str, adds: Vec<(usize, i64)>| {
        if !adds.is_empty() {
            tallies.push(tally(grain, place, day, step, adds));
        }
    };
    let step = before.filter(|before| before.stage != now.stage).map(|before| {
        let adds = vec![(MOVES, 1), (DWELL_MS, (at - before.since).max(0))];
        (format!("{} {}", before.stage, now.stage), adds)
    });
    for place in &places {
        let had = old_places.contains(place);
        let from = if had { &figures_before } else { &nothing };
        add(CASES, *place, now.reported_day, "", difference(from, &figures_now));
        let flow = match (had && was_open, now.open == 1) {
            (false, true) => vec![(CAME, 1)],
            (true, false) => vec![(WENT, 1)],
            (true, true) | (false, false) => Vec::new(),
        };
        add(CASES, *place, today, "", flow);
        if let Some((step, adds)) = &step {
            add(STEPS, *place, today, step, adds.clone());
        }
    }
    // Where it is counted no more: it went to another.
    for place in old_places.iter().filter(|place| !places.contains(place)) {
        add(CASES, *place, now.reported_day, "", difference(&figures_before, &nothing));
        if was_open {
            add(CASES, *place, today, "", vec![(WENT, 1)]);
        }
    }
    tallies
}
