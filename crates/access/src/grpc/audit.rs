//! The audit trail for its administrator: looked at by the page, taken away as a file. His own looking is
//! in the trail too.

use api::access::v1;
use futures::{
    StreamExt as _,
    stream::{self, BoxStream},
};
use kernel::{Timestamp, id::PersonId};
use platform::{
    audit::{AuditRecord, BLOCK, Line, Object, Outcome, SLACK_MS, export::Export},
    auth::Placement,
    grpc::{ListKey, ServiceError, SortValue, Violations, call::Call},
};
use tonic::Status;

use super::{Server, roles::moment};

pub(super) const LIST: &str = "/weft.access.v1.AccessService/ListAuditRecords";

/// How many blocks of the trail one call looks through.
const BLOCKS: usize = 50;

/// What of the trail is asked for.
struct Filter {
    person: String,
    action: String,
    object: String,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
}

impl Filter {
    fn takes(&self, record: &AuditRecord) -> bool {
        let entry = &record.entry;
        let asked = |wanted: &str, found: Option<&str>| wanted.is_empty() || found == Some(wanted);
        let object = entry.object.as_ref().and_then(|object| object.id.as_deref());
        asked(&self.person, entry.person.as_ref().map(ToString::to_string).as_deref())
            && asked(&self.action, Some(&entry.action))
            && asked(&self.object, object)
            && self.from.is_none_or(|from| record.at >= from)
            && self.until.is_none_or(|until| record.at < until)
    }

    /// Whether nothing that is asked for comes after this record, read in this direction.
    fn ends_at(&self, record: &AuditRecord, oldest_first: bool) -> bool {
        if oldest_first {
            self.until.is_some_and(|until| record.at >= until.plus_millis(SLACK_MS))
        } else {
            self.from.is_some_and(|from| record.at < from.plus_millis(-SLACK_MS))
        }
    }
}

pub(super) async fn list_audit_records(
    server: &Server,
    request: tonic::Request<v1::ListAuditRecordsRequest>,
) -> Result<v1::ListAuditRecordsResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let context = &server.context;
    let mut v = Violations::new();
    let _form: Option<PersonId> = v.parse_optional("person_id", &message.person_id);
    let (from, until) =
        (moment(&mut v, "from", message.from), moment(&mut v, "until", message.until));
    let oldest_first = message.oldest_first;
    let parts = [
        message.person_id.clone(),
        message.action.clone(),
        message.object_id.clone(),
        format!("{from:?} {until:?} {oldest_first}"),
    ];
    let list = ListKey::new(LIST, &parts.each_ref().map(String::as_str));
    let page = context.page_tokens.read(&mut v, list, message.page_size, &message.page_token);
    v.finish()?;
    call.principal.require(&Placement::of_division(context.county))?;

    let [person, action, object, _] = parts;
    let filter = Filter { person, action, object, from, until };
    let after = match page.after.as_deref() {
        Some([SortValue::Integer(sequence), SortValue::Integer(index)]) => Some(Place {
            sequence: u64::try_from(*sequence).unwrap_or_default(),
            index: usize::try_from(*index).unwrap_or(usize::MAX),
        }),
        Some(_) | None => None,
    };
    let size = page.size as usize;
    let (found, next) = if oldest_first {
        server.forwards(&filter, after, size).await?
    } else {
        server.backwards(&filter, after, size).await?
    };
    call.reads("list_audit_records", Object::list("audit_record", found.len()));
    let token = |place: Place| {
        let sequence = SortValue::Integer(i64::try_from(place.sequence).unwrap_or(i64::MAX));
        let index = SortValue::Integer(i64::try_from(place.index).unwrap_or(i64::MAX));
        context.page_tokens.next(list, &[sequence, index])
    };
    Ok(v1::ListAuditRecordsResponse {
        records: found.into_iter().map(shown).collect(),
        next_page_token: next.map(token).unwrap_or_default(),
    })
}

/// A place in the trail: a message, and a line of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    sequence: u64,
    index: usize,
}

impl Place {
    fn of(line: &Line) -> Self {
        Self { sequence: line.sequence, index: line.index }
    }

    /// The last line of a message.
    fn end_of(sequence: u64) -> Self {
        Self { sequence, index: usize::MAX }
    }
}

