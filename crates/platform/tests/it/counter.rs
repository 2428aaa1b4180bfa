//! A small aggregate: a counter that records who counted.

use kernel::{Aggregate, DecodeError, Rejection, StoredEvent, Timestamp};
use platform::executor::Target;
use serde::{Deserialize, Serialize};

/// The counter takes no more than this until it is reset.
pub(crate) const FULL: usize = 1_000;

#[derive(Debug)]
pub(crate) struct Counter;

#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    pub(crate) open: bool,
    pub(crate) counted: Vec<String>,
}

#[derive(Clone, Debug)]
pub(crate) enum Command {
    /// Once is enough: opening an open counter is already so.
    Open(Timestamp),
    Count(String, Timestamp),
    /// One event for each name.
    CountAll(Vec<String>, Timestamp),
    Close(Timestamp),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Event {
    Opened(i64),
    Counted(String, i64),
    Closed(i64),
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the counter is closed or full; open another")]
pub(crate) struct Refused;

impl Rejection for Refused {
    fn reason(&self) -> &'static str {
        "REFUSED"
    }

    fn message_zh(&self) -> String {
        "计数器已关闭或已满，请另开一个".to_owned()
    }
}

impl Aggregate for Counter {
    const CATEGORY: &'static str = "counter";
    type State = State;
    type Command = Command;
    type Event = Event;
    type Rejection = Refused;

    fn decide(state: &State, command: Command) -> Result<Vec<Event>, Refused> {
        match command {
            Command::Open(_) if state.open => Ok(Vec::new()),
            Command::Open(now) => Ok(vec![Event::Opened(now.0)]),
            Command::Count(..) | Command::CountAll(..)
                if !state.open || state.counted.len() >= FULL =>
            {
                Err(Refused)
            }
            Command::Count(who, now) => Ok(vec![Event::Counted(who, now.0)]),
            Command::CountAll(all, now) => {
                Ok(all.into_iter().map(|who| Event::Counted(who, now.0)).collect())
            }
            Command::Close(_) if !state.open => Ok(Vec::new()),
            Command::Close(now) => Ok(vec![Event::Closed(now.0)]),
        }
    }

    fn evolve(mut state: State, event: &Event) -> State {
        match event {
            Event::Opened(_) => state.open = true,
            Event::Counted(who, _) => state.counted.push(who.clone()),
            Event::Closed(_) => state.open = false,
        }
        state
    }
}

impl StoredEvent for Event {
    fn ce_type(&self) -> &'static str {
        match self {
            Self::Opened(_) => "weft.test.opened.v1",
            Self::Counted(..) => "weft.test.counted.v1",
            Self::Closed(_) => "weft.test.closed.v1",
        }
    }

    fn occurred_at(&self) -> Timestamp {
        match self {
            Self::Opened(at) | Self::Counted(_, at) | Self::Closed(at) => Timestamp(*at),
        }
    }

    fn encode(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap()
    }

    fn decode(ce_type: &str, payload: &[u8]) -> Result<Self, DecodeError> {
        serde_json::from_slice(payload).map_err(|error| DecodeError::Payload {
            ce_type: ce_type.to_owned(),
            reason: error.to_string(),
        })
    }
}

pub(crate) fn id(key: &str) -> String {
    format!("620821101203-{key}")
}

pub(crate) fn subject(key: &str) -> String {
    format!("weft.620821.101.203.counter.{key}")
}

pub(crate) fn target(key: &str) -> Target {
    Target { subject: subject(key), id: id(key), creates: false }
}

#[test]
fn it_has_the_properties_of_every_aggregate() {
    let now = testkit::clock::START;
    let sample = [Command::Open(now), Command::Close(now)];
    testkit::properties::deciding_twice_changes_nothing::<Counter>(&sample);
    testkit::properties::folding_equals_one_by_one::<Counter>(&sample);
    testkit::properties::accepted_histories_never_panic::<Counter>(&sample);
}
