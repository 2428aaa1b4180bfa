//! Ids. A public id is `<12-digit division>-<key>`: an id alone says where its aggregate lives, and
//! so which subject of which log holds its history.

use std::{borrow::Cow, fmt, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{Division, division::InvalidDivision};

/// The random-looking part of an id: 26 digits of Crockford's base 32 in lower case (128 bits), or a
/// register's own code, such as a grid's serial. Letters, digits and `_` only, 1 to 32 of them.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(String);

/// Why a text is no id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidId {
    /// No `-` between the division and the key.
    #[error("an id is <12-digit division>-<key>, found {0:?}")]
    Form(String),
    /// The key has other characters or another length.
    #[error("the key of an id has 1 to 32 of a-z, 0-9 and _, found {0:?}")]
    Key(String),
    /// The division part is wrong.
    #[error("the division of an id: {0}")]
    Division(#[from] InvalidDivision),
}

fn shown(text: &str) -> String {
    text.chars().take(64).collect()
}

impl Key {
    /// The key of 128 given bits.
    pub fn from_bits(mut bits: u128) -> Self {
        const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
        let mut text = vec![b'0'; 26];
        for place in text.iter_mut().rev() {
            *place = DIGITS[usize::try_from(bits & 31).unwrap_or_default()];
            bits >>= 5;
        }
        Self(String::from_utf8(text).unwrap_or_default())
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Key {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let good = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        if (1..=32).contains(&text.len()) && text.bytes().all(good) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidId::Key(shown(text)))
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Declares a typed public id.
macro_rules! public_id {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name {
            division: Division,
            key: Key,
        }

        impl $name {
            /// The id with this key in this division.
            pub const fn new(division: Division, key: Key) -> Self {
                Self { division, key }
            }

            /// Where it was born; an aggregate's division never changes.
            pub const fn division(&self) -> Division {
                self.division
            }

            /// The part after the division.
            pub const fn key(&self) -> &Key {
                &self.key
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let (division, key) =
                    text.split_once('-').ok_or_else(|| InvalidId::Form(shown(text)))?;
                Ok(Self { division: Division::from_padded(division)?, key: key.parse()? })
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}-{}", self.division.padded(), self.key)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Cow::<'_, str>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "pattern": "^[0-9]{12}-[a-z0-9_]{1,32}$" })
            }
        }
    )*};
}

public_id! {
    /// A case (事项).
    CaseId;
    /// A work order (工单).
    WorkOrderId;
    /// A person: staff, or a resident, who is a random id and nothing else.
    PersonId;
    /// An organisation: a department, a committee, a company with a duty.
    OrganisationId;
    /// A sealed record in the vault.
    RecordId;
    /// A photo, sealed beside the vault.
    MediaId;
    /// A link that signs one person in, once.
    SignInLinkId;
    /// What begins when a person signs in and ends when they sign out.
    SessionId;
    /// A token of a portal or another service, as the register of tokens knows it.
    ServiceTokenId;
    /// A term in which one person stands in for another in one role.
    SubstitutionId;
    /// A programme of points (积分), whose ledger is one aggregate.
    ProgrammeId;
    /// An award of points: one transfer in the ledger of a programme.
    AwardId;
    /// A camera or another device of its kind.
    CameraId;
    /// An import of a whole file into a register.
    ImportId;
    /// A role that a person holds in a scope for a term.
    AssignmentId;
    /// A category of the catalogue as an aggregate; its key is the category's code.
    CategoryId;
    /// A matter that asks to enter the grids (准入).
    AdmissionId;
    /// A place where a category comes up often; its key is `h`, the serial of the grid where there is
    /// one, and the category's code.
    HotspotId;
    /// A division as an aggregate; its key is `division`.
    DivisionId;
    /// A grid as an aggregate; its key is its serial.
    GridId;
    /// A supervision (督办).
    SupervisionId;
    /// Whatever orders are made for or supervisions are about; beside it stands of which kind it is.
    MatterId;
    /// The working calendar of a county, whose versions are one aggregate.
    CalendarId;
    /// The routing rules of a county, whose versions are one aggregate.
    RoutingRulesId;
    /// The roster of a grid as an aggregate; its key is the grid's serial.
    RosterId;
    /// A leave of a person or an organisation.
    LeaveId;
    /// The outbox of notifications of a case or order, whose key it has.
    NotificationId;
    /// A webhook: where the public events of a division are sent.
    WebhookId;
    /// A convocation (吹哨报到): a call of departments to a place.
    ConvocationId;
    /// A campaign (专项任务): one task over many grids.
    CampaignId;
    /// A campaign's task in one grid; campaign and grid give its key.
    CampaignTaskId;
    /// An instruction (批示) of a leader.
    InstructionId;
    /// An emergency incident (突发事件).
    IncidentId;
    /// A team (队伍) that is called out.
    TeamId;
    /// An integrator of nats-server; its key is the user's name.
    IntegratorId;
    /// The register of what was delivered to a webhook or an integrator; its key is `w_` and the
    /// webhook's, or `i_` and the integrator's.
    DeliveriesId;
}

