//! `weft generate`.

use std::{fs, process::ExitCode};

use anyhow::Context as _;

use crate::{cli::Generate, generate, output};

pub(super) fn run(what: Generate) -> anyhow::Result<ExitCode> {
    match what {
        Generate::Grids { divisions, count, seed } => {
            let table = fs::read_to_string(&divisions)
                .with_context(|| format!("{} cannot be read", divisions.display()))?;
            output::line(&generate::grids_geojson(&table, count, seed)?);
        }
    }
    Ok(ExitCode::SUCCESS)
}
