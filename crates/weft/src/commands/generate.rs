//! `weft generate`.

use std::{fs, path::Path, process::ExitCode};

use anyhow::Context as _;

use crate::{cli::Generate, generate, output};

pub(super) fn run(what: Generate) -> anyhow::Result<ExitCode> {
    match what {
        Generate::Grids { divisions, count, seed } => {
            output::line(&generate::grids_geojson(&read(&divisions)?, count, seed)?);
        }
        Generate::Cameras { divisions, grids, count, seed } => {
            let (divisions, grids) = (read(&divisions)?, read(&grids)?);
            output::line(generate::cameras_csv(&divisions, &grids, count, seed)?.trim_end());
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn read(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))
}
