//! Random histories: the sums kept as events come are the figures as they are defined, whatever else
//! is asked of the rows.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use dispatch::projections::figures::{
    Ask, COUNTERS, Counts, Dimension, FigureRow, Figures, Grain, Line, ask, open_before,
};
use platform::{
    database::{Database, DatabaseSettings, statement::Value},
    log::Recorded,
    projection::{InMemory, Runner, View},
};
use testkit::{Db, Suite, postgres::TestPostgres};

use super::{
    defined::{Sums, Told},
    histories::{BEGIN, DAYS, Dice, Happened, histories},
};

crate::on_both_databases! {
    sums_as_events_come_are_those_rebuilt_and_those_of_the_rows
}

const DAY_MS: i64 = 86_400_000;
/// A day after everything that happens.
const END: i64 = DAYS + 200;

/// Days counted from the first.
fn day(at: i64) -> i64 {
    (at - BEGIN).div_euclid(DAY_MS)
}

/// The first day as the tables count.
fn first_day() -> i64 {
    dispatch::projections::figures::day_of(BEGIN)
}

fn by_case(all: &[Happened]) -> Vec<Told<'_>> {
    let mut cases: BTreeMap<&str, Vec<&Happened>> = BTreeMap::new();
    for happened in all {
        cases.entry(&happened.case).or_default().push(happened);
    }
    cases.into_values().map(Told).collect()
}

fn folded(recorded: &[Recorded]) -> InMemory<Figures> {
    let mut memory = InMemory::new(Arc::new(Figures));
    for recorded in recorded {
        memory.apply(recorded).unwrap();
    }
    memory
}

/// The sums of a grain, with each key's parts as text; only what is not zero.
fn kept(memory: &InMemory<Figures>, grain: &str) -> BTreeMap<Vec<String>, BTreeMap<String, i64>> {
    let text = |value: &Value| match value {
        Value::Int(number) => (number.unwrap() - first_day()).to_string(),
        Value::Text(text) => text.clone().unwrap(),
    };
    let mut all = BTreeMap::new();
    for (key, sums) in memory.sums().iter().filter(|(key, _)| key[0] == Value::from(grain)) {
        let names = COUNTERS.iter().map(|name| (*name).to_owned());
        let sums = names.zip(sums.iter().copied()).filter(|(_, sum)| *sum != 0).collect();
        all.insert(key[1..].iter().map(text).collect(), sums);
    }
    all
}

#[test]
fn ten_thousand_random_histories_have_the_figures_of_their_definition() {
    let all = histories(10_000, 20_260_101);
    let recorded: Vec<Recorded> =
        all.iter().zip(1..).map(|(happened, sequence)| happened.recorded(sequence)).collect();
    let memory = folded(&recorded);
    let cases = by_case(&all);
    assert_eq!(cases.len(), 10_000);

    // Cases, under the day of the report.
    let mut defined = Sums::new();
    for case in &cases {
        let (reported, figures) = (day(case.0[0].at), case.figures());
        for (dimension, division, value) in case.places() {
            let sums =
                defined.entry((dimension.to_owned(), division, reported, value)).or_default();
            for (figure, by) in &figures {
                *sums.entry(figure.clone()).or_default() += by;
            }
        }
    }
    let flow = ["came", "went"];
    let mut found = Sums::new();
    for (key, mut sums) in kept(&memory, "cases") {
        sums.retain(|name, _| !flow.contains(&name.as_str()));
        if !sums.is_empty() {
            let [dimension, division, day, value, _] = key.try_into().unwrap();
            found.insert((dimension, division, day.parse().unwrap(), value), sums);
        }
    }
    assert!(found.len() > 3_000, "{}", found.len());
    assert_eq!(found, defined);

    // What is open when a day ends, of every value.
    let mut moved: BTreeMap<(String, String, String), BTreeMap<i64, i64>> = BTreeMap::new();
    for (key, sums) in kept(&memory, "cases") {
        let [dimension, division, day, value, _]: [String; 5] = key.try_into().unwrap();
        let net = flow.map(|name| sums.get(name).copied().unwrap_or_default());
        let days = moved.entry((dimension, division, value)).or_default();
        *days.entry(day.parse().unwrap()).or_default() += net[0] - net[1];
    }
    for last in [0, 7, 30, 60, 89, 120, END] {
        let mut open: BTreeMap<(String, String, String), i64> = BTreeMap::new();
        for case in &cases {
            let then = case.until(BEGIN + (last + 1) * DAY_MS);
            for (dimension, division, value) in then.places().into_iter().filter(|_| then.is_open())
            {
                *open.entry((dimension.to_owned(), division, value)).or_default() += 1;
            }
        }
        let counted =
            moved.iter().map(|(key, days)| (key.clone(), days.range(..=last).map(|d| d.1).sum()));
        let counted: BTreeMap<_, i64> = counted.filter(|(_, open)| *open != 0).collect();
        assert_eq!(counted, open, "after day {last}");
    }

    // Steps, with how long each stage had lasted.
    let mut defined: BTreeMap<(i64, String), (i64, i64)> = BTreeMap::new();
    for case in &cases {
        for pair in case.stages().windows(2) {
            let [(since, from), (at, to)] = [pair[0], pair[1]];
            let sums = defined.entry((day(at), format!("{from} {to}"))).or_default();
            *sums = (sums.0 + 1, sums.1 + at - since);
        }
    }
    let mut found = BTreeMap::new();
    for (key, sums) in kept(&memory, "steps") {
        let [dimension, _, day, _, step]: [String; 5] = key.try_into().unwrap();
        if dimension == "total" {
            found.insert((day.parse().unwrap(), step), (sums["moves"], sums["dwell_ms"]));
        }
    }
    assert_eq!(found, defined);
}

