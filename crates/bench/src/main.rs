//! `make bench`: what Weft does, each figure beside its reference in the same run. Machines are
//! shared and noisy: trust the ratios, not the absolute figures.
//!
//! `make bench` runs all but `scale`; `target/release/bench auth appends consoles deadlines
//! lifecycles memory photo rebuild routing scale seal` those that are named.

mod appends;
mod auth;
mod consoles;
mod deadlines;
mod lifecycles;
mod memory;
mod photo;
mod rebuild;
mod routing;
mod scale;
mod seal;
mod suite;
mod table;

use std::process::ExitCode;

use table::Table;

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let all = wanted.is_empty();
    let is_wanted = |name: &str| all || wanted.iter().any(|one| one == name);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.into()),
    };
    let mut report = Vec::new();
    let measured = runtime.block_on(async {
        if is_wanted("auth") {
            report.push(auth::measure()?);
        }
        if is_wanted("photo") {
            report.push(photo::measure()?);
        }
        if is_wanted("seal") {
            report.push(seal::measure()?);
        }
        if is_wanted("routing") {
            report.push(routing::measure()?);
        }
        if is_wanted("deadlines") {
            report.push(Box::pin(deadlines::measure()).await?);
        }
        if is_wanted("consoles") {
            report.extend(Box::pin(consoles::measure()).await?);
        }
        // Only where it is named: it takes a quarter of an hour.
        if wanted.iter().any(|one| one == "scale") {
            report.extend(Box::pin(scale::measure()).await?);
        }
        if is_wanted("appends") {
            report.push(appends::measure().await?);
        }
        if ["lifecycles", "memory", "rebuild"].into_iter().any(&is_wanted) {
            let played = lifecycles::measure()?;
            report.push(played.table);
            if is_wanted("memory") {
                report.push(memory::measure(played.data.path())?);
            }
            if is_wanted("rebuild") {
                report.push(Box::pin(rebuild::measure(played.data.path())).await?);
            }
        }
        anyhow::Ok(())
    });
    for table in &report {
        table::print(table);
    }
    match measured {
        Ok(()) if report.iter().all(Table::holds) => ExitCode::SUCCESS,
        Ok(()) => ExitCode::FAILURE,
        Err(error) => failed(&error),
    }
}

fn failed(error: &anyhow::Error) -> ExitCode {
    table::say(&format!("bench: {error:#}"));
    ExitCode::FAILURE
}
