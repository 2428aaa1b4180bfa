//! `weft doctor`: what is wrong and what to do. It looks at the machine whether the suite runs or
//! not, and asks the suite where it runs.

use std::process::ExitCode;

use kernel::Clock as _;
use platform::{
    config::Config,
    database::{Database, DatabaseSettings},
    nats_server,
};
use serde_json::json;

use super::{
    findings::{self, Level},
    status,
};
use crate::{
    cli::SuiteArgs,
    client::{self, configuration},
    clock::SystemClock,
    output,
};

mod exposure;
mod files;
mod ports;

/// One line of the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Check {
    name: &'static str,
    /// None where it could not be looked at.
    level: Option<Level>,
    text: String,
    /// What to do; empty where there is nothing.
    advice: String,
}

impl Check {
    fn ok(name: &'static str, text: impl Into<String>) -> Self {
        Self { name, level: Some(Level::Ok), text: text.into(), advice: String::new() }
    }

    fn warning(name: &'static str, text: impl Into<String>, advice: impl Into<String>) -> Self {
        let (text, advice) = (text.into(), advice.into());
        Self { name, level: Some(Level::Warning), text, advice }
    }

    fn failed(name: &'static str, text: impl Into<String>, advice: impl Into<String>) -> Self {
        let (text, advice) = (text.into(), advice.into());
        Self { name, level: Some(Level::Failed), text, advice }
    }

    fn skipped(name: &'static str, text: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { name, level: None, text: text.into(), advice: advice.into() }
    }

    fn word(&self) -> &'static str {
        match self.level {
            Some(Level::Ok) => "ok",
            Some(Level::Warning) => "warning",
            Some(Level::Failed) => "failed",
            None => "not checked",
        }
    }
}

