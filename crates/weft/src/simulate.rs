//! `weft simulate`: whole cases through the public gRPC interface, as many people with their own
//! tokens. An honest client: it knows what a portal knows, sends an unanswered request again under
//! the same id, and in the end asks whether all that was acknowledged is there.

mod cast;
mod play;
pub(crate) mod random;
mod report;
pub(crate) mod retry;
mod watch;

use std::{
    process::ExitCode,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::Context as _;

use crate::{
    cli::Simulate,
    client::{Signer, connect},
    output,
};
use cast::Cast;
use play::Player;
use report::Report;
use watch::Watch;

pub(crate) async fn run(options: Simulate) -> anyhow::Result<ExitCode> {
    anyhow::ensure!(options.cases > 0, "--cases is at least 1");
    anyhow::ensure!((1..=4_096).contains(&options.concurrency), "--concurrency is from 1 to 4096");
    let signer = Signer::of(&options.suite.settings)?;
    // Several connections, as many clients have.
    let mut channels = Vec::new();
    for _ in 0..options.concurrency.div_ceil(64) {
        channels.push(connect(&options.suite.grpc, &options.suite.settings).await?);
    }
    let patience = Duration::from_secs(options.patience);
    let cast = Arc::new(Cast::gather(signer, channels, options.seed, patience).await?);
    let watch = Watch::start(&cast)?;
    let journal = options
        .journal
        .as_ref()
        .map(|path| {
            std::fs::OpenOptions::new()
                .create(true)
                .append(true)
                .open(path)
                .with_context(|| format!("{} cannot be written", path.display()))
        })
        .transpose()?;
    let report = Arc::new(Mutex::new(Report::new(journal)));
    let started = Instant::now();
    let next = Arc::new(AtomicUsize::new(0));
    let workers = (0..options.concurrency.min(options.cases)).map(|_| {
        let (cast, watch, report, next) =
            (Arc::clone(&cast), watch.clone(), Arc::clone(&report), Arc::clone(&next));
        let cases = options.cases;
        async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= cases {
                    return;
                }
                let player = Player::new(&cast, &watch, &report, number);
                if let Err(error) = player.play().await {
                    let mut report = report.lock().unwrap_or_else(PoisonError::into_inner);
                    report.failed(number, &crate::output::chain(&error));
                }
            }
        }
    });
    tokio::select! {
        _ = futures::future::join_all(workers) => {}
        ended = watch.broken() => return Err(ended),
    }
    let elapsed = started.elapsed();
    let mut report = report.lock().unwrap_or_else(PoisonError::into_inner);
    report.finish(elapsed);
    if options.json {
        output::line(&report.to_json(&options).to_string());
    } else {
        output::line(&report.to_text());
    }
    Ok(if report.errors() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
