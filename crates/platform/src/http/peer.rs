//! Who is at the other end of a request.

use std::{convert::Infallible, net::IpAddr};

use axum::extract::FromRequestParts;
use http::{HeaderMap, HeaderName, header, request::Parts};

use super::Cidr;

const FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// The client of a request, as an extension of it and as an extractor of handlers. Behind a trusted
/// proxy it is the proxy's client; what a client says of itself is never believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its address: for limits of how often one client asks, never stored.
    pub address: IpAddr,
    /// Whether it speaks HTTPS: then a cookie can be `Secure`.
    pub secure: bool,
}

impl Peer {
    /// Who has sent these headers over a connection from `address`. Takes out the forwarding headers
    /// of a client that is no proxy, so that nobody believes them later.
    pub(super) fn of(
        headers: &mut HeaderMap,
        address: IpAddr,
        secure: bool,
        proxies: &[Cidr],
    ) -> Self {
        let address = address.to_canonical();
        let trusted = |address: IpAddr| proxies.iter().any(|block| block.contains(address));
        if !trusted(address) {
            for name in [FOR, PROTO, HOST, header::FORWARDED] {
                headers.remove(name);
            }
            return Self { address, secure };
        }
        // Each proxy adds to the end whom it has seen: from there back to the first that is no proxy
        // of ours. What stands before is that one's own word.
        let mut client = address;
        for seen in words(headers, &FOR).into_iter().rev() {
            let Some(seen) = address_of(seen) else { break };
            client = seen;
            if !trusted(seen) {
                break;
            }
        }
        let secure = words(headers, &PROTO)
            .last()
            .map_or(secure, |proto| proto.eq_ignore_ascii_case("https"));
        Self { address: client, secure }
    }
}

/// The words of a list in headers, of all lines of it.
fn words<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Vec<&'a str> {
    let lines = headers.get_all(name).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(str::trim).filter(|word| !word.is_empty()).collect()
}

/// An address, which some proxies write with a port.
fn address_of(word: &str) -> Option<IpAddr> {
    let socket = || word.parse().map(|socket: std::net::SocketAddr| socket.ip()).ok();
    let bare = word.trim_start_matches('[').trim_end_matches(']');
    bare.parse().ok().or_else(socket).map(|address: IpAddr| address.to_canonical())
}

impl<S: Sync> FromRequestParts<S> for Peer {
    type Rejection = Infallible;

    /// A request that came through no connection, as in tests of pages alone, is from nowhere.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let nowhere = Self { address: IpAddr::from([0, 0, 0, 0]), secure: false };
        Ok(parts.extensions.get().copied().unwrap_or(nowhere))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(from: &str, lines: &[(&HeaderName, &str)], proxies: &[&str]) -> (String, bool, usize) {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().unwrap());
        }
        let proxies: Vec<Cidr> = proxies.iter().map(|block| block.parse().unwrap()).collect();
        let peer = Peer::of(&mut headers, from.parse().unwrap(), false, &proxies);
        (peer.address.to_string(), peer.secure, headers.len())
    }

    const INSIDE: &[&str] = &["10.0.0.0/8"];

    #[test]
    fn a_client_that_is_no_proxy_is_believed_nothing() {
        let claims =
            [(&FOR, "127.0.0.1"), (&PROTO, "https"), (&HOST, "x"), (&header::FORWARDED, "x")];
        for proxies in [&[][..], INSIDE] {
            assert_eq!(peer("203.0.113.9", &claims, proxies), ("203.0.113.9".into(), false, 0));
        }
    }

    #[test]
    fn a_proxy_says_who_its_client_is() {
        let one = [(&FOR, "203.0.113.9"), (&PROTO, "https")];
        assert_eq!(peer("10.1.2.3", &one, INSIDE), ("203.0.113.9".into(), true, 2));
        let mapped = peer("::ffff:10.1.2.3", &one, INSIDE);
        assert_eq!(mapped, ("203.0.113.9".into(), true, 2));
        let nothing = peer("10.1.2.3", &[], INSIDE);
        assert_eq!(nothing, ("10.1.2.3".into(), false, 0));
    }

    #[test]
    fn only_what_our_own_proxies_added_counts() {
        let through_two = [(&FOR, "1.1.1.1, 203.0.113.9"), (&FOR, "10.9.9.9")];
        assert_eq!(peer("10.1.2.3", &through_two, INSIDE).0, "203.0.113.9");
        let nonsense = [(&FOR, "1.1.1.1, <script>, 10.9.9.9")];
        assert_eq!(peer("10.1.2.3", &nonsense, INSIDE).0, "10.9.9.9");
        let with_ports = [(&FOR, "[2001:db8::7]:4711")];
        assert_eq!(peer("10.1.2.3", &with_ports, INSIDE).0, "2001:db8::7");
        let forged_proto = [(&PROTO, "https, http")];
        assert!(!peer("10.1.2.3", &forged_proto, INSIDE).1);
    }
}
