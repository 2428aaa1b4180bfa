//! How often one address may do what costs something. The generic cell rate algorithm of ITU-T
//! I.371: for each address one time is kept, that at which it will have used up nothing.

use std::{
    net::IpAddr,
    num::NonZeroUsize,
    sync::{Mutex, PoisonError},
};

use kernel::Timestamp;
use lru::LruCache;

/// Addresses that are remembered; the one that was heard longest ago is forgotten first.
const ADDRESSES: usize = 65_536;

const MINUTE_MS: i64 = 60_000;

/// A limit by address.
pub(crate) struct Limit {
    /// Milliseconds that one use costs.
    cost: i64,
    /// How far ahead of the time an address may be.
    credit: i64,
    free_at: Mutex<LruCache<IpAddr, i64>>,
}

/// Too often: when to come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooOften {
    /// Whole seconds, at least 1.
    pub(crate) seconds: i64,
}

impl Limit {
    /// So many a minute, of which so many at once; both at least 1.
    pub(crate) fn new(per_minute: u32, at_once: u32) -> Self {
        let cost = MINUTE_MS / i64::from(per_minute.max(1));
        let many = NonZeroUsize::new(ADDRESSES).unwrap_or(NonZeroUsize::MIN);
        Self {
            cost,
            credit: cost * i64::from(at_once.max(1)),
            free_at: Mutex::new(LruCache::new(many)),
        }
    }

    /// One use from this address, now.
    pub(crate) fn take(&self, address: IpAddr, now: Timestamp) -> Result<(), TooOften> {
        let mut free_at = self.free_at.lock().unwrap_or_else(PoisonError::into_inner);
        let free = free_at.get_or_insert_mut(network(address), || now.0);
        let next = (*free).max(now.0).saturating_add(self.cost);
        let over = next.saturating_sub(now.0).saturating_sub(self.credit);
        if over > 0 {
            return Err(TooOften { seconds: (over.saturating_add(999) / 1000).max(1) });
        }
        *free = next;
        Ok(())
    }
}

/// One subscriber of IPv6 has a whole /64.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(six) => {
            let [a, b, c, d, ..] = six.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_its_burst_and_then_its_rate() {
        let limit = Limit::new(10, 3);
        let (one, other) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        let at = |ms: i64| Timestamp(1_000_000 + ms);
        for _ in 0..3 {
            assert_eq!(limit.take(one, at(0)), Ok(()));
        }
        assert_eq!(limit.take(one, at(0)), Err(TooOften { seconds: 6 }));
        assert_eq!(limit.take(other, at(0)), Ok(()));
        assert_eq!(limit.take(one, at(5_900)), Err(TooOften { seconds: 1 }));
        assert_eq!(limit.take(one, at(6_000)), Ok(()));
        assert!(limit.take(one, at(6_000)).is_err());
    }

    #[test]
    fn a_subscriber_of_ipv6_is_one() {
        let limit = Limit::new(1, 1);
        let now = Timestamp(0);
        assert_eq!(limit.take("2001:db8:1:2::3".parse().unwrap(), now), Ok(()));
        assert!(limit.take("2001:db8:1:2:ffff::9".parse().unwrap(), now).is_err());
        assert_eq!(limit.take("2001:db8:1:3::3".parse().unwrap(), now), Ok(()));
    }
}
