//! Residents: a random id each, and nothing else.

use std::time::Duration;

use api::access::v1;
use aws_lc_rs::rand;
use kernel::{
    Role, Timestamp,
    id::{Key, PersonId},
};
use platform::{
    auth::{Basis, Claims, Scope},
    grpc::ServiceError,
};

use super::Server;

/// How long a resident is known by the same token: somewhat more than a year, so that whoever reports
/// each winter stays the same.
const TERM: Duration = Duration::from_hours(400 * 24);

pub(super) async fn enrol_resident(
    server: &Server,
    _: tonic::Request<v1::EnrolResidentRequest>,
) -> Result<v1::EnrolResidentResponse, ServiceError> {
    let context = &server.context;
    let person = PersonId::new(context.county, random_key()?);
    let person_id = person.to_string();
    let claims = Claims {
        person,
        role: Role::Resident,
        scope: Scope::Own,
        ttl: TERM,
        basis: Basis::default(),
    };
    let now = context.clock.now();
    let token = context.issuer.issue(&claims, now).map_err(ServiceError::internal)?;
    Ok(v1::EnrolResidentResponse { person_id, token, expires_at: end_of(&claims, now) })
}

/// A key of 128 random bits.
pub(super) fn random_key() -> Result<Key, ServiceError> {
    let mut bits = [0; 16];
    rand::fill(&mut bits).map_err(ServiceError::internal)?;
    Ok(Key::from_bits(u128::from_be_bytes(bits)))
}

/// When a token of these claims ends: UTC milliseconds. Tokens count whole seconds.
pub(super) fn end_of(claims: &Claims, now: Timestamp) -> i64 {
    let seconds = i64::try_from(claims.ttl.as_secs()).unwrap_or(i64::MAX);
    now.0.div_euclid(1_000).saturating_add(seconds).saturating_mul(1_000)
}
