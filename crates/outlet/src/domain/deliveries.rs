//! The register of what was delivered to one webhook or integrator: kept, and only added to.

use std::convert::Infallible;

use contracts::outlet::{
    DeliveriesEvent, DeliveriesRecorded, DeliveryAbandoned, FailureReason, Receiver,
};
use kernel::{Aggregate, Timestamp, id::DeliveriesId};

/// The aggregate.
pub struct Deliveries;

/// What is in the register: the last entry, by which one that comes twice is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    last: Option<(Timestamp, u64, u64)>,
}

/// What may be asked.
#[derive(Clone, Debug)]
pub enum Command {
    /// Enter what was delivered.
    RecordDeliveries {
        /// The register.
        deliveries: DeliveriesId,
        /// To whom.
        receiver: Receiver,
        /// The first event's place in the log.
        from: u64,
        /// The last event's.
        to: u64,
        /// How many were sent.
        count: u64,
        /// Up to where all are acknowledged.
        acknowledged: Option<u64>,
        /// When the first was sent.
        since: Timestamp,
        /// Now.
        at: Timestamp,
    },
    /// Enter that an event was given up.
    AbandonDelivery {
        /// The register.
        deliveries: DeliveriesId,
        /// To whom.
        receiver: Receiver,
        /// The event's place in the log.
        position: u64,
        /// Why it failed the last time.
        reason: FailureReason,
        /// How often it was sent.
        attempts: u32,
        /// When it was first sent.
        since: Timestamp,
        /// Now.
        at: Timestamp,
    },
}

/// Nothing is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct Rejection(Infallible);

impl kernel::Rejection for Rejection {
    fn reason(&self) -> &'static str {
        match self.0 {}
    }

    fn message_zh(&self) -> String {
        match self.0 {}
    }
}

impl Aggregate for Deliveries {
    const CATEGORY: &'static str = DeliveriesEvent::CATEGORY;
    type State = State;
    type Command = Command;
    type Event = DeliveriesEvent;
    type Rejection = Rejection;

    fn decide(state: &State, command: Command) -> Result<Vec<DeliveriesEvent>, Rejection> {
        use Command::{AbandonDelivery, RecordDeliveries};
        match (state.last, command) {
            (Some(last), RecordDeliveries { since, from, to, .. }) if last == (since, from, to) => {
                Ok(vec![])
            }
            (Some(last), AbandonDelivery { since, position, .. })
                if last == (since, position, position) =>
            {
                Ok(vec![])
            }
            (
                Some(_) | None,
                RecordDeliveries { deliveries, receiver, from, to, count, acknowledged, since, at },
            ) => Ok(vec![
                DeliveriesRecorded {
                    occurred_at: at,
                    deliveries,
                    receiver,
                    from,
                    to,
                    count,
                    acknowledged,
                    since,
                }
                .into(),
            ]),
            (
                Some(_) | None,
                AbandonDelivery { deliveries, receiver, position, reason, attempts, since, at },
            ) => Ok(vec![
                DeliveryAbandoned {
                    occurred_at: at,
                    deliveries,
                    receiver,
                    position,
                    reason,
                    attempts,
                    since,
                }
                .into(),
            ]),
        }
    }

    fn evolve(_: State, event: &DeliveriesEvent) -> State {
        let last = match event {
            DeliveriesEvent::DeliveriesRecorded(event) => (event.since, event.from, event.to),
            DeliveriesEvent::DeliveryAbandoned(event) => {
                (event.since, event.position, event.position)
            }
        };
        State { last: Some(last) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use testkit::rules::table;

    fn commands() -> Vec<(&'static str, Command)> {
        let deliveries: DeliveriesId = "620821101000-i_portal".parse().unwrap();
        let (receiver, at) = (Receiver::Integrator, Timestamp(9));
        vec![
            (
                "送达 RecordDeliveries",
                Command::RecordDeliveries {
                    deliveries: deliveries.clone(),
                    receiver,
                    from: 1,
                    to: 5,
                    count: 3,
                    acknowledged: Some(4),
                    since: Timestamp(1),
                    at,
                },
            ),
            (
                "放弃 AbandonDelivery",
                Command::AbandonDelivery {
                    deliveries,
                    receiver,
                    position: 7,
                    reason: FailureReason::Refused,
                    attempts: 10,
                    since: Timestamp(2),
                    at,
                },
            ),
        ]
    }

    #[test]
    fn the_rules_are_those_that_are_written_down() {
        let states = [
            ("空 empty", State::default()),
            ("有此条 with this delivery", State { last: Some((Timestamp(1), 1, 5)) }),
        ];
        let said: fn(&DeliveriesEvent) -> _ = |event| match event {
            DeliveriesEvent::DeliveriesRecorded(_) => "记送达 is recorded",
            DeliveriesEvent::DeliveryAbandoned(_) => "记放弃 is abandoned",
        };
        let rules = table::<Deliveries>("送达登记 Deliveries", &states, &commands(), said);
        testkit::rules::check("src/domain/deliveries.rules.md", &rules);
    }

    #[test]
    fn a_decider_has_its_three_properties() {
        let commands: Vec<Command> = commands().into_iter().map(|(_, command)| command).collect();
        testkit::properties::deciding_twice_changes_nothing::<Deliveries>(&commands);
        testkit::properties::folding_equals_one_by_one::<Deliveries>(&commands);
        testkit::properties::accepted_histories_never_panic::<Deliveries>(&commands);
    }
}
