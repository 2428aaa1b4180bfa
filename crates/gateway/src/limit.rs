//! How often one address may do what needs no sign-in.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
};

use kernel::Timestamp;

const MINUTE: i64 = 60_000;

/// Addresses of which is remembered how often they came; beyond it the oldest minutes are forgotten.
const REMEMBERED: usize = 50_000;

/// So many a minute.
pub(crate) struct Limit {
    most: u32,
    /// Address → the minute, and how often in it.
    seen: Mutex<HashMap<IpAddr, (i64, u32)>>,
}

impl Limit {
    /// At most so many a minute.
    pub(crate) fn new(most: u32) -> Self {
        Self { most, seen: Mutex::default() }
    }

    /// Whether this address may once more; counts it. Of an IPv6 address the network counts (64
    /// bits), within which a client has any address it likes.
    pub(crate) fn allow(&self, address: IpAddr, now: Timestamp) -> bool {
        let minute = now.0.div_euclid(MINUTE);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= REMEMBERED {
            seen.retain(|_, (at, _)| *at == minute);
        }
        let (at, count) = seen.entry(network(address)).or_insert((minute, 0));
        if *at != minute {
            (*at, *count) = (minute, 0);
        }
        *count = count.saturating_add(1);
        *count <= self.most
    }
}

fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_its_minute_and_others_have_theirs() {
        let limit = Limit::new(2);
        let here: IpAddr = "192.0.2.1".parse().unwrap();
        let allowed = [0, 1, 2].map(|at| limit.allow(here, Timestamp(at)));
        assert_eq!(allowed, [true, true, false]);
        assert!(limit.allow("192.0.2.2".parse().unwrap(), Timestamp(3)));
        assert!(limit.allow(here, Timestamp(MINUTE)));
        assert_eq!(
            network("2001:db8::1".parse().unwrap()),
            network("2001:db8::ffff".parse().unwrap())
        );
    }
}
