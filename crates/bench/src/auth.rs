//! Who calls, and may they: what the layer does at every call, with a token that it has seen before;
//! beside it, what it would cost to verify the signature each time.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use kernel::{
    Division, Role, Timestamp,
    id::{Key, PersonId},
};
use platform::{
    auth::{Basis, Claims, Issuer, Policy, Scope, Verifier},
    suite::descriptors_of,
};

use crate::table::{Table, say};

/// How many people are signed in.
const PEOPLE: usize = 2_000;

/// How often each of them calls.
const CALLS: usize = 100;

const NOW: Timestamp = Timestamp(1_800_000_000_000);

const METHOD: &str = "/weft.dispatch.v1.DispatchService/AcceptWorkOrder";

pub(crate) fn measure() -> anyhow::Result<Table> {
    say("auth");
    let mut table = Table::new(
        "Authentication and policy of one call, on one core",
        &["token", "calls", "µs a call"],
    );
    let data = tempfile::tempdir()?;
    let issuer = Issuer::load_or_create(data.path())?;
    let rows: Vec<_> = [access::service(), intake::service(), dispatch::service()]
        .iter()
        .flat_map(|service| service.methods)
        .copied()
        .collect();
    let policy = Policy::new(&rows, &[descriptors_of(api::DESCRIPTORS, &rows)])?;
    let tokens = (0..PEOPLE).map(|number| token(&issuer, number)).collect::<Result<Vec<_>, _>>()?;
    let verifier = issuer.verifier(Duration::from_secs(30));

    let each_time = timed(&verifier, &policy, &tokens)?;
    let mut remembered = Duration::ZERO;
    for _ in 0..CALLS {
        remembered += timed(&verifier, &policy, &tokens)?;
    }
    let micros = |spent: Duration, calls: usize| -> anyhow::Result<f64> {
        Ok(spent.as_secs_f64() * 1e6 / f64::from(u32::try_from(calls)?))
    };
    let (first, again) = (micros(each_time, PEOPLE)?, micros(remembered, PEOPLE * CALLS)?);
    table.row(&["signature verified".to_owned(), PEOPLE.to_string(), format!("{first:.1}")]);
    table.row(&["remembered".to_owned(), (PEOPLE * CALLS).to_string(), format!("{again:.1}")]);
    table.demand("a remembered token and the policy in under 20 µs", again < 20.0);
    table.demand("that is less than verifying the signature", again < first);
    Ok(table)
}

/// How long it takes until every bearer is known and let through.
fn timed(verifier: &Verifier, policy: &Policy, tokens: &[String]) -> anyhow::Result<Duration> {
    let begun = Instant::now();
    for token in tokens {
        let principal = verifier.verify(token, NOW)?;
        policy.check(METHOD, &principal).ok().context("a member accepts orders")?;
    }
    Ok(begun.elapsed())
}

fn token(issuer: &Issuer, number: usize) -> anyhow::Result<String> {
    let county: Division = "620821".parse()?;
    let claims = Claims {
        person: PersonId::new(county, Key::from_bits(number as u128)),
        role: Role::GridMember,
        scope: Scope::Grid("620821101203001".parse()?),
        ttl: Duration::from_hours(8),
        basis: Basis { assignment: Some("620821000000-a1".parse()?), ..Basis::default() },
    };
    Ok(issuer.issue(&claims, NOW)?)
}
