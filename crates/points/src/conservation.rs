//! What `weft verify` checks of every ledger, at every position of the log: a transfer's legs and all
//! accounts together sum to zero, each entry says what its account holds afterwards, and a reversal is
//! its award the other way, once. Written apart from the decider, so that it can find it wrong.

#![deny(clippy::arithmetic_side_effects)]

use std::collections::{BTreeMap, HashMap};

use contracts::points::{Account, AwardReversed, LedgerEvent, Leg, PointsAwarded};
use kernel::{StoredEvent as _, id::AwardId};
use platform::{invariant::Check, log::Recorded};

/// What must hold, as `weft verify` names it.
pub const NAME: &str = "the points of every programme sum to zero";

/// A check that has seen nothing yet.
pub fn begin() -> Check {
    let mut books = Books::default();
    Box::new(move |event| books.read(event))
}

#[derive(Default)]
struct Books {
    /// By the subject of the programme.
    ledgers: HashMap<String, Book>,
}

#[derive(Default)]
struct Book {
    balances: BTreeMap<Account, i128>,
    sum: i128,
    /// The amounts of each standing award, by account.
    standing: BTreeMap<AwardId, BTreeMap<Account, i128>>,
}

impl Books {
    fn read(&mut self, event: &Recorded) -> Vec<String> {
        if event.category() != LedgerEvent::CATEGORY {
            return Vec::new();
        }
        let wrong = match LedgerEvent::decode(&event.ce_type, &event.payload) {
            Ok(ledger) if contracts::subject::programme(ledger.programme()) != event.subject => {
                vec![format!("names another programme, {}", ledger.programme())]
            }
            Ok(ledger) => self.ledgers.entry(event.subject.clone()).or_default().enter(&ledger),
            Err(error) => vec![error.to_string()],
        };
        let place = |wrong| format!("sequence {}: {} {wrong}", event.meta.sequence, event.subject);
        wrong.into_iter().map(place).collect()
    }
}

impl Book {
    fn enter(&mut self, event: &LedgerEvent) -> Vec<String> {
        let mut wrong = Vec::new();
        for leg in event.legs() {
            wrong.extend(self.move_by(leg));
        }
        let amounts = by_account(event.legs());
        let together = amounts.values().fold(0_i128, |sum, amount| sum.saturating_add(*amount));
        if together != 0 {
            let sum = self.sum;
            wrong
                .push(format!("has legs that sum to {together}: its accounts hold {sum} together"));
        }
        match event {
            LedgerEvent::ProgrammeCreated(_) | LedgerEvent::RuleSet(_) => {}
            LedgerEvent::PointsAwarded(event) => wrong.extend(self.award(event, amounts)),
            LedgerEvent::AwardReversed(event) => wrong.extend(self.reverse(event, &amounts)),
        }
        wrong
    }

    fn move_by(&mut self, leg: &Leg) -> Option<String> {
        let amount = i128::from(leg.amount);
        let balance = self.balances.entry(leg.account.clone()).or_default();
        *balance = balance.saturating_add(amount);
        self.sum = self.sum.saturating_add(amount);
        (*balance != i128::from(leg.balance))
            .then(|| format!("says that an account holds {}, which holds {balance}", leg.balance))
    }

    fn award(&mut self, event: &PointsAwarded, amounts: BTreeMap<Account, i128>) -> Option<String> {
        let twice = self.standing.insert(event.award.clone(), amounts).is_some();
        twice.then(|| format!("gives the award {} twice", event.award))
    }

    fn reverse(
        &mut self,
        event: &AwardReversed,
        amounts: &BTreeMap<Account, i128>,
    ) -> Option<String> {
        let Some(given) = self.standing.remove(&event.award) else {
            return Some(format!("takes back the award {}, which does not stand", event.award));
        };
        let back: BTreeMap<Account, i128> = amounts
            .iter()
            .map(|(account, amount)| (account.clone(), amount.saturating_neg()))
            .collect();
        (given != back).then(|| format!("takes back the award {} by another amount", event.award))
    }
}

fn by_account(legs: &[Leg]) -> BTreeMap<Account, i128> {
    let mut amounts: BTreeMap<Account, i128> = BTreeMap::new();
    for leg in legs {
        let amount = amounts.entry(leg.account.clone()).or_default();
        *amount = amount.saturating_add(i128::from(leg.amount));
    }
    amounts
}

#[cfg(test)]
mod tests {
    use contracts::points::{Giver, ReversalCause};
    use kernel::Timestamp;

    use super::*;

    fn leg(account: Account, amount: i64, balance: i64) -> Leg {
        Leg { account, amount, balance }
    }

    fn resident() -> Account {
        Account::Resident("620821000000-p1".parse().unwrap())
    }

    fn award(key: &str, legs: Vec<Leg>) -> LedgerEvent {
        PointsAwarded {
            occurred_at: Timestamp(1),
            programme: "620821101203-residents".parse().unwrap(),
            award: format!("620821101203-{key}").parse().unwrap(),
            person: "620821000000-p1".parse().unwrap(),
            case: None,
            legs,
            day: 1,
            given_by: Giver::Rule { version: 1, resolution: 1 },
        }
        .into()
    }

    fn reversal(key: &str, legs: Vec<Leg>) -> LedgerEvent {
        AwardReversed {
            occurred_at: Timestamp(1),
            programme: "620821101203-residents".parse().unwrap(),
            award: format!("620821101203-{key}").parse().unwrap(),
            person: "620821000000-p1".parse().unwrap(),
            case: None,
            legs,
            cause: ReversalCause::Reopened,
        }
        .into()
    }

    fn five() -> LedgerEvent {
        award("a", vec![leg(Account::Issuer, -5, -5), leg(resident(), 5, 5)])
    }

    fn five_back() -> LedgerEvent {
        reversal("a", vec![leg(Account::Issuer, 5, 0), leg(resident(), -5, 0)])
    }

    fn wrong_of(events: &[LedgerEvent]) -> Vec<String> {
        let mut book = Book::default();
        events.iter().flat_map(|event| book.enter(event)).collect()
    }

    #[test]
    fn what_was_decided_is_found_right() {
        assert_eq!(wrong_of(&[five(), five_back()]), [""; 0]);
    }

    #[test]
    fn every_kind_of_forgery_is_found() {
        let unequal = award("b", vec![leg(Account::Issuer, -5, -5), leg(resident(), 6, 6)]);
        assert!(wrong_of(&[unequal])[0].contains("sum to 1"));
        let misstated = award("b", vec![leg(Account::Issuer, -5, -5), leg(resident(), 5, 50)]);
        assert!(wrong_of(&[misstated])[0].contains("holds 50"));
        let again = award("a", vec![leg(Account::Issuer, -5, -10), leg(resident(), 5, 10)]);
        assert!(wrong_of(&[five(), again])[0].contains("twice"));
        let less = reversal("a", vec![leg(Account::Issuer, 4, -1), leg(resident(), -4, 1)]);
        assert!(wrong_of(&[five(), less])[0].contains("another amount"));
        let twice = reversal("a", vec![leg(Account::Issuer, 5, 5), leg(resident(), -5, -5)]);
        assert!(wrong_of(&[five(), five_back(), twice])[0].contains("does not stand"));
    }
}
