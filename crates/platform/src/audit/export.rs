//! The trail as a file: lines of JSON in the order of their times, with every change that the log has
//! beside what was read and refused. Whoever has the file can check it: records are chained, seals hold
//! the digests of the changes, and the last line says how many there are.
//!
//! The first line says of what the file is. A record's line is the record as stored. A change is
//! `{"change": {sequence, headers, payload}}`, of which the event's digest is computed. The last line is
//! `{"end": {lines, digest}}`, the SHA-256 of all that stands before it.

use std::collections::{BTreeMap, HashSet, VecDeque};

use async_nats::HeaderMap;
use aws_lc_rs::digest::{Context, SHA256};
use kernel::{Timestamp, hash::Sha256, id::PersonId};
use serde::{Deserialize, Serialize};

use super::{
    Audit, BLOCK,
    verify::{Sealed, Trail},
};
use crate::log::{EventLog, LogError, Recorded, header, stream::StreamError};

/// How many events are read at once.
const EVENTS: u64 = 500;

/// How many lines are handed out at once.
const LINES: usize = 200;

#[derive(Serialize, Deserialize)]
struct Begin {
    weft_audit: u32,
    county: String,
    from: Timestamp,
    until: Option<Timestamp>,
    made_at: Timestamp,
    by: PersonId,
}

#[derive(Serialize, Deserialize)]
struct Changed {
    change: Change,
}

#[derive(Serialize, Deserialize)]
struct Change {
    sequence: u64,
    subject: String,
    headers: BTreeMap<String, String>,
    payload: String,
}

#[derive(Serialize, Deserialize)]
struct Ended {
    end: End,
}

#[derive(Serialize, Deserialize)]
struct End {
    lines: u64,
    digest: Sha256,
}

/// A file on its way out.
pub struct Export {
    audit: Audit,
    log: EventLog,
    within: Between,
    records: Source,
    changes: Source,
    begin: Option<Vec<u8>>,
    lines: u64,
    digest: Context,
    ended: bool,
}

/// Lines that are read block by block, up to where they ended when the export began. What lies between
/// is left out nowhere, so that chains and seals hold.
struct Source {
    next: u64,
    end: u64,
    /// The last place that was read.
    read: u64,
    waiting: VecDeque<(Timestamp, Vec<u8>)>,
    has_begun: bool,
}

impl Source {
    fn new(next: u64, end: u64) -> Self {
        Self { next, end, read: 0, waiting: VecDeque::new(), has_begun: false }
    }

    fn wants(&self) -> bool {
        self.waiting.is_empty() && self.next <= self.end
    }

    /// Takes in a line that lies between two moments; a first one after them ends the source.
    fn take(&mut self, sequence: u64, at: Timestamp, line: Vec<u8>, within: Between) {
        self.read = sequence;
        if sequence > self.end {
            return;
        }
        if within.until.is_some_and(|until| at >= until) {
            self.end = 0;
        } else if self.has_begun || at >= within.from {
            self.has_begun = true;
            self.waiting.push_back((at, line));
        }
    }
}

/// Between which moments.
#[derive(Clone, Copy)]
struct Between {
    from: Timestamp,
    until: Option<Timestamp>,
}

impl Export {
    /// Of what happened from a moment on, until another where one is named; `by` is who asked.
    pub async fn begin(
        audit: Audit,
        log: EventLog,
        (from, until): (Timestamp, Option<Timestamp>),
        (made_at, by): (Timestamp, PersonId),
    ) -> Result<Self, LogError> {
        let county = audit.county().to_string();
        let begin = line(&Begin { weft_audit: 1, county, from, until, made_at, by });
        let records = Source::new(audit.place_of(from).await?, audit.end().await?);
        let end = log.stream().state().await?.last;
        let changes = Source::new(place_in(&log, from, end).await?, end);
        Ok(Self {
            audit,
            log,
            within: Between { from, until },
            records,
            changes,
            begin: Some(begin),
            lines: 0,
            digest: Context::new(&SHA256),
            ended: false,
        })
    }

    /// The next lines, each with its end; none after the last.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, LogError> {
        if self.ended {
            return Ok(None);
        }
        let mut out = Vec::new();
        if let Some(begin) = self.begin.take() {
            self.put(&mut out, &begin);
        }
        for _ in 0..LINES {
            self.fill().await?;
            let record = self.records.waiting.front().map(|(at, _)| *at);
            let change = self.changes.waiting.front().map(|(at, _)| *at);
            let source = match (record, change) {
                (None, None) => {
                    self.ended = true;
                    let mut digest = Sha256::default();
                    digest.0.copy_from_slice(self.digest.clone().finish().as_ref());
                    let end = line(&Ended { end: End { lines: self.lines, digest } });
                    out.extend(end);
                    return Ok(Some(out));
                }
                (Some(record), Some(change)) if change < record => &mut self.changes,
                (Some(_), _) => &mut self.records,
                (None, Some(_)) => &mut self.changes,
            };
            if let Some((_, line)) = source.waiting.pop_front() {
                self.put(&mut out, &line);
            }
        }
        Ok(Some(out))
    }

    fn put(&mut self, out: &mut Vec<u8>, line: &[u8]) {
        self.lines += 1;
        self.digest.update(line);
        out.extend(line);
    }

    async fn fill(&mut self) -> Result<(), LogError> {
        let within = self.within;
        while self.records.wants() {
            let from = self.records.next;
            for found in self.audit.read(from).await? {
                let mut line = found.bytes.to_vec();
                line.push(b'\n');
                self.records.take(found.sequence, found.record.at, line, within);
            }
            self.records.went_past(from, BLOCK);
        }
        while self.changes.wants() {
            let from = self.changes.next;
            for event in events(&self.log, from).await? {
                let (sequence, at) = (event.meta.sequence, event.meta.occurred_at);
                self.changes.take(
                    sequence,
                    at,
                    line(&Changed { change: Change::of(&event) }),
                    within,
                );
            }
            self.changes.went_past(from, EVENTS);
        }
        Ok(())
    }
}