impl Server {
    /// Records from the newest on, and the place at which the next page begins.
    async fn backwards(
        &self,
        filter: &Filter,
        after: Option<Place>,
        size: usize,
    ) -> Result<(Vec<Line>, Option<Place>), ServiceError> {
        let audit = &self.context.audit;
        let mut found = Vec::new();
        let mut place = match (after, filter.until) {
            (Some(place), _) => place,
            (None, Some(until)) => {
                let slack = until.plus_millis(2 * SLACK_MS);
                Place::end_of(audit.place_of(slack).await?.min(audit.end().await?))
            }
            (None, None) => Place::end_of(audit.end().await?),
        };
        for _ in 0..BLOCKS {
            if place.sequence == 0 {
                return Ok((found, None));
            }
            let from = (place.sequence + 1).saturating_sub(BLOCK).max(1);
            let block = audit.read(from).await?;
            for line in block.into_iter().rev().filter(|line| Place::of(line) <= place) {
                if filter.ends_at(&line.record, false) {
                    return Ok((found, None));
                }
                if filter.takes(&line.record) {
                    if found.len() == size {
                        return Ok((found, Some(Place::of(&line))));
                    }
                    found.push(line);
                }
            }
            place = Place::end_of(from - 1);
        }
        Ok((found, (place.sequence > 0).then_some(place)))
    }

    /// Records from the oldest on, and the place at which the next page begins.
    async fn forwards(
        &self,
        filter: &Filter,
        after: Option<Place>,
        size: usize,
    ) -> Result<(Vec<Line>, Option<Place>), ServiceError> {
        let audit = &self.context.audit;
        let mut found = Vec::new();
        let mut place = match (after, filter.from) {
            (Some(place), _) => place,
            (None, Some(from)) => Place { sequence: audit.place_of(from).await?, index: 0 },
            (None, None) => Place { sequence: 1, index: 0 },
        };
        for _ in 0..BLOCKS {
            let block = audit.read(place.sequence).await?;
            let Some(last) = block.last().map(|line| line.sequence) else {
                return Ok((found, None));
            };
            for line in block.into_iter().filter(|line| Place::of(line) >= place) {
                if filter.ends_at(&line.record, true) {
                    return Ok((found, None));
                }
                if filter.takes(&line.record) {
                    if found.len() == size {
                        return Ok((found, Some(Place::of(&line))));
                    }
                    found.push(line);
                }
            }
            place = Place { sequence: last + 1, index: 0 };
        }
        Ok((found, Some(place)))
    }
}

pub(super) async fn export_audit(
    server: &Server,
    request: tonic::Request<v1::ExportAuditRequest>,
) -> Result<BoxStream<'static, Result<v1::ExportAuditResponse, Status>>, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let context = &server.context;
    let mut v = Violations::new();
    let (from, until) =
        (moment(&mut v, "from", message.from), moment(&mut v, "until", message.until));
    v.finish()?;
    call.principal.require(&Placement::of_division(context.county))?;

    let by = (context.clock.now(), call.principal.person.clone());
    let term = (from.unwrap_or_default(), until);
    let export = Export::begin(context.audit.clone(), context.log.clone(), term, by).await?;
    call.reads("export_audit", Object::all("audit_record"));
    let lines = stream::unfold(Some(export), |export| async {
        let mut export = export?;
        match export.next().await {
            Ok(Some(lines)) => Some((Ok(v1::ExportAuditResponse { lines }), Some(export))),
            Ok(None) => None,
            // What was handed out has no last line: whoever has it sees that it is not all.
            Err(error) => Some((Err(ServiceError::from(error).into()), None)),
        }
    });
    Ok(lines.boxed())
}

fn shown(line: Line) -> v1::AuditRecord {
    let Line { sequence, record: AuditRecord { chain, number, at, entry, .. }, .. } = line;
    let role = entry.role.map(|role| api::name(&role, "ROLE_"));
    let role = role.and_then(|name| v1::Role::from_str_name(&name)).unwrap_or_default();
    let (kind, id, count) = match entry.object {
        Some(object) => (object.kind.into_owned(), object.id, object.count),
        None => (String::new(), None, None),
    };
    v1::AuditRecord {
        sequence,
        chain,
        number,
        at: at.0,
        person_id: entry.person.map(|person| person.to_string()).unwrap_or_default(),
        role: role.into(),
        unit: entry.unit.unwrap_or_default(),
        token_id: entry.token.unwrap_or_default(),
        action: entry.action.into_owned(),
        object_kind: kind,
        object_id: id.unwrap_or_default(),
        object_count: count.unwrap_or_default(),
        method: entry.method.unwrap_or_default(),
        refused: entry.result == Outcome::Refused,
        reason: entry.reason.unwrap_or_default(),
        times: entry.times.unwrap_or(1),
        purpose_record: entry.purpose.map(|purpose| purpose.to_string()).unwrap_or_default(),
        trace_id: entry.trace.unwrap_or_default(),
        peer: entry.peer.unwrap_or_default(),
    }
}