/// Declares a short code of digits.
macro_rules! digit_code {
    ($($(#[$doc:meta])* $name:ident $pattern:literal $good:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The code as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidCode;

            fn from_str(text: &str) -> Result<Self, InvalidCode> {
                let good: fn(&str) -> bool = $good;
                if good(text) { Ok(Self(text.to_owned())) } else {
                    Err(InvalidCode { pattern: $pattern, found: shown(text) })
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Cow::<'_, str>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "pattern": $pattern })
            }
        }
    )*};
}

/// A text that does not have a code's form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {pattern}, found {found:?}")]
pub struct InvalidCode {
    /// The form, as a regular expression.
    pub pattern: &'static str,
    /// What came instead, cut to 64 characters.
    pub found: String,
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

digit_code! {
    /// The code of a category: two digits a level, at most eight; the shipped leaves have four.
    CategoryCode "^([0-9]{2}){1,4}$" |t| matches!(t.len(), 2 | 4 | 6 | 8) && all_digits(t);
    /// The kind of an organisation, such as the water station of a township: `d` and three digits.
    /// The shipped table of kinds is `resources/departments.csv`.
    OrgKind "^d[0-9]{3}$" |t| t.len() == 4 && t.starts_with('d') && all_digits(&t[1..]);
    /// The code of a law or rule on which handling rests: `l` and three digits. Its title stands in
    /// the document of the catalogue.
    LegalCode "^l[0-9]{3}$" |t| t.len() == 4 && t.starts_with('l') && all_digits(&t[1..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_says_its_division_and_prints_back() {
        let id: CaseId = "620821101203-01jd7zzzzzzzzzzzzzzzzzzzzz".parse().unwrap();
        assert_eq!(id.division().to_string(), "620821101203");
        assert_eq!(id.to_string(), "620821101203-01jd7zzzzzzzzzzzzzzzzzzzzz");
        let county: PersonId = "620821000000-p1".parse().unwrap();
        assert_eq!(county.division().to_string(), "620821");
    }

    #[test]
    fn what_is_no_id_is_refused() {
        for text in [
            "",
            "620821-x",
            "620821101203",
            "620821101203-",
            "620821101203-X",
            "620821101203-a.b",
            "620821101203-a>",
            "000000000000-a",
        ] {
            assert!(text.parse::<CaseId>().is_err(), "{text}");
        }
    }

    #[test]
    fn keys_of_bits_are_26_digits_and_distinct() {
        assert_eq!(Key::from_bits(0).as_str(), "0".repeat(26));
        assert_eq!(Key::from_bits(u128::MAX).as_str(), "7zzzzzzzzzzzzzzzzzzzzzzzzz");
        assert_ne!(Key::from_bits(1), Key::from_bits(2));
    }

    #[test]
    fn codes_have_their_form() {
        assert!("0102".parse::<CategoryCode>().is_ok());
        assert!("010".parse::<CategoryCode>().is_err());
        assert!("d001".parse::<OrgKind>().is_ok());
        assert!("x001".parse::<OrgKind>().is_err());
    }
}
