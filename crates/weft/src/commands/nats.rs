//! `weft nats init`: what a nats-server that others start needs, and every secret of the suite.
//! `weft nats users`: who may read the public stream. Both work on files, whether the suite runs or
//! not.

use std::{path::Path, process::ExitCode};

use anyhow::{Context as _, bail};
use kernel::{Clock as _, Division, Timestamp};
use platform::nats_server::{Given, Integrator, Integrators, Running, write_given};

use crate::{
    cli::{Nats, Settings, Users},
    client::configuration,
    clock::SystemClock,
    commands::token::duration,
    output,
};

pub(super) async fn run(what: Nats) -> anyhow::Result<ExitCode> {
    match what {
        Nats::Init { out, listen, monitor, store, settings } => {
            init(&out, (listen, monitor), &store, &settings)?;
        }
        Nats::Users { what } => users(what).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn users(what: Users) -> anyhow::Result<()> {
    match what {
        Users::Add { name, division, out, settings } => {
            add(&name, &division, out.as_deref(), &settings).await
        }
        Users::Rotate { name, overlap, out, settings } => {
            rotate(&name, overlap.as_deref(), out.as_deref(), &settings).await
        }
        Users::Revoke { name, out, settings } => revoke(&name, out.as_deref(), &settings).await,
        Users::Lapse { out, settings } => lapse(out.as_deref(), &settings).await,
        Users::List { out, settings } => list(out.as_deref(), &settings),
    }
}

fn init(
    out: &Path,
    (listen, monitor): (String, String),
    store: &Path,
    settings: &Settings,
) -> anyhow::Result<()> {
    let (config, _) = configuration(settings, &[])?;
    platform::suite::make_keys(&config, SystemClock.now())?;
    let given = Given {
        county: config.county,
        listen,
        monitor,
        store_dir: store.to_owned(),
        max_file_store: config.nats.max_file_store,
        names: config.nats.names.clone(),
    };
    let path = write_given(out, &config.nats_credentials(), &given, SystemClock.now())?;
    output::line(&format!(
        "{} is written; start nats-server with `-c` and that file; the keys are in {}",
        path.display(),
        config.data_dir.join("keys").display()
    ));
    Ok(())
}

async fn add(
    name: &str,
    division: &str,
    out: Option<&Path>,
    settings: &Settings,
) -> anyhow::Result<()> {
    let division: Division = division.parse().context("--division")?;
    let integrators = integrators(out, settings)?;
    let seed = integrators.add(name, division, SystemClock.now())?;
    // The one line on standard output is the file: for scripts.
    output::line(&seed.display().to_string());
    let when = when(&integrators.tell(name, &seed).await?, out);
    output::note(&format!(
        "{name} may read {} {when}; the file is a secret: hand it over and keep no copy",
        platform::nats_server::prefix(division)
    ));
    Ok(())
}

async fn rotate(
    name: &str,
    overlap: Option<&str>,
    out: Option<&Path>,
    settings: &Settings,
) -> anyhow::Result<()> {
    let overlap = overlap.map(|text| duration("--overlap", text)).transpose()?.unwrap_or_default();
    let integrators = integrators(out, settings)?;
    let seed = integrators.rotate(name, overlap, SystemClock.now())?;
    output::line(&seed.display().to_string());
    let when = when(&integrators.tell(name, &seed).await?, out);
    let before = if overlap.is_zero() {
        "the key before no longer does".to_owned()
    } else if out.is_some() {
        format!("the key before does too, until you run `weft nats users lapse` in {overlap:?}")
    } else {
        format!("the key before does too, for {overlap:?}")
    };
    output::note(&format!("this key lets {name} in {when}; {before}; the file is a secret"));
    Ok(())
}

async fn revoke(name: &str, out: Option<&Path>, settings: &Settings) -> anyhow::Result<()> {
    let integrators = integrators(out, settings)?;
    integrators.revoke(name, SystemClock.now())?;
    let when = when(&integrators.reload(name).await?, out);
    output::note(&format!("{name} reads nothing any more {when}; the name is not given again"));
    Ok(())
}

async fn lapse(out: Option<&Path>, settings: &Settings) -> anyhow::Result<()> {
    let integrators = integrators(out, settings)?;
    if integrators.lapse(SystemClock.now())? {
        let when = when(&integrators.reload("a changed key").await?, out);
        output::note(&format!("keys whose overlap is over let nobody in {when}"));
    } else {
        output::note("no overlap is over");
    }
    Ok(())
}

/// From when on a change holds.
fn when(running: &Running, out: Option<&Path>) -> String {
    match running {
        Running::Told(url) => format!("from now on at {url}"),
        Running::NotRunning if out.is_some() => {
            "once nats-server was sent a SIGHUP, and another after a second".to_owned()
        }
        Running::NotRunning => "when a suite is started here".to_owned(),
    }
}

fn list(out: Option<&Path>, settings: &Settings) -> anyhow::Result<()> {
    for user in integrators(out, settings)?.list()? {
        let (name, division, prefix) = (&user.name, user.division, user.prefix());
        output::line(&format!("{name}\t{division}\t{prefix}\t{}", standing(&user)));
    }
    Ok(())
}

/// What became of a user, and when.
fn standing(user: &Integrator) -> String {
    let Integrator { created, rotated, former, revoked, .. } = user;
    let at = |what: &str, when: &Timestamp| format!("{what} {}", when.to_rfc3339());
    match (revoked, former, rotated) {
        (Some(when), _, _) => at("revoked", when),
        (None, Some(former), _) => at("changed, the key before lets in until", &former.until),
        (None, None, Some(when)) => at("changed", when),
        (None, None, None) => at("made", created),
    }
}

fn integrators(out: Option<&Path>, settings: &Settings) -> anyhow::Result<Integrators> {
    let (config, _) = configuration(settings, &[])?;
    if let Some(out) = out {
        return Ok(Integrators::of_given(&config, out)?);
    }
    if let Some(url) = &config.nats.url {
        bail!(
            "nats.url is {url}: name the folder that `weft nats init` wrote with --out, or add the user to that server's configuration; docs/integrators.md shows what a user may do"
        );
    }
    Ok(Integrators::of_config(&config)?)
}
