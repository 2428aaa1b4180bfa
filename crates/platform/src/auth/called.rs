//! What is known of a call beside its caller, and what its answer shows: the layer puts it into the
//! request's extensions, handlers add to it, and the layer writes the audit trail from it.

use std::{
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use http::Extensions;

use crate::{
    audit::{Audit, Entry, Object},
    grpc::GrpcPeer,
    telemetry::TraceContext,
};

/// A call on its way. Clones are the same call.
#[derive(Clone, Default)]
pub struct Called {
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    method: String,
    /// From where it came, where the transport says it.
    address: Option<IpAddr>,
    /// Whether a gateway sent it, which limits its visitors itself.
    is_gateway: bool,
    /// The trail, which hashes the address.
    audit: Option<Audit>,
    reads: Mutex<Vec<(&'static str, Object)>>,
}

impl Called {
    /// The call of a request; one without anything known where no layer stands before the service.
    pub fn of<T>(request: &tonic::Request<T>) -> Self {
        request.extensions().get::<Self>().cloned().unwrap_or_default()
    }

    pub(super) fn new(method: &str, origin: &Origin, audit: Option<Audit>) -> Self {
        let Origin { address, is_gateway } = *origin;
        let (method, reads) = (method.to_owned(), Mutex::default());
        Self { inner: Arc::new(Inner { method, address, is_gateway, audit, reads }) }
    }

    /// The address whose calls without a token are counted: none for a gateway, and for health and
    /// reflection, which load balancers ask for all the time.
    pub(super) fn counted_address(&self) -> Option<IpAddr> {
        let inner = &self.inner;
        let counted = !inner.is_gateway && !inner.method.starts_with("/grpc.");
        inner.address.filter(|_| counted)
    }

    /// Says that the answer shows personal data; see [`Call::reads`](crate::grpc::call::Call::reads),
    /// which handlers with a known caller use.
    pub fn reads(&self, action: &'static str, object: Object) {
        self.lock().push((action, object));
    }

    /// A record of an act of this call, by nobody yet.
    pub fn entry(&self, action: &'static str) -> Entry {
        let inner = &self.inner;
        Entry {
            method: Some(inner.method.clone()),
            trace: Some(TraceContext::current().trace_id()),
            peer: inner.audit.as_ref().zip(inner.address).map(|(audit, from)| audit.peer(from)),
            ..Entry::new(action)
        }
    }

    /// What the answer shows.
    pub(super) fn take_reads(&self) -> Vec<(&'static str, Object)> {
        std::mem::take(&mut self.lock())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<(&'static str, Object)>> {
        self.inner.reads.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Called {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Called").field("method", &self.inner.method).finish_non_exhaustive()
    }
}

/// From where a request came: whose address it is, and whether it is a gateway's, which speaks for many.
pub(super) struct Origin {
    address: Option<IpAddr>,
    is_gateway: bool,
}

impl Origin {
    /// What the transport says of a request.
    pub(super) fn of(extensions: &Extensions) -> Self {
        let peer = extensions.get::<GrpcPeer>();
        let address = peer.map(|peer| peer.address);
        let named = peer.and_then(|peer| peer.service.as_deref()) == Some("gateway");
        Self { address, is_gateway: named || address.is_some_and(|from| from.is_loopback()) }
    }
}