/// Exit 1 if anything failed; warnings and what could not be looked at do not count.
pub(super) async fn run(suite: &SuiteArgs, as_json: bool) -> anyhow::Result<ExitCode> {
    let checks = match configuration(&suite.settings, &[]) {
        Ok((config, _)) => look(&config, suite).await,
        Err(error) => vec![Check::failed(
            "configuration",
            output::chain(&error),
            "mend it; `weft config print` shows what comes from where",
        )],
    };
    let failed = checks.iter().any(|check| check.level == Some(Level::Failed));
    if as_json {
        let checks: Vec<_> = checks
            .iter()
            .map(|check| {
                json!({
                    "name": check.name,
                    "state": check.word(),
                    "text": check.text,
                    "advice": check.advice,
                })
            })
            .collect();
        output::line(&json!({ "well": !failed, "checks": checks }).to_string());
    } else {
        for check in &checks {
            let advice = match check.advice.as_str() {
                "" => String::new(),
                advice => format!("; {advice}"),
            };
            output::line(&format!(
                "{:<11} {:<13} {}{advice}",
                check.word(),
                check.name,
                check.text
            ));
        }
    }
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

async fn look(config: &Config, suite: &SuiteArgs) -> Vec<Check> {
    let mut checks =
        vec![Check::ok("configuration", format!("it is good; county {}", config.county))];
    checks.extend(files::look(config));
    // Without a try for many seconds: a suite that is away is away.
    let up = client::connect(&suite.grpc, &suite.settings).await.is_ok();
    checks.extend(ports::look(config, &suite.grpc, up));
    checks.push(server(config).await);
    checks.push(database(config).await);
    checks.extend(exposure::look(config));
    checks.extend(exposure::certificates(config, SystemClock.now()));
    checks.push(time_zone());
    checks.extend(running(suite, up).await);
    checks
}

/// The nats-server: the program of our own child, or the one that is given.
async fn server(config: &Config) -> Check {
    const NAME: &str = "nats-server";
    let Some(url) = &config.nats.url else {
        return match nats_server::find(config.nats.server_binary.as_deref()).await {
            Ok(program) => {
                Check::ok(NAME, format!("{} {}", program.path.display(), program.version))
            }
            Err(error) => Check::failed(NAME, error.to_string(), "a suite cannot start without it"),
        };
    };
    let seeds = nats_server::read_seed(&config.nats_credentials(), nats_server::Account::Core);
    if let Err(error) = seeds {
        return Check::failed(NAME, error.to_string(), "make it with `weft nats init`");
    }
    match &config.nats.monitor_url {
        None if config.nats.allow_unsynced => Check::ok(NAME, format!("{url}, not watched")),
        None => Check::warning(
            NAME,
            format!("whether {url} syncs every write is not known"),
            "set nats.monitor_url",
        ),
        Some(monitor) if nats_server::sync_always(monitor).await => {
            Check::ok(NAME, format!("{url} syncs every write"))
        }
        Some(monitor) => Check::failed(
            NAME,
            format!("{monitor} does not answer, or the server does not sync every write"),
            "start it with sync_interval: always; `weft nats init` writes such a configuration",
        ),
    }
}

async fn database(config: &Config) -> Check {
    const NAME: &str = "database";
    let Some(url) = &config.database.url else {
        return Check::ok(
            NAME,
            format!("SQLite files in {}", config.data_dir.join("db").display()),
        );
    };
    let opened = Database::probe(&DatabaseSettings::Postgres(url.clone())).await;
    match opened {
        Ok(version) => Check::ok(NAME, format!("PostgreSQL {version}")),
        Err(error) => Check::failed(
            NAME,
            format!("PostgreSQL cannot be used: {error}"),
            "start it, or check database.url; nothing is lost: tables are rebuilt from the log",
        ),
    }
}

/// Days and deadlines are those of Asia/Shanghai whatever the machine says; its own logs are not.
fn time_zone() -> Check {
    let zone = std::fs::read_link("/etc/localtime").ok();
    let zone = zone.as_deref().and_then(std::path::Path::to_str);
    let zone = zone.and_then(|path| path.split_once("zoneinfo/")).map(|(_, zone)| zone.to_owned());
    let zone = zone.unwrap_or_else(|| "unknown".to_owned());
    Check::ok("time zone", format!("the machine's is {zone}; Weft's is Asia/Shanghai"))
}

/// What the suite says of itself.
async fn running(suite: &SuiteArgs, up: bool) -> Vec<Check> {
    const NAME: &str = "suite";
    if !up {
        let text = format!("none answers at {}: log, services, storage, clock", suite.grpc);
        return vec![Check::skipped(NAME, text, "start it with `weft up` and look again")];
    }
    let status = match status::ask(suite).await {
        Ok(status) => status,
        Err(error) => {
            return vec![Check::skipped(
                NAME,
                output::chain(&error),
                "name its data folder with --data or a token with --token",
            )];
        }
    };
    let head = status.head.clone().unwrap_or_default();
    let mut checks = vec![
        Check::ok(NAME, format!("weft {} · {}", status.version, status.services.join(", "))),
        Check::ok("log", format!("{} at {}", head.log, findings::thousands(head.sequence))),
        Check::ok(
            "services",
            format!("{} tables, {} processes", status.tables.len(), status.processes.len()),
        ),
        Check::ok("storage", fullest(&status)),
        Check::ok("clock", format!("{} ms from nats-server's", status.clock_ahead_millis)),
    ];
    for finding in findings::of(&status) {
        // What is found takes the place of the line that says that nothing was.
        checks.retain(|check| check.name != finding.about || check.level != Some(Level::Ok));
        checks.push(Check {
            name: finding.about,
            level: Some(finding.level),
            text: finding.text,
            advice: finding.advice,
        });
    }
    checks
}

fn fullest(status: &api::admin::v1::StatusResponse) -> String {
    let fullest = status.storage.iter().max_by_key(|storage| findings::percent(storage));
    fullest.map_or_else(String::new, |storage| {
        let used = findings::percent(storage).unwrap_or_default();
        format!("the fullest stream is {} at {used} %", storage.stream)
    })
}
