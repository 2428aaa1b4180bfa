//! The trail: chained, durable, the same for two processes, and telling when it was changed.

use std::{sync::Arc, time::Duration};

use async_nats::jetstream;
use kernel::Clock;
use platform::{
    audit::{
        Audit, AuditSettings, Entry, Line, Object,
        verify::{Finding, Sealed, Trail},
    },
    nats_server::Account,
};
use testkit::{ManualClock, until};
use tokio_util::sync::CancellationToken;

use crate::ground::{Ground, county};

struct Stand {
    ground: Ground,
    stop: CancellationToken,
}

impl Stand {
    async fn new() -> Self {
        Self { ground: Ground::new().await, stop: CancellationToken::new() }
    }

    /// The trail as another process opens it.
    async fn process(&self, name: &str) -> Audit {
        let client = self.ground.nats.client(Account::Core).await;
        let settings = AuditSettings {
            county: county(),
            process: name.to_owned(),
            max_bytes: 64 << 20,
            replicas: 1,
        };
        let clock: Arc<dyn Clock> = Arc::new(ManualClock::default());
        let opened = Audit::open(client, &settings, clock, &[7; 32], self.stop.clone()).await;
        let (audit, task) = opened.unwrap();
        self.ground.life.spawn("audit", async move {
            task.await;
            Ok::<(), std::convert::Infallible>(())
        });
        audit
    }
}

fn read(id: usize) -> Entry {
    Entry::new("read_case").on(Object::one("case", &id))
}

/// Every line of the trail.
async fn all(audit: &Audit) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    loop {
        let from = lines.last().map_or(1, |line| line.sequence + 1);
        let more = audit.read(from).await.unwrap();
        if more.is_empty() {
            return lines;
        }
        lines.extend(more);
    }
}

fn findings(lines: &[Line]) -> Vec<Finding> {
    let mut trail = Trail::whole();
    for line in lines {
        trail.check(&line.bytes);
    }
    trail.finish().0
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_write_one_chain_and_lose_nothing() {
    let stand = Stand::new().await;
    let (one, other) = (stand.process("access").await, stand.process("access").await);
    let third = stand.process("intake").await;
    let writes = (0..300).map(|number| {
        let audit = [&one, &other, &third][number % 3];
        async move {
            if number % 2 == 0 {
                audit.record(read(number)).await.unwrap();
            } else {
                audit.note(read(number)).await;
            }
        }
    });
    futures::future::join_all(writes).await;
    until("all records are there", || async { all(&one).await.len() == 300 }).await;
    let messages = one.end().await.unwrap();
    assert!(messages < 200, "what waits together is written together: {messages}");
    let lines = all(&one).await;
    assert_eq!(findings(&lines), []);
    let mut ids: Vec<usize> = lines
        .iter()
        .map(|line| line.record.entry.object.clone().unwrap().id.unwrap().parse().unwrap())
        .collect();
    ids.sort_unstable();
    assert_eq!(ids, (0..300).collect::<Vec<_>>());
    let of = |chain: &str| lines.iter().filter(|line| line.record.chain == chain).count();
    assert_eq!((of("access"), of("intake")), (200, 100));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_changed_or_left_out_is_found() {
    let stand = Stand::new().await;
    let audit = stand.process("access").await;
    for number in 0..5 {
        audit.record(read(number)).await.unwrap();
    }
    let lines = all(&audit).await;
    assert_eq!(findings(&lines), []);

    let mut changed = lines.clone();
    let text = String::from_utf8(changed[2].bytes.to_vec()).unwrap();
    changed[2].bytes = text.replace("\"id\":\"2\"", "\"id\":\"9\"").into();
    let told = Finding::Changed { chain: "access".into(), number: 4 };
    assert_eq!(findings(&changed), [told]);

    let mut missing = lines.clone();
    missing.remove(2);
    let told = Finding::Missing { chain: "access".into(), after: 2, found: 4 };
    assert_eq!(findings(&missing), [told]);
    let mut part = Trail::part();
    lines[2..].iter().for_each(|line| part.check(&line.bytes));
    assert_eq!(part.finish().0, [], "a file may begin in the middle");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stream_deletes_nothing() {
    let stand = Stand::new().await;
    let audit = stand.process("access").await;
    audit.record(read(1)).await.unwrap();
    let client = stand.ground.nats.client(Account::Core).await;
    let stream = jetstream::new(client).get_stream("AUDIT_620821").await.unwrap();
    assert!(stream.delete_message(1).await.is_err());
    assert!(stream.purge().await.is_err());
    assert_eq!(all(&audit).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_writes_what_waits_and_a_crash_of_the_server_loses_no_note() {
    let stand = Stand::new().await;
    let audit = stand.process("access").await;
    audit.record(read(0)).await.unwrap();
    stand.ground.nats.crash().await;
    audit.note(read(1)).await;
    until("the note is written", || async { audit.end().await.is_ok_and(|end| end == 2) }).await;
    for number in 2..50 {
        audit.note(read(number)).await;
    }
    for _ in 0..100 {
        audit.refused(Entry::new("refused").refused("TOKEN_MISSING"));
    }
    stand.stop.cancel();
    let reader = stand.process("other").await;
    until("what waited is written", || async { all(&reader).await.len() >= 52 }).await;
    let lines = all(&reader).await;
    assert_eq!(findings(&lines), []);
    let counted: u64 = lines[50..].iter().map(|line| line.record.entry.times.unwrap_or(1)).sum();
    assert_eq!(counted, 100);
    assert!(audit.record(read(99)).await.is_err(), "what comes after the stop is refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_gone_refuses_records_in_time() {
    let stand = Stand::new().await;
    let audit = stand.process("access").await;
    audit.record(read(0)).await.unwrap();
    let client = stand.ground.nats.client(Account::Core).await;
    jetstream::new(client).delete_stream("AUDIT_620821").await.unwrap();
    let asked = tokio::time::timeout(Duration::from_secs(30), audit.record(read(1))).await;
    assert!(asked.unwrap().is_err());
}

#[test]
fn seals_tell_what_became_of_a_log() {
    use kernel::hash::Sha256;
    use platform::log::hash_parts;
    let digests: Vec<Sha256> = (0..10_u8).map(|n| hash_parts(&[&[n]])).collect();
    let seal = |from: usize, to: usize| {
        let mut bytes = Vec::new();
        digests[from - 1..to].iter().for_each(|digest| bytes.extend(digest.0));
        let mut digest = Sha256::default();
        let hashed = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &bytes);
        digest.0.copy_from_slice(hashed.as_ref());
        platform::audit::Seal { from: from as u64, to: to as u64, digest, heads: vec![] }
    };
    let walked = |seals: Vec<_>, digests: &[Sha256]| {
        let mut sealed = Sealed::new(seals);
        for (place, digest) in digests.iter().enumerate() {
            sealed.check(place as u64 + 1, digest);
        }
        sealed.finish(true)
    };
    let seals = || vec![seal(1, 4), seal(5, 8)];
    assert_eq!(walked(seals(), &digests), []);
    let mut changed = digests.clone();
    changed[5] = Sha256::default();
    assert_eq!(walked(seals(), &changed), [Finding::Broken { from: 5, to: 8 }]);
    assert_eq!(walked(seals(), &digests[..6]), [Finding::LogCut { end: 6, sealed: 8 }]);
    let gap = vec![seal(1, 4), seal(6, 8)];
    assert_eq!(walked(gap, &digests), [Finding::Unsealed { after: 4, from: 6 }]);
}