/// A database of its own, with the table in it, filled in batches of these sizes.
async fn filled(
    suite: &Suite,
    settings: &DatabaseSettings,
    recorded: &[Recorded],
    mut size: impl FnMut() -> usize,
) -> View<FigureRow> {
    let database = Database::open(settings, "figures").await.unwrap();
    let log = suite.context().log.clone();
    let (mut runner, view) = Runner::open(Figures, database, log).await.unwrap();
    let mut rest = recorded;
    while !rest.is_empty() {
        let (batch, others) = rest.split_at(size().clamp(1, rest.len()));
        runner.apply(&[Arc::new(batch.to_vec())]).await.unwrap();
        rest = others;
    }
    view
}

fn sorted(lines: Vec<Line>) -> BTreeMap<(String, i64, String), (Counts, Option<i64>)> {
    let lines = lines.into_iter().filter(|line| line.counts != Counts::default());
    lines.map(|line| ((line.value, line.day, line.step), (line.counts, line.oldest_open))).collect()
}

async fn sums_as_events_come_are_those_rebuilt_and_those_of_the_rows(db: Db) {
    let all = histories(150, 7);
    let recorded: Vec<Recorded> =
        all.iter().zip(1..).map(|(happened, sequence)| happened.recorded(sequence)).collect();
    let suite = Suite::start(vec![dispatch::service()], Db::Sqlite).await;
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let mut databases = Vec::new();
    let mut settings = Vec::new();
    for folder in &folders {
        settings.push(match db {
            Db::Sqlite => DatabaseSettings::Sqlite(folder.path().to_owned()),
            Db::Postgres => {
                databases.push(TestPostgres::create().await);
                DatabaseSettings::Postgres(databases.last().unwrap().url().to_owned())
            }
        });
    }
    let mut dice = Dice(11);
    let small = || usize::try_from(1 + dice.below(9)).unwrap();
    let came = filled(&suite, &settings[0], &recorded, small).await;
    let rebuilt = filled(&suite, &settings[1], &recorded, || 1_000).await;

    let whole = |grain, by| Ask {
        grain,
        division: "620821101".parse().unwrap(),
        from: first_day(),
        until: first_day() + END,
        by,
        only: Vec::new(),
        daily: true,
    };
    let dimensions = [
        Dimension::Total,
        Dimension::Division,
        Dimension::Category,
        Dimension::Department,
        Dimension::Member,
        Dimension::Channel,
    ];
    let answer =
        async |view: &View<FigureRow>, asked: &Ask| ask(view, asked).await.unwrap().unwrap();
    let mut asked = 0;
    for grain in [Grain::Cases, Grain::Steps, Grain::Flow] {
        for by in dimensions {
            for division in ["620821", "620821101"] {
                let question = Ask { division: division.parse().unwrap(), ..whole(grain, by) };
                let now = sorted(answer(&came, &question).await);
                assert!(!now.is_empty(), "{question:?}");
                assert_eq!(now, sorted(answer(&rebuilt, &question).await), "{question:?}");
                let later = Ask { from: first_day() + 40, ..question };
                let open = async |view| open_before(view, &later).await.unwrap().unwrap();
                let by_value = |open: Vec<(String, i64)>| {
                    open.into_iter().filter(|(_, open)| *open != 0).collect::<HashMap<_, _>>()
                };
                assert_eq!(by_value(open(&came).await), by_value(open(&rebuilt).await));
                asked += 1;
            }
        }
    }
    assert_eq!(asked, 36);

    // The rows of every channel add up to the sums of all.
    for by in dimensions.into_iter().filter(|by| *by != Dimension::Channel) {
        let question = whole(Grain::Cases, by);
        let mut added: BTreeMap<(String, i64, String), Counts> = BTreeMap::new();
        for channel in ["qr_page", "hotline", "patrol", "snap"] {
            let only = vec![
                (Dimension::Channel, channel.to_owned()),
                (Dimension::Category, "0101".to_owned()),
            ];
            let asked = Ask { only, ..question.clone() };
            for line in answer(&came, &asked).await {
                added.entry((line.value, line.day, line.step)).or_default().add(&line.counts);
            }
        }
        let only = vec![(Dimension::Category, "0101".to_owned())];
        let mut sums: BTreeMap<(String, i64, String), Counts> = BTreeMap::new();
        for line in answer(&came, &Ask { only, ..question }).await {
            let counts = Counts { came: 0, went: 0, ..line.counts };
            sums.entry((line.value, line.day, line.step)).or_default().add(&counts);
        }
        sums.retain(|_, counts| *counts != Counts::default());
        added.retain(|_, counts| *counts != Counts::default());
        assert_eq!(added, sums, "{by:?}");
    }
}
