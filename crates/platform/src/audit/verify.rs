//! Chains and seals computed again: over the whole trail beside the log, or over the lines of an
//! exported file by whoever has it.

use std::collections::{HashMap, VecDeque};

use kernel::hash::Sha256;

use super::{
    record::{AuditRecord, hash_of},
    seal::{CHAIN, Head, Seal, Stretch},
};

/// How many hashes of a chain are remembered, to be compared with the heads that a seal names: what
/// was written between the look at the heads and the seal.
const REMEMBERED: usize = 4_096;

/// What is wrong with a trail, or with the log beside it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Finding {
    /// A line that is no record.
    #[error("line {0} of the audit trail is no record of weft: it was changed")]
    Unreadable(u64),
    /// A record does not follow the one before it.
    #[error("audit chain {chain}: {found} comes after {after}; records between them are missing")]
    Missing {
        /// The chain.
        chain: String,
        /// The last number.
        after: u64,
        /// The number that came.
        found: u64,
    },
    /// A record holds another hash than that of the record before it.
    #[error("audit chain {chain}: the record before number {number} was changed")]
    Changed {
        /// The chain.
        chain: String,
        /// The record that tells.
        number: u64,
    },
    /// A chain ends before a seal says that it had ended.
    #[error(
        "audit chain {chain} ends at {end}, but a seal names its number {sealed}: its end was cut off or changed"
    )]
    Cut {
        /// The chain.
        chain: String,
        /// Where it ends.
        end: u64,
        /// What the seal names.
        sealed: u64,
    },
    /// The seals leave events out.
    #[error("the log is sealed up to {after}, then from {from}: a seal is missing")]
    Unsealed {
        /// The end of the seal before.
        after: u64,
        /// Where the next begins.
        from: u64,
    },
    /// The events of a seal are not those that were sealed.
    #[error("the log from {from} to {to} is not what was sealed: an event was changed or put in")]
    Broken {
        /// The first event.
        from: u64,
        /// The last event.
        to: u64,
    },
    /// The log ends before a seal.
    #[error("the log ends at {end}, but it was sealed up to {sealed}: its end was cut off")]
    LogCut {
        /// Where it ends.
        end: u64,
        /// Up to where it was sealed.
        sealed: u64,
    },
}

/// Walks the lines of a trail and keeps what is wrong with them.
#[derive(Default)]
pub struct Trail {
    /// Whether the lines may begin in the middle of a chain, as in a file of some days.
    partial: bool,
    lines: u64,
    ends: HashMap<String, VecDeque<(u64, Sha256)>>,
    seals: Vec<Seal>,
    findings: Vec<Finding>,
}

impl Trail {
    /// Of the whole trail.
    pub fn whole() -> Self {
        Self::default()
    }

    /// Of a part of it.
    pub fn part() -> Self {
        Self { partial: true, ..Self::default() }
    }

    /// Checks the next line.
    pub fn check(&mut self, line: &[u8]) {
        self.lines += 1;
        let Ok(record) = AuditRecord::read(line) else {
            self.findings.push(Finding::Unreadable(self.lines));
            return;
        };
        let end = self.ends.get(&record.chain).and_then(|recent| recent.back().copied());
        let chain = || record.chain.clone();
        match end {
            None if self.partial => {}
            end => {
                let (after, hash) = end.unwrap_or_default();
                if record.number != after + 1 {
                    let found = record.number;
                    self.findings.push(Finding::Missing { chain: chain(), after, found });
                } else if record.prev != hash {
                    let number = record.number;
                    self.findings.push(Finding::Changed { chain: chain(), number });
                }
            }
        }
        if let Some(seal) = record.entry.seal.filter(|_| record.chain == CHAIN) {
            seal.heads.iter().for_each(|head| self.check_head(head));
            self.seals.push(seal);
        }
        let recent = self.ends.entry(record.chain).or_default();
        recent.push_back((record.number, hash_of(line)));
        if recent.len() > REMEMBERED {
            recent.pop_front();
        }
    }

    /// A seal comes after the heads that it names.
    fn check_head(&mut self, head: &Head) {
        let recent = self.ends.get(&head.chain);
        let end = recent.and_then(|recent| recent.back()).map_or(0, |(number, _)| *number);
        if end == 0 && self.partial {
            return;
        }
        let known = recent.and_then(|recent| recent.iter().find(|(n, _)| *n == head.number));
        if head.number > end || known.is_some_and(|(_, hash)| *hash != head.hash) {
            let (chain, sealed) = (head.chain.clone(), head.number);
            self.findings.push(Finding::Cut { chain, end, sealed });
        }
    }

    /// How many lines were checked.
    pub fn lines(&self) -> u64 {
        self.lines
    }

    /// Where each chain ends, by name.
    pub fn heads(&self) -> Vec<Head> {
        let last = |(chain, recent): (&String, &VecDeque<(u64, Sha256)>)| {
            let (number, hash) = *recent.back()?;
            Some(Head { chain: chain.clone(), number, hash })
        };
        let mut heads: Vec<Head> = self.ends.iter().filter_map(last).collect();
        heads.sort_by(|one, other| one.chain.cmp(&other.chain));
        heads
    }

    /// What is wrong, and the seals of the log in their order.
    pub fn finish(self) -> (Vec<Finding>, Vec<Seal>) {
        (self.findings, self.seals)
    }
}

/// Walks a log, or the changes of an exported file, beside its seals.
pub struct Sealed {
    seals: VecDeque<Seal>,
    stretch: Stretch,
    last: u64,
    findings: Vec<Finding>,
}

impl Sealed {
    /// With these seals, in order.
    pub fn new(seals: Vec<Seal>) -> Self {
        let mut findings = Vec::new();
        for pair in seals.windows(2) {
            if pair[1].from != pair[0].to + 1 {
                findings.push(Finding::Unsealed { after: pair[0].to, from: pair[1].from });
            }
        }
        let first = seals.first().map_or(0, |seal| seal.from - 1);
        Self { seals: seals.into(), stretch: Stretch::after(first), last: 0, findings }
    }

    /// Takes the next event: its sequence and its digest.
    pub fn check(&mut self, sequence: u64, digest: &Sha256) {
        self.last = sequence;
        let Some(seal) = self.seals.front() else { return };
        if sequence < seal.from {
            return;
        }
        self.stretch.add(sequence, digest);
        if sequence < seal.to {
            return;
        }
        let next = self.seals.get(1).map_or(seal.to, |next| next.from - 1);
        let found = std::mem::replace(&mut self.stretch, Stretch::after(next)).seal();
        if let Some(seal) = self.seals.pop_front()
            && (found.from, found.to, found.digest) != (seal.from, seal.to, seal.digest)
        {
            self.findings.push(Finding::Broken { from: seal.from, to: seal.to });
        }
    }

    /// What is wrong. `whole` says that the log ends where the events ended.
    pub fn finish(mut self, whole: bool) -> Vec<Finding> {
        if let Some(seal) = self.seals.back().filter(|_| whole) {
            self.findings.push(Finding::LogCut { end: self.last, sealed: seal.to });
        }
        self.findings
    }
}
