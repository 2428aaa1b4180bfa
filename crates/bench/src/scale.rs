//! How costs grow with what is in place: the same questions and the same whole cases with 100,000 and
//! with 1,000,000 cases, and how much a narrower scope costs beside the county's.
//!
//! Not part of a plain `make bench`, for it takes a quarter of an hour and some 12 GB of disk:
//! `cargo run --release -p bench -- scale`.

mod ask;
mod fill;

use std::{collections::BTreeMap, time::Duration};

use serde_json::Value;

use crate::{
    suite::Suite,
    table::{Table, say},
};

/// How many cases are in place, each with a history of four events.
const SIZES: [u64; 2] = [100_000, 1_000_000];

/// What the larger size may cost beside the smaller.
const GROWTH: f64 = 1.5;

/// What a scoped list may cost beside the county's.
const SCOPED: f64 = 1.2;

/// How many whole cases are played on top, and how many of them at once.
const PLAYED: (&str, &str) = ("2000", "32");

/// How long the tables may take to catch up with a million cases.
const CATCHES_UP: Duration = Duration::from_mins(30);

/// What a county of this size sets: a larger log, and memory for the names of its subjects.
const SETTINGS: [&str; 3] = [
    "nats.max_file_store=51539607552",
    "nats.log_max_bytes=21474836480",
    "nats.gomemlimit_mib=1024",
];

pub(crate) async fn measure() -> anyhow::Result<Vec<Table>> {
    let data = tempfile::tempdir()?;
    let suite = start(data.path())?;
    suite.import_county()?;
    // Members and departments are registered, caches are warm.
    suite.weft(&["simulate", "--cases", "500", "--concurrency", "32", "--seed", "1"])?;
    suite.stop()?;
    let mut filled = Table::new(
        "Histories of four events, appended in batches",
        &["cases", "events/s", "tables behind for s"],
    );
    let mut answers = Vec::new();
    let mut rates = Vec::new();
    let mut there = 0;
    for size in SIZES {
        say(&format!("scale, {size} cases"));
        let appended = fill::histories(data.path(), there..size).await?;
        there = size;
        let suite = start(data.path())?;
        let behind = suite.ready_after.as_secs_f64();
        filled.row(&[size.to_string(), format!("{appended:.0}"), format!("{behind:.0}")]);
        answers.push(ask::all(&suite).await?);
        rates.push(played(&suite, size)?);
        suite.stop()?;
    }
    Ok(vec![filled, growth(&answers), lifecycles(&rates), scopes(&answers)])
}

fn start(data: &std::path::Path) -> anyhow::Result<Suite> {
    Suite::start_with(data, &SETTINGS, CATCHES_UP)
}

/// Whole cases a second on top of what is there.
fn played(suite: &Suite, seed: u64) -> anyhow::Result<f64> {
    let seed = seed.to_string();
    let (cases, at_once) = PLAYED;
    let arguments = ["simulate", "--cases", cases, "--concurrency", at_once, "--seed", &seed];
    let output = suite.weft(&[&arguments[..], &["--json"]].concat())?;
    let figures: Value = serde_json::from_slice(&output.stdout)?;
    anyhow::ensure!(figures["errors"].as_u64() == Some(0), "simulate made errors");
    Ok(figures["lifecycles_per_second"].as_f64().unwrap_or_default())
}

/// The p50 and p99 of each question, in milliseconds, by its name.
type Answers = BTreeMap<&'static str, (f64, f64)>;

fn growth(answers: &[Answers]) -> Table {
    let mut table = Table::new(
        "Questions as the county grows",
        &["question", "p99 ms at 100,000", "p99 ms at 1,000,000", "ratio"],
    );
    let [few, many] = answers else { return table };
    for (question, (_, before)) in few {
        let after = many.get(question).map_or(f64::NAN, |(_, p99)| *p99);
        let ratio = after / before;
        let cells = [format!("{before:.2}"), format!("{after:.2}"), format!("{ratio:.2}")];
        table.row(&[&[(*question).to_owned()][..], &cells].concat());
        table.demand(&format!("{question}: less than {GROWTH} times"), ratio < GROWTH);
    }
    table
}

fn lifecycles(rates: &[f64]) -> Table {
    let mut table = Table::new(
        "Whole cases as the county grows",
        &["lifecycles/s at 100,000", "at 1,000,000", "ratio"],
    );
    let [few, many] = rates else { return table };
    let ratio = few / many;
    table.row(&[format!("{few:.0}"), format!("{many:.0}"), format!("{ratio:.2}")]);
    table.demand(&format!("less than {GROWTH} times slower"), ratio < GROWTH);
    table
}

/// What a township's, a village's and a grid's lists cost beside the county's, at the larger size.
fn scopes(answers: &[Answers]) -> Table {
    let mut table =
        Table::new("Scoped lists beside the county's", &["list", "p50 ms", "of the county's"]);
    let Some(answers) = answers.last() else { return table };
    for (whole, scoped) in ask::SCOPED {
        let county = answers.get(whole).map_or(f64::NAN, |(p50, _)| *p50);
        table.row(&[whole.to_owned(), format!("{county:.2}"), "1.00".to_owned()]);
        for list in scoped {
            let p50 = answers.get(list).map_or(f64::NAN, |(p50, _)| *p50);
            let ratio = p50 / county;
            table.row(&[list.to_owned(), format!("{p50:.2}"), format!("{ratio:.2}")]);
            table.demand(&format!("{list}: at most {SCOPED} of the county's"), ratio <= SCOPED);
        }
    }
    table
}
