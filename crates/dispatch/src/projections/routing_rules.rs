//! The versions of the routing rules that were put, and the list in force.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use contracts::dispatch::rules::{RoutingRulesEvent, RoutingRulesPut, Rule};
use kernel::DecodeError;
use platform::{
    log::Recorded,
    projection::{Projection, View},
};

use crate::domain::routing::RuleList;

platform::row! {
    /// A part of a version; the key is `<version>/<part>`.
    pub struct RulesRow in "routing_rules" version 1 {
        /// The number that decisions carry.
        pub number: i64,
        /// Which part this is, from 1.
        pub part: i64,
        /// How many there are.
        pub parts: i64,
        /// The rules of the part as the event has them, in JSON.
        pub rules: String,
        /// When it was put: UTC milliseconds.
        pub put_at: i64,
    }
    indexes []
}

/// The table, kept in memory.
#[derive(Debug)]
pub struct RuleVersions;

impl Projection for RuleVersions {
    type Row = RulesRow;
    type Event = RoutingRulesPut;
    const CACHED: bool = true;

    fn read(&self, event: &Recorded) -> Result<Option<RoutingRulesPut>, DecodeError> {
        let read = super::read(RoutingRulesEvent::CATEGORY, event)?;
        Ok(read.map(|RoutingRulesEvent::RoutingRulesPut(put)| put))
    }

    fn keys(&self, event: &RoutingRulesPut) -> Vec<String> {
        vec![format!("{:06}/{:03}", event.version, event.part)]
    }

    fn fold(
        &self,
        _key: &str,
        _row: Option<RulesRow>,
        event: &RoutingRulesPut,
        _recorded: &Recorded,
    ) -> Option<RulesRow> {
        Some(RulesRow {
            number: event.version.into(),
            part: event.part.into(),
            parts: event.parts.into(),
            rules: serde_json::to_string(&event.rules).unwrap_or_default(),
            put_at: event.occurred_at.0,
        })
    }
}

/// The rules in force: those that are shipped until others are put.
#[derive(Clone)]
pub struct RuleBook {
    view: View<RulesRow>,
    made: Arc<Mutex<Arc<RuleList>>>,
}

impl RuleBook {
    /// The rules over a table, and those that are shipped.
    pub fn new(view: View<RulesRow>, shipped: RuleList) -> Self {
        Self { view, made: Arc::new(Mutex::new(Arc::new(shipped))) }
    }

    /// The table.
    pub const fn view(&self) -> &View<RulesRow> {
        &self.view
    }

    /// The list in force. Compiled anew only when there is a new version.
    pub fn now(&self) -> Arc<RuleList> {
        // A version is in force when all its parts are here.
        let newest = self.view.cached(|rows| {
            let whole = rows.values().filter(|row| row.part == row.parts);
            whole.map(|row| row.number).max()
        });
        let newest = newest.and_then(|number| u32::try_from(number).ok());
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(number) = newest
            && number != made.version
            && let Some(rules) = self.rules_of(number)
        {
            *made = Arc::new(RuleList::new(number, rules));
        }
        Arc::clone(&made)
    }

    /// The rules of a version that was put, in order; none if there is no such version.
    fn rules_of(&self, number: u32) -> Option<Vec<Rule>> {
        let of_version = |row: &&RulesRow| row.number == i64::from(number);
        let parts: BTreeMap<i64, String> = self.view.cached(|rows| {
            rows.values().filter(of_version).map(|row| (row.part, row.rules.clone())).collect()
        });
        let parts: Option<Vec<Vec<Rule>>> =
            parts.values().map(|rules| serde_json::from_str(rules).ok()).collect();
        parts.filter(|parts| !parts.is_empty()).map(|parts| parts.concat())
    }
}
