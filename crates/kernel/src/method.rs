//! The path of a method, as tokens and events name it.

use std::{borrow::Cow, fmt, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

const PATTERN: &str = "^/weft\\.[a-z]{1,32}\\.v[0-9]{1,3}\\.[A-Za-z]{1,64}/[A-Za-z]{1,64}$";

/// The path of a method of Weft, such as `/weft.intake.v1.IntakeService/ReportCase`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MethodPath(String);

/// A text that is no such path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a method is written as /weft.<service>.v<n>.<Service>/<Method>")]
pub struct InvalidMethodPath;

impl MethodPath {
    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for MethodPath {
    type Err = InvalidMethodPath;

    fn from_str(text: &str) -> Result<Self, InvalidMethodPath> {
        let letters = |part: &str| {
            (1..=64).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphabetic())
        };
        let read = || {
            let (service, method) = text.strip_prefix("/weft.")?.split_once('/')?;
            let mut parts = service.split('.');
            let (room, version, name) = (parts.next()?, parts.next()?, parts.next()?);
            let number = version.strip_prefix('v')?;
            let is_room =
                (1..=32).contains(&room.len()) && room.bytes().all(|b| b.is_ascii_lowercase());
            let is_number =
                (1..=3).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
            (parts.next().is_none() && is_room && is_number && letters(name) && letters(method))
                .then(|| Self(text.to_owned()))
        };
        read().ok_or(InvalidMethodPath)
    }
}

impl fmt::Display for MethodPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for MethodPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for MethodPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<'_, str>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl JsonSchema for MethodPath {
    fn schema_name() -> Cow<'static, str> {
        "MethodPath".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": PATTERN })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_service_of_weft_and_a_method() {
        let path = "/weft.intake.v1.IntakeService/ReportCase";
        assert_eq!(path.parse::<MethodPath>().unwrap().to_string(), path);
        for text in [
            "",
            "/",
            "weft.intake.v1.IntakeService/ReportCase",
            "/weft.intake.v1.IntakeService",
            "/weft.intake.v1.IntakeService/",
            "/weft.intake.IntakeService/ReportCase",
            "/weft.intake.v1.Intake.Service/ReportCase",
            "/weft.intake.v1.IntakeService/Report/Case",
            "/weft.intake.v1.IntakeService/*",
            "/grpc.health.v1.Health/Check",
        ] {
            assert!(text.parse::<MethodPath>().is_err(), "{text}");
        }
    }
}
