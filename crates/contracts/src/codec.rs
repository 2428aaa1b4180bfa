//! How a set of events is stored: its `ce-type` outside, its fields as JSON inside, and what older
//! versions looked like.

use kernel::DecodeError;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// Turns a payload of version n into one of version n + 1, in place. Pure and total: what cannot be
/// lifted is left as it is and refused by the decoder with the reason.
pub type Upcast = fn(&mut Value);

/// An event type as documents need it.
#[derive(Clone, Copy)]
pub struct EventType {
    /// `weft.<service>.<event>.v<n>`.
    pub ce_type: &'static str,
    /// The aggregate's token in the subject.
    pub category: &'static str,
    /// The JSON Schema of the payload.
    pub schema: fn() -> schemars::Schema,
}

/// One row of a set of events: what the decoder needs to know of each.
pub(crate) struct Stored {
    /// `weft.<service>.<event>.v`, without the number.
    pub stem: &'static str,
    pub version: u32,
    /// From version 1 up; one shorter than `version`.
    pub upcasts: &'static [Upcast],
}

pub(crate) fn encode(event: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(event).expect("events have only fields that JSON can hold")
}

/// Which version of `stored` a `ce-type` names, if it names it at all.
pub(crate) fn version_of(stored: &Stored, ce_type: &str) -> Option<u32> {
    ce_type.strip_prefix(stored.stem)?.parse().ok().filter(|version| *version > 0)
}

pub(crate) fn decode<E: DeserializeOwned>(
    stored: &Stored,
    ce_type: &str,
    version: u32,
    payload: &[u8],
) -> Result<E, DecodeError> {
    let wrong = |error: serde_json::Error| DecodeError::Payload {
        ce_type: ce_type.to_owned(),
        reason: error.to_string(),
    };
    if version == stored.version {
        return serde_json::from_slice(payload).map_err(wrong);
    }
    let lifts = usize::try_from(version - 1).unwrap_or(usize::MAX);
    let Some(upcasts) = stored.upcasts.get(lifts..) else {
        return Err(DecodeError::Newer { ce_type: ce_type.to_owned(), known: stored.version });
    };
    if version > stored.version {
        return Err(DecodeError::Newer { ce_type: ce_type.to_owned(), known: stored.version });
    }
    let mut value: Value = serde_json::from_slice(payload).map_err(wrong)?;
    for upcast in upcasts {
        upcast(&mut value);
    }
    serde_json::from_value(value).map_err(wrong)
}

/// Declares the set of events of one aggregate: an enum over the payload structs, its stored form
/// and its schemas. A row is `Variant "event_name" v<version> [upcasts from v1 up]`.
macro_rules! event_set {
    (
        $(#[$doc:meta])*
        $service:literal $category:literal
        pub enum $name:ident {
            $($(#[$variant_doc:meta])* $variant:ident $event:literal $version:literal [$($upcast:path),*];)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum $name {
            $($(#[$variant_doc])* $variant($variant),)*
        }

        impl $name {
            /// The aggregate's token in its subject.
            pub const CATEGORY: &'static str = $category;

            /// The types of this set.
            pub fn types() -> Vec<$crate::EventType> {
                vec![$($crate::EventType {
                    ce_type: concat!("weft.", $service, ".", $event, ".v", $version),
                    category: $category,
                    schema: || schemars::schema_for!($variant),
                },)*]
            }
        }

        impl kernel::StoredEvent for $name {
            fn ce_type(&self) -> &'static str {
                match self {
                    $(Self::$variant(_) => concat!("weft.", $service, ".", $event, ".v", $version),)*
                }
            }

            fn occurred_at(&self) -> kernel::Timestamp {
                match self {
                    $(Self::$variant(event) => event.occurred_at,)*
                }
            }

            fn encode(&self) -> Vec<u8> {
                match self {
                    $(Self::$variant(event) => $crate::codec::encode(event),)*
                }
            }

            fn decode(ce_type: &str, payload: &[u8]) -> Result<Self, kernel::DecodeError> {
                $({
                    const STORED: $crate::codec::Stored = $crate::codec::Stored {
                        stem: concat!("weft.", $service, ".", $event, ".v"),
                        version: $version,
                        upcasts: &[$($upcast),*],
                    };
                    if let Some(version) = $crate::codec::version_of(&STORED, ce_type) {
                        return $crate::codec::decode(&STORED, ce_type, version, payload)
                            .map(Self::$variant);
                    }
                })*
                Err(kernel::DecodeError::UnknownType(ce_type.to_owned()))
            }
        }

        $(impl From<$variant> for $name {
            fn from(event: $variant) -> Self {
                Self::$variant(event)
            }
        })*
    };
}

pub(crate) use event_set;

/// Declares payload structs with the derives that every event needs.
macro_rules! payloads {
    ($($(#[$doc:meta])* pub struct $name:ident { $($(#[$field_doc:meta])* pub $field:ident: $ty:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        pub struct $name {
            /// When it happened: UTC milliseconds.
            pub occurred_at: kernel::Timestamp,
            $($(#[$field_doc])* pub $field: $ty,)*
        }
    )*};
}

pub(crate) use payloads;

/// Declares a closed set of words: an enum of unit variants, in snake case outside.
macro_rules! words {
    ($($(#[$doc:meta])* pub enum $name:ident { $($(#[$word_doc:meta])* $word:ident,)* })*) => {$(
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash,
            serde::Serialize, serde::Deserialize, schemars::JsonSchema,
        )]
        #[serde(rename_all = "snake_case")]
        pub enum $name {
            $($(#[$word_doc])* $word,)*
        }

        impl $name {
            /// Every word, in order.
            pub const ALL: &'static [Self] = &[$(Self::$word),*];
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.serialize(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = serde::de::value::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                use serde::de::IntoDeserializer as _;
                Self::deserialize(text.into_deserializer())
            }
        }
    )*};
}

pub(crate) use words;
