//! From what a person signs in with to the person. It is in the vault alone, under a keyed hash.

use kernel::id::PersonId;
use platform::{
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
    kind: Kind,
    value: &str,
) -> Result<Option<PersonId>, ServiceError> {
    let owners = vault.index_find(kind.word(), value).await?;
    let owner = owners.first().filter(|_| owners.len() == 1);
    owner.map(|person| person.parse().map_err(ServiceError::corrupt)).transpose()
}

/// Notes that a value is a person's. False where it is another's; of two who ask at the same time it
/// becomes nobody's.
pub(crate) async fn claim(
    vault: &Vault,
    kind: Kind,
    value: &str,
    person: &PersonId,
) -> Result<bool, ServiceError> {
    let owner = person.to_string();
    let others = |owners: Vec<String>| owners.iter().any(|other| *other != owner);
    if others(vault.index_find(kind.word(), value).await?) {
        return Ok(false);
    }
    vault.index_put(kind.word(), value, &owner).await?;
    if others(vault.index_find(kind.word(), value).await?) {
        vault.index_remove(kind.word(), value, &owner).await?;
        return Ok(false);
    }
    Ok(true)
}

/// Takes back that a value is a person's.
pub(crate) async fn release(
    vault: &Vault,
    kind: Kind,
    value: &str,
    person: &PersonId,
) -> Result<(), ServiceError> {
    Ok(vault.index_remove(kind.word(), value, &person.to_string()).await?)
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
