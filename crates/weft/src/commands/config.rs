//! `weft config print|check`.

use std::process::ExitCode;

use crate::{cli::Settings, client::configuration, output};

pub(super) fn print(settings: &Settings) -> anyhow::Result<ExitCode> {
    let (_, figment) = configuration(settings, &[])?;
    output::line(platform::config::print(&figment).trim_end());
    Ok(ExitCode::SUCCESS)
}

pub(super) fn check(settings: &Settings) -> anyhow::Result<ExitCode> {
    configuration(settings, &[])?;
    output::line("the configuration is good");
    Ok(ExitCode::SUCCESS)
}
