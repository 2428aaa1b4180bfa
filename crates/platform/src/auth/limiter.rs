//! How often one caller may call: a bucket of calls a person, or an address where nobody is known.

use std::{
    net::{IpAddr, Ipv6Addr},
    num::NonZeroUsize,
    sync::{Mutex, PoisonError},
};

use kernel::{ErrorCode, id::PersonId};
use lru::LruCache;
use tokio::time::{Duration, Instant};

use crate::grpc::ServiceError;

/// How many callers are remembered: those who have not called for longest are forgotten first.
const CALLERS: usize = 20_000;

/// How often one caller may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallLimits {
    /// Calls a second, for as long as one likes.
    pub per_second: u32,
    /// Calls at once, after a time of rest.
    pub burst: u32,
}

/// Who calls, as far as this limit is concerned.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Caller {
    /// A person, or the bearer of a portal's token, from wherever.
    Person(PersonId),
    /// An address; of the sixth version its network, for whoever has one has them all.
    Address(IpAddr),
}

impl Caller {
    pub(super) fn at(address: IpAddr) -> Self {
        Self::Address(match address.to_canonical() {
            IpAddr::V6(address) => {
                Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into()
            }
            address @ IpAddr::V4(_) => address,
        })
    }
}

struct Bucket {
    calls: f64,
    filled: Instant,
}

/// The buckets of all callers.
pub(super) struct Limiter {
    limits: CallLimits,
    buckets: Mutex<LruCache<Caller, Bucket>>,
}

impl Limiter {
    pub(super) fn new(limits: CallLimits) -> Self {
        let callers = NonZeroUsize::new(CALLERS).unwrap_or(NonZeroUsize::MIN);
        Self { limits, buckets: Mutex::new(LruCache::new(callers)) }
    }

    /// Takes one call out of a caller's bucket; where it is empty, says when there is one again.
    pub(super) fn take(&self, caller: Caller) -> Result<(), Duration> {
        let now = Instant::now();
        let (per_second, burst) = (f64::from(self.limits.per_second), f64::from(self.limits.burst));
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets.get_or_insert_mut(caller, || Bucket { calls: burst, filled: now });
        let since = now.saturating_duration_since(bucket.filled).as_secs_f64();
        bucket.calls = since.mul_add(per_second, bucket.calls).min(burst);
        bucket.filled = now;
        if bucket.calls < 1.0 {
            return Err(Duration::from_secs_f64((1.0 - bucket.calls) / per_second));
        }
        bucket.calls -= 1.0;
        Ok(())
    }
}

/// The refusal, with the time after which the next call is taken.
pub(super) fn too_many(after: Duration) -> ServiceError {
    ServiceError::new(
        ErrorCode::Exhausted,
        "TOO_MANY_REQUESTS",
        "this is one caller's limit of calls: go on more slowly",
        "请求过于频繁, 请稍后再试",
    )
    .retry_after(after.max(Duration::from_millis(10)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: CallLimits = CallLimits { per_second: 10, burst: 3 };

    fn person(key: usize) -> Caller {
        Caller::Person(format!("620821000000-p{key}").parse().unwrap())
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_then_so_many_a_second_each_caller_apart() {
        let limiter = Limiter::new(LIMITS);
        let took =
            |caller: &Caller| (0..10).filter(|_| limiter.take(caller.clone()).is_ok()).count();
        let (one, other) = (person(1), person(2));
        assert_eq!((took(&one), took(&other)), (3, 3));
        let wait = limiter.take(one.clone()).unwrap_err();
        assert!(wait <= Duration::from_millis(100), "{wait:?}");
        tokio::time::advance(wait).await;
        assert_eq!(took(&one), 1);
        tokio::time::advance(Duration::from_hours(1)).await;
        assert_eq!(took(&one), 3, "rest fills the bucket, and no more");
    }

    #[tokio::test(start_paused = true)]
    async fn memory_is_bounded_and_a_network_is_one_caller() {
        let limiter = Limiter::new(LIMITS);
        for key in 0..CALLERS + 100 {
            limiter.take(person(key)).unwrap();
        }
        assert_eq!(limiter.buckets.lock().unwrap().len(), CALLERS);
        let at = |text: &str| Caller::at(text.parse().unwrap());
        assert_eq!(at("2001:db8::1"), at("2001:db8::ffff:2"));
        assert_ne!(at("2001:db8::1"), at("2001:db8:0:1::1"));
        assert_eq!(at("::ffff:10.0.0.1"), at("10.0.0.1"));
        assert_ne!(at("10.0.0.1"), at("10.0.0.2"));
    }
}
