//! `weft nats init`: what a nats-server that others start needs, and every secret of the suite.

use std::{path::Path, process::ExitCode};

use platform::nats_server::{Given, write_given};

use crate::{cli::Nats, client::configuration, output};

pub(super) fn run(what: Nats) -> anyhow::Result<ExitCode> {
    let Nats::Init { out, listen, monitor, store, settings } = what;
    let (config, _) = configuration(&settings, &[])?;
    platform::suite::make_keys(&config.data_dir)?;
    let given =
        Given { listen, monitor, store_dir: store, max_file_store: config.nats.max_file_store };
    let path = write_given(&out, &config.nats_credentials(), &given)?;
    output::line(&format!(
        "{} is written; start nats-server with `-c` and that file; the keys are in {}",
        path.display(),
        shown(&config.data_dir)
    ));
    Ok(ExitCode::SUCCESS)
}

fn shown(data: &Path) -> String {
    data.join("keys").display().to_string()
}
