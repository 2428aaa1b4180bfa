//! The configuration: the built-in `config.default.toml` with those of the services, then a file,
//! then the environment, then `--set`. What comes later wins; a key that nobody knows is refused.

use std::path::{Path, PathBuf};

use figment::providers::{Env, Format, Toml};
use serde::de::DeserializeOwned;

mod error;
mod print;
mod sections;
mod source;

pub use error::Error;
pub use figment::Figment;
pub use print::print;
pub use sections::{
    AuthConfig, Config, DatabaseConfig, GrpcConfig, HttpConfig, LogConfig, LogFormat, NatsConfig,
    TelemetryConfig,
};

/// The defaults of the platform, commented: the reference of its keys.
pub const DEFAULTS: &str = include_str!("../config.default.toml");

/// The exit code of a program that refuses its configuration (`EX_CONFIG`).
pub const EXIT_CODE: u8 = 78;

/// Where the configuration comes from, beside the built-in defaults and the environment.
#[derive(Clone, Debug, Default)]
pub struct LoadOptions<'a> {
    /// The file of `--config`.
    pub file: Option<PathBuf>,
    /// The `key=value` of each `--set`, in order.
    pub set: Vec<String>,
    /// For each service the name of its section and its `config.default.toml`, whose keys are
    /// those of the section, without a header.
    pub service_defaults: &'a [(&'a str, &'a str)],
}

impl Config {
    /// Reads and checks the configuration. The figment goes to the services, for [`section`].
    pub fn load(options: &LoadOptions<'_>) -> Result<(Self, Figment), Error> {
        let figment = layers(options)?;
        let mut known = sections::NAMES.to_vec();
        known.extend(options.service_defaults.iter().map(|(name, _)| *name));
        error::refuse_unknown_sections(&figment, &known)?;
        let config: Self = figment.extract().map_err(|e| Error::from_figment(&figment, "", &e))?;
        config.check()?;
        Ok((config, figment))
    }
}

/// Reads the section of a service into its own type, which should be `deny_unknown_fields`.
pub fn section<T: DeserializeOwned>(figment: &Figment, name: &str) -> Result<T, Error> {
    figment.focus(name).extract().map_err(|e| Error::from_figment(figment, name, &e))
}

fn layers(options: &LoadOptions<'_>) -> Result<Figment, Error> {
    let mut figment = Figment::new().merge(source::Defaults::platform(DEFAULTS));
    for (name, toml) in options.service_defaults {
        figment = figment.merge(source::Defaults::service(name, toml));
    }
    if let Some(path) = &options.file {
        readable(path)?;
        figment = figment.merge(Toml::file_exact(path));
    }
    figment = figment.merge(Env::prefixed("WEFT_").split("__"));
    for setting in &options.set {
        figment = figment.merge(source::Setting::parse(setting)?);
    }
    Ok(figment)
}

/// figment takes a file that does not exist for an empty one.
fn readable(path: &Path) -> Result<(), Error> {
    std::fs::File::open(path)
        .and_then(|file| file.metadata())
        .and_then(
            |meta| {
                if meta.is_dir() { Err(std::io::ErrorKind::IsADirectory.into()) } else { Ok(()) }
            },
        )
        .map_err(|source| Error::Unreadable { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests;
