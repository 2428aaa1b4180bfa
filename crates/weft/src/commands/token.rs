//! `weft token issue`: a signed token on standard output.

use std::time::Duration;

use anyhow::{Context as _, bail};
use kernel::{Clock as _, Role, id::PersonId};
use platform::auth::scope::ScopeParts;

use crate::{cli::Token, client::Signer, clock::SystemClock, output};

pub(super) fn run(what: Token) -> anyhow::Result<()> {
    let Token::Issue { role, division, grid, org, person, ttl, settings } = what;
    let role: Role = role.parse()?;
    let scope = ScopeParts {
        division: parsed("--division", division.as_deref())?,
        grid: parsed("--grid", grid.as_deref())?,
        org: parsed("--org", org.as_deref())?,
    };
    let signer = Signer::of(&settings)?;
    let person: PersonId = match parsed("--person", person.as_deref())? {
        Some(person) => person,
        None => signer.person(&format!("{role} {}", SystemClock.now().0)),
    };
    output::line(&signer.token(&person, role, scope, duration(&ttl)?)?);
    Ok(())
}

fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(
    name: &str,
    text: Option<&str>,
) -> anyhow::Result<Option<T>> {
    text.map(|text| text.parse().map_err(|error| anyhow::anyhow!("{name}: {error}"))).transpose()
}

/// Reads `90s`, `30m`, `8h`, `7d`; at most 366 days.
fn duration(text: &str) -> anyhow::Result<Duration> {
    let hint = "--ttl is a number with s, m, h or d, such as 8h";
    let Some(unit) = text.chars().last() else { bail!(hint) };
    let seconds: u64 = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => bail!(hint),
    };
    let amount: u64 = text[..text.len() - 1].parse().context(hint)?;
    let total = amount.checked_mul(seconds).context(hint)?;
    if total == 0 || total > 366 * 86_400 {
        bail!("--ttl is from 1s to 366d");
    }
    Ok(Duration::from_secs(total))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_unit_and_an_end() {
        assert_eq!(duration("8h").unwrap(), Duration::from_hours(8));
        assert_eq!(duration("90s").unwrap(), Duration::from_secs(90));
        for bad in ["", "8", "h", "0h", "8w", "-1h", "400d", "99999999999999999999s", "8ⅿ"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }
}
