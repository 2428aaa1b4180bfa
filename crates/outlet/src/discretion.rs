//! Which cases and orders the world is not told of: those of a confidential category, and those whose
//! reporter or desk wished it.
//!
//! A case is confidential if the category was by which it was reported or by which it was accepted,
//! under the rules of that moment of the log, or from the wish on, and stays so; an order is if its case was or its own
//! category is. A category that the catalogue does not have is taken for confidential. It is a fold
//! of the log alone, so that a restart tells neither more nor less. Categories are few and all
//! remembered; a case or order that is not is read from the log.

use std::{collections::HashMap, num::NonZeroUsize};

use contracts::{
    dispatch::WorkOrderEvent,
    intake::{CaseEvent, CategoryEvent},
    subject,
};
use kernel::{DecodeError, Division, StoredEvent, id::CategoryCode};
use lru::LruCache;
use platform::log::{EventLog, LogError, Recorded};

/// Why it is not known whether something may be told.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The log.
    #[error(transparent)]
    Log(#[from] LogError),
    /// An event of it.
    #[error("event {sequence} of the log cannot be read: {source}")]
    Event {
        /// Which.
        sequence: u64,
        /// Why.
        source: DecodeError,
    },
}

/// What is told, and what is not.
pub(crate) struct Discretion {
    log: EventLog,
    /// Whether a category is confidential, from which sequence on.
    categories: HashMap<CategoryCode, Vec<(u64, bool)>>,
    /// Whether a case or order is, by its subject.
    confidential: LruCache<String, bool>,
}

pub(crate) fn read<E: StoredEvent>(recorded: &Recorded) -> Result<E, Error> {
    E::decode(&recorded.ce_type, &recorded.payload)
        .map_err(|source| Error::Event { sequence: recorded.meta.sequence, source })
}

impl Discretion {
    /// Reads the catalogue from the log.
    pub(crate) async fn open(log: EventLog, remembered: NonZeroUsize) -> Result<Self, Error> {
        let every = every_category(log.county());
        let known = log.load(&every, 1).await?;
        let confidential = LruCache::new(remembered);
        let mut opened = Self { log, categories: HashMap::new(), confidential };
        for recorded in &known {
            opened.learn(recorded)?;
        }
        Ok(opened)
    }

    /// Whether an event may be told of. Events come in the order of the log.
    pub(crate) async fn permits(&mut self, recorded: &Recorded) -> Result<bool, Error> {
        match recorded.category() {
            CategoryEvent::CATEGORY => self.learn(recorded).map(|()| true),
            CaseEvent::CATEGORY => Ok(!self.case(recorded).await?),
            WorkOrderEvent::CATEGORY => Ok(!self.order(recorded).await?),
            _ => Ok(true),
        }
    }

    fn learn(&mut self, recorded: &Recorded) -> Result<(), Error> {
        let defined = match read(recorded)? {
            CategoryEvent::CategoryDefined(defined) => defined,
            // What is planned is not in force, and what has ended stays as discreet as it was.
            CategoryEvent::CategoryPlanned(_) | CategoryEvent::CategoryEnded(_) => return Ok(()),
        };
        let confidential = defined.rules.is_some_and(|rules| rules.confidential);
        let known = self.categories.entry(defined.category).or_default();
        // The catalogue was read ahead of the feed.
        if known.last().is_none_or(|(last, _)| *last < recorded.meta.sequence) {
            known.push((recorded.meta.sequence, confidential));
        }
        Ok(())
    }

    /// Whether a category was confidential at this sequence.
    fn category(&self, code: &CategoryCode, at: u64) -> bool {
        let known = self.categories.get(code).map_or(&[][..], Vec::as_slice);
        let before = known.iter().rev().find(|(since, _)| *since <= at);
        before.is_none_or(|(_, confidential)| *confidential)
    }

    /// Whether a case is confidential from this event of it on.
    async fn case(&mut self, recorded: &Recorded) -> Result<bool, Error> {
        let sequence = recorded.meta.sequence;
        let before = match self.confidential.get(&recorded.subject) {
            Some(known) => *known,
            None if recorded.meta.version == 1 => false,
            None => self.case_before(&recorded.subject, sequence).await?,
        };
        let now = before || self.judge(recorded)?;
        self.confidential.put(recorded.subject.clone(), now);
        Ok(now)
    }

    /// Whether a case was confidential before this sequence, from its history.
    async fn case_before(&self, subject: &str, sequence: u64) -> Result<bool, Error> {
        let history = self.log.load(subject, 1).await?;
        let earlier = history.iter().take_while(|event| event.meta.sequence < sequence);
        let mut confidential = false;
        for event in earlier {
            confidential |= self.judge(event)?;
        }
        Ok(confidential)
    }

    /// Whether an event by itself makes its case confidential.
    fn judge(&self, recorded: &Recorded) -> Result<bool, Error> {
        let category = match read::<CaseEvent>(recorded)? {
            CaseEvent::CaseReported(event) if event.confidential => return Ok(true),
            CaseEvent::CaseReported(event) => event.category,
            // What was told before cannot be taken back; from now on nothing is told, and that stays.
            CaseEvent::ConfidentialitySet(event) => return Ok(event.confidential),
            CaseEvent::CaseAccepted(event) => event.category,
            CaseEvent::InformationAdded(_)
            | CaseEvent::CaseRefused(_)
            | CaseEvent::CaseResolved(_)
            | CaseEvent::CaseRated(_)
            | CaseEvent::CaseReopened(_)
            | CaseEvent::CaseArchived(_)
            | CaseEvent::CaseJoined(_)
            | CaseEvent::CaseMerged(_)
            | CaseEvent::CaseUnmerged(_)
            | CaseEvent::CaseTransferred(_)
            | CaseEvent::CaseWithdrawn(_)
            | CaseEvent::InformationRequested(_)
            | CaseEvent::CaseLapsed(_)
            | CaseEvent::CaseAnswered(_)
            | CaseEvent::CaseHandledOnSite(_)
            | CaseEvent::SpotCheckDrawn(_)
            | CaseEvent::SpotCheckConfirmed(_)
            | CaseEvent::CaseCalledBack(_)
            | CaseEvent::AlarmCounted(_) => return Ok(false),
        };
        Ok(self.category(&category, recorded.meta.sequence))
    }

    /// Whether an order is confidential, which its first event says.
    async fn order(&mut self, recorded: &Recorded) -> Result<bool, Error> {
        if let Some(known) = self.confidential.get(&recorded.subject) {
            return Ok(*known);
        }
        let confidential = if recorded.meta.version == 1 {
            self.born(recorded).await?
        } else {
            match self.log.load(&recorded.subject, 1).await?.first() {
                Some(first) => self.born(first).await?,
                // The log has this event and not the first: it is not what it was.
                None => true,
            }
        };
        self.confidential.put(recorded.subject.clone(), confidential);
        Ok(confidential)
    }

    async fn born(&mut self, first: &Recorded) -> Result<bool, Error> {
        let WorkOrderEvent::WorkOrderCreated(created) = read(first)? else { return Ok(true) };
        let sequence = first.meta.sequence;
        if self.category(&created.category, sequence) {
            return Ok(true);
        }
        self.case_before(&subject::case(&created.case), sequence).await
    }
}

/// The subject of every category of a county.
fn every_category(county: Division) -> String {
    format!("weft.{}.{}.*", county.subject_tokens(), CategoryEvent::CATEGORY)
}
