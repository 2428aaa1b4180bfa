//! A public event as a message: CloudEvents 1.0 in the binary mode of its NATS binding. Header names
//! are in lower case to the letter, for NATS keeps their case and many clients compare it.

use async_nats::HeaderMap;
use contracts::public::{self, Event};
use kernel::Division;
use platform::{log::Recorded, publication::Notice};

/// The message that tells of an event of the log.
///
/// What stands in a header is made here from the county, the log's sequence, the aggregate's id and
/// the event's type and time: nothing of the private headers is passed on, who acted least of all.
pub(crate) fn seal(county: Division, recorded: &Recorded, event: &Event) -> Notice {
    let sequence = recorded.meta.sequence;
    let mut headers = HeaderMap::new();
    headers.insert("ce-specversion", "1.0");
    headers.insert("ce-id", format!("{county}-{sequence}"));
    headers.insert("ce-type", event.ce_type());
    headers.insert("ce-source", format!("/weft/{county}/{}", event.service()));
    headers.insert("ce-subject", recorded.aggregate_id());
    headers.insert("ce-time", event.occurred_at().to_rfc3339());
    headers.insert("ce-datacontenttype", "application/json");
    headers.insert("ce-sequence", sequence.to_string());
    headers.insert("ce-sequencetype", "Integer");
    Notice {
        position: sequence,
        subject: public::subject(recorded.division().unwrap_or(county), event),
        headers,
        body: event.encode().into(),
    }
}
