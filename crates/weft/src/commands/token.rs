//! `weft token issue`: a signed token on standard output. `weft token link`: a link that signs one
//! person in, once. `weft token enrol`: a link by which a person sets up an account, once.
//! `weft token service`: tokens of portals and other services.

mod service;

use std::time::Duration;

use anyhow::{Context as _, bail};
use api::access::v1::{CreateEnrolmentLinkRequest, CreateSignInLinkRequest, Role as Word};
use kernel::{
    Clock as _, Division, GridCode, Role,
    id::{OrganisationId, PersonId},
};
use platform::auth::scope::ScopeParts;

use crate::{
    cli::{self, SuiteArgs, Token},
    client::{Signer, acting, employ, sign_in_link},
    clock::SystemClock,
    first::enrolment_link,
    output,
};

pub(super) async fn run(what: Token) -> anyhow::Result<()> {
    match what {
        Token::Issue { duty, ttl, settings } => {
            let Duty { role, scope, person } = Duty::of(duty)?;
            let signer = Signer::of(&settings)?;
            let person = person.unwrap_or_else(|| somebody(&signer, role));
            output::line(&signer.token(&person, role, scope, duration("--ttl", &ttl)?)?);
            Ok(())
        }
        Token::Link { duty, name, ttl, session, url, suite } => {
            link(duty, &name, (&ttl, &session), &url, &suite).await
        }
        Token::Enrol { person, ttl, url, suite } => {
            let request = CreateEnrolmentLinkRequest {
                request_id: format!("enrol-{}-{}", SystemClock.now().0, std::process::id()),
                person_id: person,
                ttl_seconds: i64::try_from(duration("--ttl", &ttl)?.as_secs())?,
            };
            let (channel, bearer) = acting(&suite, Role::SecurityAdministrator).await?;
            output::line(&enrolment_link(channel, bearer, request, &url).await?);
            Ok(())
        }
        Token::Service { what } => service::run(what).await,
    }
}

async fn link(
    duty: cli::Duty,
    name: &str,
    (ttl, session): (&str, &str),
    url: &str,
    suite: &SuiteArgs,
) -> anyhow::Result<()> {
    let Duty { role, scope, person } = Duty::of(duty)?;
    let word = Word::from_str_name(&api::name(&role, "ROLE_")).unwrap_or_default();
    let ScopeParts { division, grid, org } = scope;
    let mut request = CreateSignInLinkRequest {
        request_id: format!("link-{}-{}", SystemClock.now().0, std::process::id()),
        person_id: person.as_ref().map(ToString::to_string).unwrap_or_default(),
        role: word.into(),
        division: division.as_ref().map(Division::to_string).unwrap_or_default(),
        grid: grid.as_ref().map(GridCode::to_string).unwrap_or_default(),
        organisation_id: org.as_ref().map(OrganisationId::to_string).unwrap_or_default(),
        ttl_seconds: i64::try_from(duration("--ttl", ttl)?.as_secs())?,
        session_seconds: i64::try_from(duration("--session", session)?.as_secs())?,
    };
    let (channel, bearer) = acting(suite, Role::SecurityAdministrator).await?;
    if person.is_none() {
        employ(channel.clone(), bearer.clone(), name, &mut request).await?;
    }
    output::line(&sign_in_link(channel, bearer, request, url).await?);
    Ok(())
}

/// What the arguments say of a role.
struct Duty {
    role: Role,
    scope: ScopeParts,
    person: Option<PersonId>,
}

impl Duty {
    fn of(duty: cli::Duty) -> anyhow::Result<Self> {
        let cli::Duty { role, division, grid, org, person } = duty;
        Ok(Self {
            role: role.parse()?,
            scope: ScopeParts {
                division: parsed("--division", division.as_deref())?,
                grid: parsed("--grid", grid.as_deref())?,
                org: parsed("--org", org.as_deref())?,
            },
            person: parsed("--person", person.as_deref())?,
        })
    }
}

/// A new person of the county.
fn somebody(signer: &Signer, role: Role) -> PersonId {
    signer.person(&format!("{role} {}", SystemClock.now().0))
}

fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(
    name: &str,
    text: Option<&str>,
) -> anyhow::Result<Option<T>> {
    text.map(|text| text.parse().map_err(|error| anyhow::anyhow!("{name}: {error}"))).transpose()
}

/// Reads `90s`, `30m`, `8h`, `7d`; at most 366 days.
pub(crate) fn duration(name: &str, text: &str) -> anyhow::Result<Duration> {
    let hint = || format!("{name} is a number with s, m, h or d, such as 8h");
    let Some(unit) = text.chars().last() else { bail!(hint()) };
    let seconds: u64 = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => bail!(hint()),
    };
    let amount: u64 = text[..text.len() - 1].parse().with_context(hint)?;
    let total = amount.checked_mul(seconds).with_context(hint)?;
    if total == 0 || total > 366 * 86_400 {
        bail!("{name} is from 1s to 366d");
    }
    Ok(Duration::from_secs(total))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_unit_and_an_end() {
        assert_eq!(duration("--ttl", "8h").unwrap(), Duration::from_hours(8));
        assert_eq!(duration("--ttl", "90s").unwrap(), Duration::from_secs(90));
        for bad in ["", "8", "h", "0h", "8w", "-1h", "400d", "99999999999999999999s", "8ⅿ"] {
            assert!(duration("--ttl", bad).is_err(), "{bad}");
        }
    }
}
