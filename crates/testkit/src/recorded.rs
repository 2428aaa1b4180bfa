//! Events as the log would hold them, where a test needs no log.

use kernel::StoredEvent;
use platform::log::{CommandStamp, Recorded, Tail, hash_parts, messages};

/// The event as the first of its aggregate's, at this place in the log.
///
/// # Panics
///
/// Where the event is larger than one may be, or the subject is none of the log's.
pub fn recorded<E: StoredEvent>(subject: &str, id: &str, sequence: u64, event: &E) -> Recorded {
    let commit = hash_parts(&[b"recorded", subject.as_bytes(), &sequence.to_be_bytes()]);
    let stamp = CommandStamp {
        commit,
        request: commit,
        actor: "process:testkit".to_owned(),
        cause: None,
        traceparent: None,
    };
    let all = messages(&mut Tail::default(), id, &stamp, std::slice::from_ref(event));
    let (headers, payload) = all.expect("events are small").remove(0);
    Recorded::read(subject, sequence, event.occurred_at(), headers, payload)
        .expect("what was written as an event is one")
}
