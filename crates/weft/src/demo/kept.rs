//! What a folder keeps of its demo: which county was made, and where it was served last.

use std::{fs, io, path::Path};

use anyhow::{Context as _, bail, ensure};
use platform::auth::key;
use serde::{Deserialize, Serialize};

const FILE: &str = "demo.json";

/// How many grids and cameras a demo has where nothing is said.
const USUAL: (usize, usize) = (317, 6_020);

/// What is kept, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Kept {
    pub(super) seed: u64,
    pub(super) grids: usize,
    pub(super) cameras: usize,
    /// Whether all of the county is there.
    pub(super) prepared: bool,
    /// Where it was served last.
    pub(super) url: String,
    pub(super) grpc: String,
}

/// What a start asks for; what is left open is as it was, or as usual.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Asked {
    pub(super) seed: Option<u64>,
    pub(super) grids: Option<usize>,
    pub(super) cameras: Option<usize>,
}

impl Kept {
    /// The demo of a folder; a new one where nothing ever ran. Refuses a folder in which a real suite
    /// ran, and another seed or size than that of the folder.
    pub(super) fn open(data: &Path, asked: Asked) -> anyhow::Result<Self> {
        let Some(kept) = Self::read(data)? else {
            ensure!(
                !data.join("keys").join(key::FILE).exists(),
                "{} holds a suite that is no demo, and stays as it is: name another folder with --data",
                data.display()
            );
            let fresh = Self {
                seed: asked.seed.unwrap_or(7),
                grids: asked.grids.unwrap_or(USUAL.0),
                cameras: asked.cameras.unwrap_or(USUAL.1),
                prepared: false,
                url: String::new(),
                grpc: String::new(),
            };
            fresh.write(data)?;
            return Ok(fresh);
        };
        let other = asked.seed.is_some_and(|seed| seed != kept.seed)
            || asked.grids.is_some_and(|grids| grids != kept.grids)
            || asked.cameras.is_some_and(|cameras| cameras != kept.cameras);
        ensure!(
            !other,
            "{} holds a demo of seed {} with {} grids and {} cameras: leave these options out, or \
             name another folder with --data",
            data.display(),
            kept.seed,
            kept.grids,
            kept.cameras
        );
        Ok(kept)
    }

    /// The demo that ran in a folder.
    pub(super) fn of(data: &Path) -> anyhow::Result<Self> {
        let Some(kept) = Self::read(data)? else {
            bail!("{} holds no demo: start one with `weft demo`", data.display());
        };
        Ok(kept)
    }

    fn read(data: &Path) -> anyhow::Result<Option<Self>> {
        let path = data.join(FILE);
        match fs::read(&path) {
            Ok(bytes) => {
                let kept = serde_json::from_slice(&bytes);
                kept.map(Some).with_context(|| format!("{} cannot be read", path.display()))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("{} cannot be read", path.display())),
        }
    }

    /// Writes it in one step, so that a crash leaves the old or the new.
    pub(super) fn write(&self, data: &Path) -> anyhow::Result<()> {
        let failed = || format!("{} cannot be written", data.display());
        fs::create_dir_all(data).with_context(failed)?;
        let half = data.join("demo.json.new");
        fs::write(&half, serde_json::to_vec_pretty(self)?).with_context(failed)?;
        fs::rename(&half, data.join(FILE)).with_context(failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_keeps_its_seed_and_a_real_suite_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("demo");
        assert!(Kept::of(&data).is_err());
        let asked = Asked { seed: Some(9), grids: Some(20), cameras: None };
        let mut kept = Kept::open(&data, asked).unwrap();
        assert_eq!((kept.seed, kept.grids, kept.cameras), (9, 20, 6_020));
        kept.prepared = true;
        kept.write(&data).unwrap();
        assert_eq!(Kept::open(&data, Asked::default()).unwrap(), kept);
        assert_eq!(Kept::of(&data).unwrap(), kept);
        let other = Asked { seed: Some(8), ..Asked::default() };
        assert!(Kept::open(&data, other).unwrap_err().to_string().contains("seed 9"));

        let real = folder.path().join("real");
        fs::create_dir_all(real.join("keys")).unwrap();
        fs::write(real.join("keys").join(key::FILE), "x").unwrap();
        assert!(Kept::open(&real, Asked::default()).is_err());
        assert!(!real.join(FILE).exists());
    }
}
