//! The two sources that figment does not bring: named defaults, and `--set`.

use figment::{
    Metadata, Profile, Provider,
    providers::{Format, Toml},
    util::nest,
    value::{Dict, Map, Value},
};

use super::Error;

/// A `config.default.toml` that is built into the binary.
pub(super) struct Defaults<'a> {
    section: Option<&'a str>,
    toml: &'a str,
}

impl<'a> Defaults<'a> {
    pub(super) const fn platform(toml: &'a str) -> Self {
        Self { section: None, toml }
    }

    pub(super) const fn service(section: &'a str, toml: &'a str) -> Self {
        Self { section: Some(section), toml }
    }
}

impl Provider for Defaults<'_> {
    fn metadata(&self) -> Metadata {
        match self.section {
            None => Metadata::named("the defaults"),
            Some(section) => Metadata::named(format!("the defaults of {section}")),
        }
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        let profiles = Toml::string(self.toml).data()?;
        let Some(section) = self.section else { return Ok(profiles) };
        let under = |dict: Dict| Dict::from([(section.to_owned(), Value::from(dict))]);
        Ok(profiles.into_iter().map(|(profile, dict)| (profile, under(dict))).collect())
    }
}

/// One `--set key=value`. The value is read as in the environment: `true`, `12`, `[a, b]`, else text.
pub(super) struct Setting {
    key: String,
    value: Value,
}

impl Setting {
    pub(super) fn parse(text: &str) -> Result<Self, Error> {
        let (key, value) = text.split_once('=').ok_or_else(|| Error::Setting(text.to_owned()))?;
        let key = key.trim();
        if key.is_empty() || key.split('.').any(str::is_empty) {
            return Err(Error::Setting(text.to_owned()));
        }
        let value = value.parse().unwrap_or_else(|never: std::convert::Infallible| match never {});
        Ok(Self { key: key.to_owned(), value })
    }
}

impl Provider for Setting {
    fn metadata(&self) -> Metadata {
        Metadata::named(format!("--set {}", self.key))
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        let nested = nest(&self.key, self.value.clone());
        let dict = nested.into_dict().ok_or_else(|| figment::Error::from("no key".to_owned()))?;
        Ok(Map::from([(Profile::Default, dict)]))
    }
}
