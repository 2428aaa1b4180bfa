//! What a ledger knows: rules, balances, awards, and what the rule has given for a day.

use std::collections::BTreeMap;

use contracts::points::{Account, Giver, LedgerEvent, Leg, PointsAwarded};
use kernel::{
    Timestamp,
    id::{AwardId, CaseId, PersonId, ProgrammeId},
};

use super::{Rejection, TrueReport};

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// A fixed offset is right: Asia/Shanghai has had no other since 1991.
const EAST_MS: i64 = 8 * 60 * 60 * 1_000;

/// The day at +08:00 in which a moment lies, counted from 1970-01-01.
pub(super) const fn day_of(at: Timestamp) -> i64 {
    at.plus_millis(EAST_MS).0.div_euclid(DAY_MS)
}

/// What is known of a programme.
#[derive(Clone, Debug, Default)]
pub struct State {
    pub(super) status: Status,
    /// From the first to the one in force.
    rules: Vec<Rule>,
    balances: BTreeMap<Account, i64>,
    awards: BTreeMap<AwardId, Award>,
    /// What the latest resolution of a case has earned.
    cases: BTreeMap<CaseId, Earned>,
    /// What the rule has given a resident for a day, less what was taken back.
    given: BTreeMap<(PersonId, i64), i64>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Status {
    #[default]
    Absent,
    Open,
}

/// A rule for reports that are found true.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub(super) version: u32,
    pub(super) points: u32,
    pub(super) daily_cap: u32,
    since: Timestamp,
}

/// An award that was given.
#[derive(Clone, Debug)]
pub struct Award {
    /// The programme.
    pub(super) programme: ProgrammeId,
    /// The case that earned it.
    pub(super) case: Option<CaseId>,
    /// Who got it.
    pub person: PersonId,
    /// How many points.
    pub amount: i64,
    /// Whether it was not taken back.
    pub standing: bool,
    /// The day whose cap it uses.
    capped_on: Option<i64>,
}

#[derive(Clone, Debug)]
struct Earned {
    resolution: u64,
    award: AwardId,
}

impl State {
    /// An award that was given.
    pub fn award(&self, id: &AwardId) -> Option<&Award> {
        self.awards.get(id)
    }

    /// What an account holds.
    pub fn balance(&self, account: &Account) -> i64 {
        self.balances.get(account).copied().unwrap_or_default()
    }

    /// Every account that ever held anything.
    pub fn balances(&self) -> &BTreeMap<Account, i64> {
        &self.balances
    }

    pub(super) fn has_rule(&self, points: u32, daily_cap: u32) -> bool {
        self.rules.last().is_some_and(|rule| rule.points == points && rule.daily_cap == daily_cap)
    }

    pub(super) fn next_rule_version(&self) -> u32 {
        self.rules.last().map_or(1, |rule| rule.version.saturating_add(1))
    }

    /// The rule in force at a moment.
    pub(super) fn rule_at(&self, at: Timestamp) -> Option<&Rule> {
        self.rules.iter().rev().find(|rule| rule.since <= at)
    }

    pub(super) fn given_on(&self, person: &PersonId, day: i64) -> i64 {
        self.given.get(&(person.clone(), day)).copied().unwrap_or_default()
    }

    /// The standing award that a case earned by rule, and the resolution that earned it.
    pub(super) fn standing_of(&self, case: &CaseId) -> Option<(&AwardId, &Award, u64)> {
        let earned = self.cases.get(case)?;
        let award = self.awards.get(&earned.award).filter(|award| award.standing)?;
        Some((&earned.award, award, earned.resolution))
    }

    /// Whether a later resolution of the same case has earned already.
    pub(super) fn is_superseded(&self, report: &TrueReport) -> bool {
        self.cases.get(&report.case).is_some_and(|earned| earned.resolution > report.resolution)
    }

    /// Points from the issuer to a resident; the other way, where negative.
    pub(super) fn transfer(&self, to: &PersonId, amount: i64) -> Result<Vec<Leg>, Rejection> {
        let leg = |account, amount: Option<i64>| {
            let amount = amount?;
            let balance = self.balance(&account).checked_add(amount)?;
            Some(Leg { account, amount, balance })
        };
        let issuer = leg(Account::Issuer, amount.checked_neg());
        let resident = leg(Account::Resident(to.clone()), Some(amount));
        let legs = issuer.zip(resident).ok_or(Rejection::LedgerFull)?;
        Ok(vec![legs.0, legs.1])
    }

    pub(super) fn apply(&mut self, event: &LedgerEvent) {
        for leg in event.legs() {
            let balance = self.balances.entry(leg.account.clone()).or_default();
            // What was decided fits; an event that nobody decided must not end the process.
            *balance = balance.saturating_add(leg.amount);
        }
        match event {
            LedgerEvent::ProgrammeCreated(_) => self.status = Status::Open,
            LedgerEvent::RuleSet(event) => self.rules.push(Rule {
                version: event.version,
                points: event.points_for_true_report,
                daily_cap: event.daily_cap,
                since: event.occurred_at,
            }),
            LedgerEvent::PointsAwarded(event) => self.awarded(event),
            LedgerEvent::AwardReversed(event) => self.reversed(&event.award),
        }
    }

    fn awarded(&mut self, event: &PointsAwarded) {
        let received = Account::Resident(event.person.clone());
        let amounts = event.legs.iter().filter(|leg| leg.account == received);
        let amount = amounts.fold(0_i64, |sum, leg| sum.saturating_add(leg.amount));
        let capped_on = match &event.given_by {
            Giver::Rule { resolution, .. } => {
                let earned = Earned { resolution: *resolution, award: event.award.clone() };
                self.cases.extend(event.case.clone().map(|case| (case, earned)));
                self.count(&event.person, event.day, amount);
                Some(event.day)
            }
            Giver::Person { .. } => None,
        };
        let award = Award {
            programme: event.programme.clone(),
            case: event.case.clone(),
            person: event.person.clone(),
            amount,
            standing: true,
            capped_on,
        };
        self.awards.insert(event.award.clone(), award);
    }

    fn reversed(&mut self, id: &AwardId) {
        let Some(award) = self.awards.get_mut(id) else { return };
        award.standing = false;
        let (person, amount) = (award.person.clone(), award.amount.saturating_neg());
        if let Some(day) = award.capped_on {
            self.count(&person, day, amount);
        }
    }

    fn count(&mut self, person: &PersonId, day: i64, amount: i64) {
        let given = self.given.entry((person.clone(), day)).or_default();
        *given = given.saturating_add(amount);
    }
}
