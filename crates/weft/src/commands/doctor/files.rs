//! The data folder: whose it is, how much is free, who may read the keys, what was left behind.

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use platform::config::Config;

use super::Check;

/// Below this a disk counts as full, in bytes.
const TOO_LITTLE: u64 = 512 << 20;

pub(super) fn look(config: &Config) -> Vec<Check> {
    const NAME: &str = "data folder";
    let data = &config.data_dir;
    let Ok(about) = fs::metadata(data) else {
        let text = format!("{} is not there", data.display());
        return vec![Check::skipped(
            NAME,
            text,
            "the first `weft up` makes it; or name it with --data",
        )];
    };
    let me = rustix::process::geteuid().as_raw();
    let whose = if about.uid() == me || me == 0 {
        Check::ok(NAME, format!("{} of user {}", data.display(), about.uid()))
    } else {
        let text = format!("{} is of user {}, this is user {me}", data.display(), about.uid());
        Check::failed(NAME, text, "run weft as the user of the folder, or `chown -R` it")
    };
    vec![whose, space(config), keys(data), leftovers(data)]
}

fn space(config: &Config) -> Check {
    const NAME: &str = "disk";
    let Ok(disk) = rustix::fs::statvfs(&config.data_dir) else {
        return Check::skipped(NAME, "the free space is not known", "");
    };
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    let megabytes = free / 1_000_000;
    if free < TOO_LITTLE {
        let text = format!("{megabytes} MB are free: soon nothing can be written");
        return Check::failed(NAME, text, "free some, or move the data folder to a larger disk");
    }
    let stored = size(&config.data_dir.join("nats"));
    if config.nats.url.is_none() && free < config.nats.max_file_store.saturating_sub(stored) {
        let text = format!("{megabytes} MB are free, less than nats-server may still store");
        return Check::warning(NAME, text, "lower nats.max_file_store, or give it a larger disk");
    }
    Check::ok(NAME, format!("{megabytes} MB are free"))
}

fn keys(data: &Path) -> Check {
    const NAME: &str = "keys";
    let keys = files(&data.join("keys"));
    if keys.is_empty() {
        return Check::skipped(NAME, "there are none yet", "the first `weft up` makes them");
    }
    let mode = |path: &PathBuf| fs::metadata(path).map_or(0, |about| about.permissions().mode());
    let open: Vec<String> = keys
        .iter()
        .filter(|path| mode(path) & 0o077 != 0)
        .map(|path| path.display().to_string())
        .collect();
    if open.is_empty() {
        Check::ok(NAME, format!("{} files that only their owner reads", keys.len()))
    } else {
        let list = open.join(" ");
        Check::failed(NAME, format!("others can read {list}"), format!("run `chmod 600 {list}`"))
    }
}

/// Drafts of files that were being replaced when a process was killed. No key is one of them.
fn leftovers(data: &Path) -> Check {
    const NAME: &str = "leftovers";
    let drafts: Vec<String> = [data.join("keys"), data.join("nats")]
        .iter()
        .flat_map(|folder| files(folder))
        .filter(|path| path.extension().is_some_and(|extension| extension == "new"))
        .map(|path| path.display().to_string())
        .collect();
    if drafts.is_empty() {
        Check::ok(NAME, "no file was left half written")
    } else {
        let list = drafts.join(" ");
        Check::warning(
            NAME,
            format!("left by a killed process: {list}"),
            format!("run `rm {list}`"),
        )
    }
}

/// Every file below a folder, but not the server's store, which has many.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && entry.file_name() != "store" => found.extend(files(&path)),
            Ok(kind) if kind.is_file() => found.push(path),
            Ok(_) | Err(_) => {}
        }
    }
    found
}

/// The bytes of all files below a folder.
fn size(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(about) if about.is_dir() => size(&entry.path()),
            Ok(about) => about.len(),
            Err(_) => 0,
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_key_and_a_half_written_file_are_named() {
        let data = tempfile::tempdir().unwrap();
        let folder = data.path().join("keys/nats");
        fs::create_dir_all(&folder).unwrap();
        assert_eq!(keys(data.path()).word(), "not checked");
        let key = folder.join("core.nk");
        fs::write(&key, "seed").unwrap();
        fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).unwrap();
        let check = keys(data.path());
        assert_eq!(check.word(), "failed");
        assert!(check.advice.contains("chmod 600") && check.advice.contains("core.nk"));
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(keys(data.path()).word(), "ok");
        assert_eq!(leftovers(data.path()).word(), "ok");
        fs::write(folder.join("core.77.new"), "").unwrap();
        assert!(leftovers(data.path()).advice.contains("core.77.new"));
    }
}
