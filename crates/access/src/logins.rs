//! From what a person signs in with to the person. It is in the vault alone, under a keyed hash.

use kernel::{
    Division,
    id::{PersonId, RecordId},
};
use platform::{
    executor::derived_key,
    grpc::{ServiceError, Violations},
    vault::Vault,
};

/// What leads to a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A login of an account.
    Login,
    /// Issuer and subject of another issuer.
    Identity,
}

impl Kind {
    const fn word(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Identity => "identity",
        }
    }
}

/// Whose a value is.
pub(crate) async fn find(
    vault: &Vault,
    secret: &[u8; 32],
    kind: Kind,
    value: &str,
) -> Result<Option<PersonId>, ServiceError> {
    let found = vault.text(&record(vault.county(), secret, kind, value)).await?;
    found.map(|person| person.parse().map_err(ServiceError::corrupt)).transpose()
}

/// Notes that a value is a person's. False where it is another's.
pub(crate) async fn claim(
    vault: &Vault,
    secret: &[u8; 32],
    (kind, value): (Kind, &str),
    person: &PersonId,
) -> Result<bool, ServiceError> {
    let record = record(vault.county(), secret, kind, value);
    vault.seal(&person.to_string(), &record, person.to_string().as_bytes()).await?;
    Ok(find(vault, secret, kind, value).await?.as_ref() == Some(person))
}

fn record(county: Division, secret: &[u8; 32], kind: Kind, value: &str) -> RecordId {
    let key = derived_key(&[b"weft.index", secret, kind.word().as_bytes(), value.as_bytes()]);
    RecordId::new(county, key)
}

/// How a login is written: 3 to 64 of these characters, without regard to case.
pub(crate) fn normal(login: &str) -> Option<String> {
    let login = login.trim().to_ascii_lowercase();
    let good = |byte: u8| byte.is_ascii_alphanumeric() || b"._-@".contains(&byte);
    ((3..=64).contains(&login.len()) && login.bytes().all(good)).then_some(login)
}

/// The same of a login that somebody chose.
pub(crate) fn chosen(v: &mut Violations, field: &str, login: &str) -> Option<String> {
    let login = normal(login);
    if login.is_none() {
        v.push(
            field,
            "choose 3 to 64 of a to z, 0 to 9 and . _ - @",
            "登录名由3至64个小写字母、数字或 . _ - @ 组成",
        );
    }
    login
}

#[cfg(test)]
mod tests {
    use super::normal;

    #[test]
    fn a_login_has_one_form() {
        assert_eq!(normal(" Li.Jingyi@Jingchuan "), Some("li.jingyi@jingchuan".to_owned()));
        for wrong in ["", "ab", "李静怡", "a b c", "a\u{0}bc", &"x".repeat(65)] {
            assert_eq!(normal(wrong), None, "{wrong}");
        }
    }
}
