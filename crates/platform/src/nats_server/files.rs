//! Files that only their owner reads, and the lock that gives a folder one owner.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Seek as _, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
    time::Duration,
};

use rustix::{
    fs::{FlockOperation, flock},
    process::{Pid, test_kill_process},
};

use super::Error;

/// How long a dying server of a killed owner may still hold the lock.
const RELEASE_LIMIT: Duration = Duration::from_secs(15);
/// The file by which a folder has one owner.
pub(super) const LOCK: &str = "owner.lock";
const POLL: Duration = Duration::from_millis(20);

fn at(path: &Path) -> impl FnOnce(io::Error) -> Error {
    move |source| Error::File { path: path.to_owned(), source }
}

pub(super) fn read(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(at(path))
}

/// Writes a file of mode 0600 that must not be there yet, down to the disk.
pub(super) fn write_new(path: &Path, text: &str) -> Result<(), Error> {
    let write = || {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        // A key whose name is lost in a power cut would be made anew, as another one.
        path.parent().map_or(Ok(()), |dir| File::open(dir)?.sync_all())
    };
    write().map_err(at(path))
}

/// Replaces a file of mode 0600 in one step.
pub(super) fn replace(path: &Path, text: &str) -> Result<(), Error> {
    let beside = path.with_extension("new");
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(at(&beside)(error)),
        Ok(()) | Err(_) => {}
    }
    write_new(&beside, text)?;
    fs::rename(&beside, path).map_err(at(path))
}

/// An empty folder.
pub(super) fn clear(path: &Path) -> Result<(), Error> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(at(path)(error)),
        Ok(()) | Err(_) => {}
    }
    fs::create_dir(path).map_err(at(path))
}

/// Takes `owner.lock` in `dir`. The server gets the same open file as its standard input, so the
/// lock is held as long as either lives: an owner that was killed leaves a server that takes a
/// moment to end, and nobody may open the store beside it.
pub(super) async fn own(dir: &Path, data_dir: &Path) -> Result<File, Error> {
    let path = dir.join(LOCK);
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .map_err(at(&path))?;
    let mut waited = Duration::ZERO;
    while let Err(error) = flock(&file, FlockOperation::NonBlockingLockExclusive) {
        if error != rustix::io::Errno::WOULDBLOCK && error != rustix::io::Errno::INTR {
            return Err(at(&path)(error.into()));
        }
        let owner = owner(&mut file);
        if owner.is_some_and(is_alive) || waited >= RELEASE_LIMIT {
            let owner = owner.map_or("unknown".to_owned(), |pid| pid.as_raw_nonzero().to_string());
            return Err(Error::InUse { dir: data_dir.to_owned(), owner });
        }
        tokio::time::sleep(POLL).await;
        waited += POLL;
    }
    let mut write = || {
        file.set_len(0)?;
        file.rewind()?;
        writeln!(file, "{}", std::process::id())
    };
    write().map_err(at(&path))?;
    Ok(file)
}

fn owner(file: &mut File) -> Option<Pid> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.read_to_string(&mut text).ok()?;
    Pid::from_raw(text.trim().parse().ok()?)
}

fn is_alive(pid: Pid) -> bool {
    // Of another user's process we may not know more than that it is there.
    !matches!(test_kill_process(pid), Err(rustix::io::Errno::SRCH))
}
