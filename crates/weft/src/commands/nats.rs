//! `weft nats users`: who may read the public stream. It works on the files of the data folder,
//! whether the suite runs or not.

use std::process::ExitCode;

use anyhow::{Context as _, bail};
use kernel::Division;
use platform::nats_server::{Integrators, Running};

use crate::{
    cli::{Nats, Settings, Users},
    client::configuration,
    output,
};

pub(super) async fn run(what: Nats) -> anyhow::Result<ExitCode> {
    let Nats::Users { what } = what;
    match what {
        Users::Add { name, division, settings } => add(&name, &division, &settings).await?,
        Users::List(settings) => list(&settings)?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn add(name: &str, division: &str, settings: &Settings) -> anyhow::Result<()> {
    let division: Division = division.parse().context("--division")?;
    let integrators = integrators(settings)?;
    let seed = integrators.add(name, division)?;
    // The one line on standard output is the file: for scripts.
    output::line(&seed.display().to_string());
    let when = match integrators.tell(name, &seed).await? {
        Running::Told(url) => format!("from now on at {url}"),
        Running::NotRunning => "when a suite is started here".to_owned(),
    };
    output::note(&format!(
        "{name} may read {} {when}; the file is a secret: hand it over and keep no copy",
        platform::nats_server::prefix(division)
    ));
    Ok(())
}

fn list(settings: &Settings) -> anyhow::Result<()> {
    for user in integrators(settings)?.list()? {
        output::line(&format!("{}\t{}\t{}", user.name, user.division, user.prefix()));
    }
    Ok(())
}

fn integrators(settings: &Settings) -> anyhow::Result<Integrators> {
    let (config, _) = configuration(settings, &[])?;
    if let Some(url) = &config.nats.url {
        bail!(
            "nats.url is {url}: add the user to that server's configuration; docs/integrators.md shows what a user may do"
        );
    }
    Ok(Integrators::of_config(&config)?)
}
