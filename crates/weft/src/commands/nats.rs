//! `weft nats init`: what a nats-server that others start needs, and every secret of the suite.
//! `weft nats users`: who may read the public stream. Both work on files, whether the suite runs or
//! not.

use std::{path::Path, process::ExitCode};

use anyhow::{Context as _, bail};
use kernel::{Clock as _, Division};
use platform::nats_server::{Given, Integrators, Running, write_given};

use crate::{
    cli::{Nats, Settings, Users},
    client::configuration,
    clock::SystemClock,
    output,
};

pub(super) async fn run(what: Nats) -> anyhow::Result<ExitCode> {
    match what {
        Nats::Init { out, listen, monitor, store, settings } => {
            init(&out, (listen, monitor), &store, &settings)?;
        }
        Nats::Users { what: Users::Add { name, division, out, settings } } => {
            add(&name, &division, out.as_deref(), &settings).await?;
        }
        Nats::Users { what: Users::List { out, settings } } => list(out.as_deref(), &settings)?,
    }
    Ok(ExitCode::SUCCESS)
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
    let seed = integrators.add(name, division)?;
    // The one line on standard output is the file: for scripts.
    output::line(&seed.display().to_string());
    let when = match integrators.tell(name, &seed).await? {
        Running::Told(url) => format!("from now on at {url}"),
        Running::NotRunning if out.is_some() => "once nats-server was sent a SIGHUP".to_owned(),
        Running::NotRunning => "when a suite is started here".to_owned(),
    };
    output::note(&format!(
        "{name} may read {} {when}; the file is a secret: hand it over and keep no copy",
        platform::nats_server::prefix(division)
    ));
    Ok(())
}

fn list(out: Option<&Path>, settings: &Settings) -> anyhow::Result<()> {
    for user in integrators(out, settings)?.list()? {
        output::line(&format!("{}\t{}\t{}", user.name, user.division, user.prefix()));
    }
    Ok(())
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
