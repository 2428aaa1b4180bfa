//! Who visits. A browser that sends something for the first time gets an id of a resident and a token
//! for it, in a cookie; nobody says who they are. The lists that everybody may see are asked for by a
//! resident of the gateway's own.

use std::{
    net::IpAddr,
    num::NonZeroUsize,
    sync::{Arc, Mutex, PoisonError},
};

use api::access::v1::EnrolResidentRequest;
use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use lru::LruCache;
use tokio::sync::OnceCell;

use crate::{
    gateway::Gateway,
    problem::Problem,
    session::{Kind, RESIDENT_SECONDS, ResidentSession, Who, set_cookie},
    visit::Visit,
};

/// Forms of late, for which a resident was made.
const FORMS: usize = 4_096;

/// The gateway's own token is changed so long before it ends, in milliseconds.
const BEFORE_END_MS: i64 = 3_600_000;

/// The residents that were made of late.
pub(super) struct Known {
    own: Mutex<Option<Who>>,
    by_form: Mutex<LruCache<String, Arc<OnceCell<Who>>>>,
}

impl Default for Known {
    fn default() -> Self {
        let many = NonZeroUsize::new(FORMS).unwrap_or(NonZeroUsize::MIN);
        Self { own: Mutex::default(), by_form: Mutex::new(LruCache::new(many)) }
    }
}

/// The resident who sends a form.
pub(super) struct Sender {
    /// Who.
    pub(super) who: Who,
    /// Whether the browser does not know it yet.
    new: bool,
}

impl Sender {
    /// The resident of this session, or a new one. A form that is sent twice at once, by a browser
    /// that has no cookie yet, is of one resident: it has the id that the page was given, and comes from
    /// one address.
    pub(super) async fn of(
        gateway: &Gateway,
        session: Option<ResidentSession>,
        address: IpAddr,
        request_id: &str,
    ) -> Result<Self, Problem> {
        if let Some(session) = session {
            return Ok(Self { who: session.who, new: false });
        }
        // Only an id that a page of ours made is nobody else's.
        if !(20..=64).contains(&request_id.len()) {
            return Ok(Self { who: enrol(gateway).await?, new: true });
        }
        let cell = {
            let mut forms =
                gateway.residents.known.by_form.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(forms.get_or_insert(format!("{address} {request_id}"), Arc::default))
        };
        let who = cell.get_or_try_init(|| enrol(gateway)).await?.clone();
        Ok(Self { who, new: true })
    }

    /// An answer that makes the browser known: also one that refuses, for its photos are this
    /// resident's already.
    pub(super) fn known(&self, visit: &Visit, answer: impl IntoResponse) -> Response {
        let mut response = answer.into_response();
        if self.new {
            let left = self.who.principal.expires_at.0.saturating_sub(visit.now.0) / 1000;
            let seconds = left.min(RESIDENT_SECONDS);
            let cookie = set_cookie(visit.secure, Kind::Resident, &self.who.token, seconds);
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        response
    }
}

/// A new resident.
async fn enrol(gateway: &Gateway) -> Result<Who, Problem> {
    let mut access = gateway.clients.access(None);
    let answer = access.enrol_resident(EnrolResidentRequest {}).await?.into_inner();
    let principal = gateway.read_token(&answer.token).map_err(Problem::defect)?;
    Ok(Who { token: answer.token, principal })
}

/// The gateway's own resident, who asks for what everybody may see.
pub(super) async fn own(gateway: &Gateway) -> Result<Who, Problem> {
    let own = || gateway.residents.known.own.lock().unwrap_or_else(PoisonError::into_inner);
    let lasts = |who: &Who| who.principal.expires_at.0 > gateway.now().0 + BEFORE_END_MS;
    if let Some(who) = own().as_ref().filter(|who| lasts(who)) {
        return Ok(who.clone());
    }
    let who = enrol(gateway).await?;
    *own() = Some(who.clone());
    Ok(who)
}
