//! How many connections one address holds: one that opens hundreds takes nobody else's place.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, PoisonError},
};

/// The connections that are open, by address.
#[derive(Clone, Debug)]
pub(crate) struct Crowd {
    most: usize,
    open: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// A connection that counts until it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    of: Option<(Crowd, IpAddr)>,
}

impl Crowd {
    /// At most so many of each address; 0 for as many as come.
    pub(crate) fn of(most: usize) -> Self {
        Self { most, open: Arc::default() }
    }

    /// A place for one more of an address, if it may have it. This machine's own, and those of whom
    /// `exempt` says so, are not counted: behind a proxy all clients have one address.
    pub(crate) fn enter(&self, address: IpAddr, exempt: bool) -> Option<Place> {
        let address = block(address);
        if self.most == 0 || exempt || address.is_loopback() {
            return Some(Place { of: None });
        }
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let mine = open.entry(address).or_default();
        if *mine >= self.most {
            return None;
        }
        *mine += 1;
        drop(open);
        Some(Place { of: Some((self.clone(), address)) })
    }
}

/// Whoever has an IPv6 address has all of its /64.
fn block(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(long) if !long.is_loopback() => {
            IpAddr::V6(Ipv6Addr::from_bits(long.to_bits() & !u128::from(u64::MAX)))
        }
        short @ (IpAddr::V4(_) | IpAddr::V6(_)) => short,
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some((crowd, address)) = self.of.take() else { return };
        let mut open = crowd.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(mine) = open.get_mut(&address) {
            *mine = mine.saturating_sub(1);
            if *mine == 0 {
                open.remove(&address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_has_so_many_and_leaves_the_others_theirs() {
        let crowd = Crowd::of(2);
        let enter = |address: &str| crowd.enter(address.parse().unwrap(), false);
        let (first, second) = (enter("203.0.113.9"), enter("::ffff:203.0.113.9"));
        assert!(first.is_some() && second.is_some());
        assert!(enter("203.0.113.9").is_none(), "the third");
        assert!(enter("203.0.113.10").is_some(), "another's");
        assert!(crowd.enter("203.0.113.9".parse().unwrap(), true).is_some(), "a proxy's");
        drop(first);
        assert!(enter("203.0.113.9").is_some(), "one has left");
        let long: Vec<_> =
            ["2001:db8::1", "2001:db8::2", "2001:db8::3"].map(enter).into_iter().collect();
        assert!(long[0].is_some() && long[1].is_some() && long[2].is_none(), "one /64");
        let own: Vec<_> = (0..9).map(|_| enter("127.0.0.1")).collect();
        assert!(own.iter().all(Option::is_some));
        drop((second, long));
        assert!(crowd.open.lock().unwrap().is_empty(), "nobody is kept");
    }
}
