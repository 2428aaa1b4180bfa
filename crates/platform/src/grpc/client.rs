//! The client's side: a channel with sane times, and the headers of a call.

use std::{fmt, sync::Arc, time::Duration};

use tonic::{
    Request, Status,
    metadata::{Ascii, MetadataValue},
    service::Interceptor,
    transport::{Channel, Endpoint},
};

use crate::wires::{Trust, trust::is_of_tls};

/// Why there is no channel.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// Not `host:port`, `http://host:port` or `https://host:port`.
    #[error("{0:?} is no address: write host:port, such as 127.0.0.1:7600")]
    Address(String),
    /// Somebody answers there, whose certificate is not believed, or who does not believe ours.
    #[error("{address} is not who it should be: name who signs its certificate with grpc.ca")]
    NotBelieved {
        /// The address.
        address: String,
        /// Why not.
        #[source]
        source: tonic::transport::Error,
    },
    /// Nobody answers there, or not in what was spoken.
    #[error(
        "cannot reach {address}: start the suite with 'weft up', give its address with --grpc, or write https:// where it speaks TLS"
    )]
    Unreachable {
        /// The address.
        address: String,
        /// Why not.
        #[source]
        source: tonic::transport::Error,
    },
}

/// A token that cannot stand in a header.
#[derive(Debug, thiserror::Error)]
#[error("the token has characters that no token has: issue a new one")]
pub struct InvalidToken;

/// Connects to a suite at `host:port`, in plain text; see [`connect_with`].
pub async fn connect(address: &str) -> Result<Channel, ConnectError> {
    connect_with(address, &Trust::default()).await
}

/// Connects to a suite at `host:port`, in plain text, or at `https://host:port`, which must show a
/// certificate that `trust` believes: 5 s to connect, 30 s to the first byte of an answer, pings every
/// 20 s also while idle. The channel reconnects by itself and is cheap to clone.
pub async fn connect_with(address: &str, trust: &Trust) -> Result<Channel, ConnectError> {
    let url =
        if address.contains("://") { address.to_owned() } else { format!("http://{address}") };
    let malformed = || ConnectError::Address(address.to_owned());
    let endpoint = Endpoint::from_shared(url).map_err(|_| malformed())?;
    if endpoint.uri().port_u16().is_none() || endpoint.uri().host().is_none_or(str::is_empty) {
        return Err(malformed());
    }
    let endpoint = endpoint
        .connect_timeout(Duration::from_secs(5))
        .timeout(Duration::from_secs(30))
        .http2_keep_alive_interval(Duration::from_secs(20))
        .keep_alive_timeout(Duration::from_secs(20))
        .keep_alive_while_idle(true);
    trust.connect(&endpoint).await.map_err(|source| {
        let address = address.to_owned();
        if is_of_tls(&source) {
            ConnectError::NotBelieved { address, source }
        } else {
            ConnectError::Unreachable { address, source }
        }
    })
}

type Trace = Arc<dyn Fn() -> Option<String> + Send + Sync>;

/// Adds `authorization` and `traceparent` to each call of a generated client:
/// `IntakeServiceClient::with_interceptor(channel, bearer)`.
#[derive(Clone)]
pub struct Bearer {
    authorization: MetadataValue<Ascii>,
    trace: Option<Trace>,
}

impl fmt::Debug for Bearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bearer")
    }
}

impl Bearer {
    /// With this token.
    pub fn new(token: &str) -> Result<Self, InvalidToken> {
        let mut authorization: MetadataValue<Ascii> =
            format!("Bearer {token}").parse().map_err(|_| InvalidToken)?;
        authorization.set_sensitive(true);
        Ok(Self { authorization, trace: None })
    }

    /// With the trace context that `current` gives at each call.
    #[must_use]
    pub fn traced(mut self, current: impl Fn() -> Option<String> + Send + Sync + 'static) -> Self {
        self.trace = Some(Arc::new(current));
        self
    }
}

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request.metadata_mut().insert("authorization", self.authorization.clone());
        let trace = self.trace.as_ref().and_then(|current| current());
        if let Some(trace) = trace.and_then(|text| text.parse().ok()) {
            request.metadata_mut().insert("traceparent", trace);
        }
        Ok(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_carries_the_token_and_the_trace_and_never_prints_the_token() {
        let mut bearer = Bearer::new("abc").unwrap().traced(|| Some("00-a-b-01".into()));
        assert!(!format!("{bearer:?}").contains("abc"));
        let request = bearer.call(Request::new(())).unwrap();
        assert_eq!(request.metadata().get("authorization").unwrap(), "Bearer abc");
        assert_eq!(request.metadata().get("traceparent").unwrap(), "00-a-b-01");
        assert!(!format!("{request:?}").contains("abc"));
        assert!(Bearer::new("a\nb").is_err());
    }

    #[tokio::test]
    async fn what_is_no_address_and_an_address_where_nobody_is_are_told_apart() {
        for text in ["", "127.0.0.1", "http://", "a b:1"] {
            assert!(matches!(connect(text).await, Err(ConnectError::Address(_))), "{text}");
        }
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let refused = connect(&free.to_string()).await.unwrap_err().to_string();
        assert!(refused.contains("weft up"), "{refused}");
    }
}
