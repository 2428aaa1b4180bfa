//! Finding the nats-server.

use std::{
    fmt,
    path::{Path, PathBuf},
    process::Stdio,
};

use super::Error;

/// The oldest server whose `sync_interval: always` can be trusted (`docs/adr`).
pub const MIN_VERSION: Version = Version([2, 15, 1]);

/// Major, minor, patch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version([u32; 3]);

impl Version {
    /// Reads `nats-server: v2.15.1` or `2.15.1`. What follows a hyphen is a pre-release of it.
    pub fn parse(text: &str) -> Option<Self> {
        let number = text.rsplit([' ', 'v']).next()?.trim();
        let mut parts = number.split('-').next()?.split('.').map(|part| part.parse().ok());
        let version = Self([parts.next()??, parts.next()??, parts.next()??]);
        parts.next().is_none().then_some(version)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self([major, minor, patch]) = self;
        write!(f, "{major}.{minor}.{patch}")
    }
}

/// A server that can be used.
#[derive(Clone, Debug)]
pub struct Program {
    /// The file.
    pub path: PathBuf,
    /// What it says of itself.
    pub version: String,
}

/// The nats-server: the given one, else `.tools/nats-server` upwards from the working directory or
/// from this program, else one of the PATH. A given one must do; of the others the first that is
/// new enough.
pub async fn find(given: Option<&Path>) -> Result<Program, Error> {
    if let Some(path) = given {
        return check(path).await;
    }
    let mut refused = None;
    for path in candidates().into_iter().filter(|path| path.is_file()) {
        match check(&path).await {
            Ok(program) => return Ok(program),
            Err(error) => refused = refused.or(Some(error)),
        }
    }
    Err(refused.unwrap_or(Error::NotFound))
}

fn candidates() -> Vec<PathBuf> {
    let here = std::env::current_dir().ok();
    let exe = std::env::current_exe().ok().and_then(|exe| exe.parent().map(Path::to_owned));
    let mut found: Vec<PathBuf> = [here, exe]
        .iter()
        .flatten()
        .flat_map(|start| start.ancestors())
        .map(|dir| dir.join(".tools").join("nats-server"))
        .collect();
    #[expect(clippy::disallowed_methods, reason = "the PATH is the system's, not Weft's")]
    let path = std::env::var_os("PATH").unwrap_or_default();
    found.extend(std::env::split_paths(&path).map(|dir| dir.join("nats-server")));
    found
}

async fn check(path: &Path) -> Result<Program, Error> {
    let output = tokio::process::Command::new(path)
        .arg("--version")
        .stdin(Stdio::null())
        .output()
        .await
        .map_err(|source| Error::NotRunnable { path: path.to_owned(), source })?;
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    match Version::parse(&said) {
        Some(version) if version >= MIN_VERSION => {
            Ok(Program { path: path.to_owned(), version: version.to_string() })
        }
        Some(version) => Err(Error::TooOld { path: path.to_owned(), found: version.to_string() }),
        None => Err(Error::TooOld { path: path.to_owned(), found: format!("{said:?}") }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_the_server_prints_them_and_compared_by_number() {
        let version = Version::parse("nats-server: v2.15.1").unwrap();
        assert_eq!(version, MIN_VERSION);
        assert!(Version::parse("nats-server: v2.9.25").unwrap() < version);
        assert_eq!(Version::parse("2.16.0-RC.1").unwrap().to_string(), "2.16.0");
        assert!(Version::parse("no server").is_none());
    }

    #[tokio::test]
    async fn a_given_program_that_is_no_server_is_refused() {
        let error = find(Some(Path::new("/bin/true"))).await.unwrap_err();
        assert!(matches!(error, Error::TooOld { .. }), "{error}");
        let error = find(Some(Path::new("/no/such/program"))).await.unwrap_err();
        assert!(error.to_string().contains("set nats.server_binary"), "{error}");
    }
}
