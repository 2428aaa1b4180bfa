//! One line for what is wrong, where it was said, and what to do.

use std::path::PathBuf;

use figment::{Figment, Metadata, error::Kind, value::Dict};

/// Why a configuration is refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file of `--config` can't be read.
    #[error("config file {} can't be read; give --config a readable TOML file", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A `--set` without a key or without a value.
    #[error("--set {0:?} is no key=value; write it like --set http.listen=127.0.0.1:8080")]
    Setting(String),
    /// A key that nobody reads.
    #[error("unknown key {key} in {origin}; {hint}")]
    Unknown {
        /// The whole key.
        key: String,
        /// The file, variable or option.
        origin: String,
        /// What may have been meant.
        hint: String,
    },
    /// A key without a value anywhere.
    #[error("{key} is missing; set it in a file, by the environment or by --set")]
    Missing {
        /// The whole key.
        key: String,
    },
    /// A value that does not fit.
    #[error("{key} in {origin}: {detail}")]
    Value {
        /// The whole key.
        key: String,
        /// The file, variable or option.
        origin: String,
        /// What does not fit, and what would.
        detail: String,
    },
    /// A source that is no TOML.
    #[error("{origin} is no valid TOML: {detail}")]
    Syntax {
        /// The file.
        origin: String,
        /// Where and why.
        detail: String,
    },
}

impl Error {
    /// A value that the checks across keys refuse.
    pub(super) fn value(key: &str, detail: &str) -> Self {
        Self::Value {
            key: key.to_owned(),
            origin: "the configuration".to_owned(),
            detail: detail.to_owned(),
        }
    }

    /// The last of figment's errors, below the section that was read.
    pub(super) fn from_figment(figment: &Figment, section: &str, error: &figment::Error) -> Self {
        let mut path = error.path.clone();
        if !section.is_empty() {
            path.insert(0, section.to_owned());
        }
        let join = |path: &[String], last: &str| {
            path.iter().map(String::as_str).chain([last]).collect::<Vec<_>>().join(".")
        };
        match &error.kind {
            Kind::UnknownField(field, expected) => {
                if path.last() == Some(field) {
                    path.pop();
                }
                let key = join(&path, field);
                let origin = origin(figment.find_metadata(&key).or(error.metadata.as_ref()));
                Self::Unknown { hint: hint(field, expected), key, origin }
            }
            Kind::MissingField(field) => Self::Missing { key: join(&path, field) },
            Kind::Message(_)
            | Kind::InvalidType(..)
            | Kind::InvalidValue(..)
            | Kind::InvalidLength(..)
            | Kind::UnknownVariant(..)
            | Kind::DuplicateField(_)
            | Kind::ISizeOutOfRange(_)
            | Kind::USizeOutOfRange(_)
            | Kind::Unsupported(_)
            | Kind::UnsupportedKey(..) => {
                let detail = one_line(&error.kind.to_string());
                let origin = origin(error.metadata.as_ref());
                if path.is_empty() {
                    Self::Syntax { origin, detail }
                } else {
                    Self::Value { key: path.join("."), origin, detail }
                }
            }
        }
    }
}

/// Refuses what is at the top and belongs neither to the platform nor to a service.
pub(super) fn refuse_unknown_sections(figment: &Figment, known: &[&str]) -> Result<(), Error> {
    let top: Dict = figment.extract().map_err(|e| Error::from_figment(figment, "", &e))?;
    match top.keys().find(|key| !known.contains(&key.as_str())) {
        None => Ok(()),
        Some(key) => Err(Error::Unknown {
            key: key.clone(),
            origin: origin(top.get(key).and_then(|value| metadata(figment, value))),
            hint: hint(key, known),
        }),
    }
}

/// The source of a value; of a table, that of its first leaf.
fn metadata<'a>(figment: &'a Figment, value: &figment::value::Value) -> Option<&'a Metadata> {
    value
        .as_dict()
        .and_then(|dict| dict.values().find_map(|inner| metadata(figment, inner)))
        .or_else(|| figment.get_metadata(value.tag()))
}

/// The file, or the name of the source.
pub(super) fn origin(metadata: Option<&Metadata>) -> String {
    metadata.map_or_else(
        || "the configuration".to_owned(),
        |metadata| match metadata.source.as_ref().and_then(figment::Source::file_path) {
            Some(path) => path.display().to_string(),
            None if metadata.name.contains("environment") => "the environment (WEFT_…)".to_owned(),
            None => metadata.name.clone().into_owned(),
        },
    )
}

fn hint(written: &str, known: &[&str]) -> String {
    let nearest = known.iter().map(|name| (distance(written, name), *name)).min();
    match nearest {
        Some((distance, name)) if distance <= 2.max(written.len() / 3) => {
            format!("did you mean {name}?")
        }
        Some(_) => format!("remove it or take one of: {}", known.join(", ")),
        None => "remove it".to_owned(),
    }
}

/// How many letters differ (Levenshtein).
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.chars().enumerate() {
        let mut diagonal = i;
        let mut before = i + 1;
        for (b, cell) in right.iter().zip(row.iter_mut().skip(1)) {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = *cell;
            before = replaced.min(before + 1).min(*cell + 1);
            *cell = before;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

fn one_line(text: &str) -> String {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}