impl Source {
    /// Goes on after what was read; where nothing came though something should be there, the stream lost
    /// it, and the chains say so.
    fn went_past(&mut self, from: u64, block: u64) {
        self.next = if self.read >= from { self.read + 1 } else { from + block };
    }
}

impl Change {
    fn of(event: &Recorded) -> Self {
        Self {
            sequence: event.meta.sequence,
            subject: event.subject.clone(),
            headers: event
                .chained()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            payload: String::from_utf8_lossy(&event.payload).into_owned(),
        }
    }

    fn digest(&self) -> Sha256 {
        let mut headers = HeaderMap::new();
        for name in header::CHAINED {
            if let Some(value) = self.headers.get(name) {
                headers.insert(name, value.as_str());
            }
        }
        crate::log::digest(&headers, self.payload.as_bytes())
    }
}

fn line(value: &impl Serialize) -> Vec<u8> {
    let mut line = serde_json::to_vec(value).expect("a line has only what JSON has");
    line.push(b'\n');
    line
}

async fn events(log: &EventLog, from: u64) -> Result<Vec<Recorded>, LogError> {
    let subjects = format!("weft.{}.>", log.county());
    let stored = log.stream().read_block(&subjects, from, EVENTS).await?;
    let read = stored.into_iter().map(|m| {
        Recorded::read(&m.subject, m.sequence, m.stored_at, m.headers, m.payload)
            .map_err(LogError::from)
    });
    read.collect()
}

/// A place of the log before which every event is older than a moment.
async fn place_in(log: &EventLog, moment: Timestamp, end: u64) -> Result<u64, StreamError> {
    let moment = moment.plus_millis(-super::SLACK_MS);
    let (mut low, mut high) = (1, end + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        let at =
            log.stream().read_sequence(middle).await?.and_then(|stored| {
                Timestamp::from_rfc3339(stored.headers.get(header::TIME)?.as_str())
            });
        if at.is_none_or(|at| at < moment) { low = middle + 1 } else { high = middle }
    }
    Ok(low)
}

/// What a file is worth.
#[derive(Debug, Default)]
pub struct FileReport {
    /// How many lines it has.
    pub lines: u64,
    /// How many records of what was read and refused.
    pub records: u64,
    /// How many changes.
    pub changes: u64,
    /// What is wrong with it; empty where all holds.
    pub findings: Vec<String>,
}

/// Checks a file by itself.
pub fn check_file(
    lines: impl Iterator<Item = std::io::Result<Vec<u8>>>,
) -> std::io::Result<FileReport> {
    let mut report = FileReport::default();
    let (mut trail, mut digest) = (Trail::part(), Context::new(&SHA256));
    let mut changes: Vec<(u64, Sha256)> = Vec::new();
    let mut end: Option<End> = None;
    for line in lines {
        let mut line = line?;
        if end.is_some() {
            report.findings.push("lines stand after the last line".to_owned());
            break;
        }
        if let Ok(last) = serde_json::from_slice::<Ended>(&line) {
            end = Some(last.end);
            continue;
        }
        report.lines += 1;
        if serde_json::from_slice::<Begin>(&line).is_ok() {
            if report.lines != 1 {
                report.findings.push(format!("line {}: a second first line", report.lines));
            }
        } else if let Ok(Changed { change }) = serde_json::from_slice(&line) {
            report.changes += 1;
            changes.push((change.sequence, change.digest()));
        } else {
            report.records += 1;
            trail.check(&line);
        }
        line.push(b'\n');
        digest.update(&line);
    }
    match end {
        None => report.findings.push("the last line is missing: the file was cut off".to_owned()),
        Some(end) => {
            if end.lines != report.lines || end.digest.0 != digest.finish().as_ref() {
                report.findings.push("the last line is not that of these lines".to_owned());
            }
        }
    }
    let (found, seals) = trail.finish();
    report.findings.extend(found.iter().map(ToString::to_string));
    for pair in changes.windows(2).filter(|pair| pair[1].0 != pair[0].0 + 1) {
        report.findings.push(format!("after the change {} comes {}", pair[0].0, pair[1].0));
    }
    let known: HashSet<u64> = changes.iter().map(|(sequence, _)| *sequence).collect();
    let whole =
        seals.into_iter().filter(|seal| known.contains(&seal.from) && known.contains(&seal.to));
    let mut sealed = Sealed::new(whole.collect());
    for (sequence, digest) in &changes {
        sealed.check(*sequence, digest);
    }
    report.findings.extend(sealed.finish(false).iter().map(ToString::to_string));
    Ok(report)
}
