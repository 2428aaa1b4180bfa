//! Sealing and opening a KiB, as the vault does it: AES-256-GCM, and beside it SM4-GCM.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use platform::vault::{CipherName, SealingKey};

use crate::table::{Table, say};

/// How often each is done in a round; of the rounds the median counts.
const TIMES: u32 = 2_000;
const ROUNDS: usize = 9;

/// Bytes of a record: a contact, a report, a piece of a photo.
const SIZES: [usize; 3] = [128, 1_024, 256 * 1_024];

pub(crate) fn measure() -> anyhow::Result<Table> {
    say("seal");
    let mut table = Table::new(
        "Sealing and opening a record, on one core",
        &["cipher", "bytes", "seal µs", "open µs", "both µs per KiB"],
    );
    for (name, cipher) in [("AES-256-GCM", CipherName::Aes256Gcm), ("SM4-GCM", CipherName::Sm4Gcm)]
    {
        for size in SIZES {
            let (seal, open) = measured(cipher, size)?;
            let kib = f64::from(u32::try_from(size)?) / 1_024.0;
            let each = |time: Duration| time.as_secs_f64() * 1e6;
            let both = (each(seal) + each(open)) / kib;
            table.row(&[
                name.to_owned(),
                size.to_string(),
                format!("{:.2}", each(seal)),
                format!("{:.2}", each(open)),
                format!("{both:.2}"),
            ]);
            if (cipher, size) == (CipherName::Aes256Gcm, 1_024) {
                table.demand("a KiB sealed and opened under 20 µs by AES-256-GCM", both < 20.0);
            }
        }
    }
    Ok(table)
}

fn measured(cipher: CipherName, size: usize) -> anyhow::Result<(Duration, Duration)> {
    let key = SealingKey::generate();
    let plain = vec![0x5a; size];
    let sealed = key.seal(cipher, b"record", &plain);
    // Large ones less often: a round takes as long.
    let times = (TIMES * 1_024 / u32::try_from(size.max(1_024))?).max(20);
    let seal = median(times, || key.seal(cipher, b"record", &plain).len() == sealed.len())?;
    let open = median(times, || key.open(b"record", &sealed).is_some())?;
    Ok((seal, open))
}

fn median(times: u32, work: impl Fn() -> bool) -> anyhow::Result<Duration> {
    let mut rounds = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let started = Instant::now();
        let done = (0..times).all(|_| std::hint::black_box(work()));
        anyhow::ensure!(done, "what was sealed does not open");
        rounds.push(started.elapsed() / times);
    }
    rounds.sort_unstable();
    rounds.get(ROUNDS / 2).copied().context("at least one round")
}
