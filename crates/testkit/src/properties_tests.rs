//! The properties hold of a good aggregate and find a bad one out.

use std::panic::catch_unwind;

use kernel::{Aggregate, DecodeError, Rejection, StoredEvent, Timestamp};

use super::*;

#[derive(Debug, thiserror::Error)]
#[error("it is full; wait for a place")]
struct Full;

impl Rejection for Full {
    fn reason(&self) -> &'static str {
        "FULL"
    }

    fn message_zh(&self) -> String {
        "已满，请等候".to_owned()
    }
}

/// A seat was taken by a guest.
#[derive(Clone)]
struct Seated(u8);

impl StoredEvent for Seated {
    fn ce_type(&self) -> &'static str {
        "weft.test.seated.v1"
    }

    fn occurred_at(&self) -> Timestamp {
        Timestamp(0)
    }

    fn encode(&self) -> Vec<u8> {
        vec![self.0]
    }

    fn decode(_: &str, payload: &[u8]) -> Result<Self, DecodeError> {
        Ok(Self(payload[0]))
    }
}

const GOOD: u8 = 0;
const SEATS_TWICE: u8 = 1;
const FORGETS: u8 = 2;
const PANICS: u8 = 3;

/// A table for three guests, with one of several faults.
struct Table<const FAULT: u8>;

impl<const FAULT: u8> Aggregate for Table<FAULT> {
    const CATEGORY: &'static str = "table";
    /// The guests; and, where it forgets, one that no event carries.
    type State = Vec<u8>;
    type Command = u8;
    type Event = Seated;
    type Rejection = Full;

    fn decide(state: &Vec<u8>, guest: u8) -> Result<Vec<Seated>, Full> {
        if state.contains(&guest) && FAULT != SEATS_TWICE {
            return Ok(Vec::new());
        }
        if state.len() >= 3 { Err(Full) } else { Ok(vec![Seated(guest)]) }
    }

    fn evolve(mut state: Vec<u8>, event: &Seated) -> Vec<u8> {
        assert!(FAULT != PANICS || state.len() < 3, "no seat");
        let known = if FAULT == FORGETS { event.0.min(100) } else { event.0 };
        state.push(known);
        state
    }
}

const GUESTS: [u8; 5] = [1, 2, 3, 104, 105];

#[test]
fn a_good_aggregate_has_all_properties() {
    deciding_twice_changes_nothing::<Table<GOOD>>(&GUESTS);
    folding_equals_one_by_one::<Table<GOOD>>(&GUESTS);
    accepted_histories_never_panic::<Table<GOOD>>(&GUESTS);
}

#[test]
fn one_that_writes_twice_is_found() {
    assert!(
        catch_unwind(|| deciding_twice_changes_nothing::<Table<SEATS_TWICE>>(&GUESTS)).is_err()
    );
    assert!(catch_unwind(|| deciding_twice_changes_nothing::<Table<FORGETS>>(&GUESTS)).is_err());
}

/// An event whose stored form loses what the state needs.
#[derive(Clone)]
struct Lossy(Seated);

impl StoredEvent for Lossy {
    fn ce_type(&self) -> &'static str {
        self.0.ce_type()
    }

    fn occurred_at(&self) -> Timestamp {
        self.0.occurred_at()
    }

    fn encode(&self) -> Vec<u8> {
        vec![self.0.0 % 100]
    }

    fn decode(ce_type: &str, payload: &[u8]) -> Result<Self, DecodeError> {
        Seated::decode(ce_type, payload).map(Self)
    }
}

struct LossyTable;

impl Aggregate for LossyTable {
    const CATEGORY: &'static str = "table";
    type State = Vec<u8>;
    type Command = u8;
    type Event = Lossy;
    type Rejection = Full;

    fn decide(state: &Vec<u8>, guest: u8) -> Result<Vec<Lossy>, Full> {
        let events = Table::<GOOD>::decide(state, guest)?;
        Ok(events.into_iter().map(Lossy).collect())
    }

    fn evolve(state: Vec<u8>, event: &Lossy) -> Vec<u8> {
        Table::<GOOD>::evolve(state, &event.0)
    }
}

#[test]
fn one_whose_log_does_not_lead_back_to_its_state_is_found() {
    assert!(catch_unwind(|| folding_equals_one_by_one::<LossyTable>(&GUESTS)).is_err());
}

#[test]
fn one_that_cannot_apply_what_was_accepted_is_found() {
    assert!(catch_unwind(|| accepted_histories_never_panic::<Table<PANICS>>(&GUESTS)).is_err());
}
