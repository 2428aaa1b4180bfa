//! `ListEntries`: a resident's statement, the newest entry first.

use api::points::v1;
use futures::{StreamExt as _, TryStreamExt as _};
use kernel::id::{ProgrammeId, RecordId};
use platform::{
    audit::Object,
    grpc::{ListKey, ServiceError, SortValue, Violations, call::Call},
};

use super::{Server, fields};
use crate::projections::entries::{self, EntryRow};

pub(super) const LIST: &str = "/weft.points.v1.PointsService/ListEntries";

/// How many reasons are read from the vault at once.
const REASONS_AT_ONCE: usize = 16;

pub(super) async fn list_entries(
    server: &Server,
    request: tonic::Request<v1::ListEntriesRequest>,
) -> Result<v1::ListEntriesResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let context = &server.context;
    let mut v = Violations::new();
    let programme: Option<ProgrammeId> =
        fields::local(&mut v, context.county, "programme_id", &message.programme_id);
    let person = fields::resident(&mut v, context.county, &call.principal, &message.person_id);
    let whose = person.as_ref().map(ToString::to_string).unwrap_or_default();
    let list = ListKey::new(LIST, &[&message.programme_id, &whose]);
    let page = context.page_tokens.read(&mut v, list, message.page_size, &message.page_token);
    let (programme, person) = fields::checked(v, programme.zip(person))?;
    call.principal.require(&fields::account(&programme, &person))?;
    let wanted = message.min_position.map(Into::into);
    context.wait(&server.programmes, wanted.clone()).await?;
    context.wait(&server.entries, wanted).await?;

    server.programme(&programme).await?;
    let position = context.position(&server.entries);
    let after = match page.after.as_deref() {
        Some([SortValue::Integer(sequence), SortValue::Text(id)]) => Some((*sequence, id.as_str())),
        Some(_) | None => None,
    };
    let one_more = page.size.saturating_add(1);
    let mut rows =
        entries::statement(&server.entries, &programme, &person, after, one_more).await?;
    let more = rows.len() > page.size as usize;
    rows.truncate(page.size as usize);
    let next = rows.last().filter(|_| more).map(|(id, row)| {
        let end = [SortValue::Integer(row.sequence), SortValue::Text(id.clone())];
        context.page_tokens.next(list, &end)
    });
    let entries = futures::stream::iter(rows)
        .map(|(id, row)| server.entry(id, row))
        .buffered(REASONS_AT_ONCE)
        .try_collect()
        .await?;
    call.reads("list_entries", Object::one("person", &person));
    Ok(v1::ListEntriesResponse {
        entries,
        next_page_token: next.unwrap_or_default(),
        position: Some(position.into()),
    })
}

impl Server {
    async fn entry(&self, entry_id: String, row: EntryRow) -> Result<v1::Entry, ServiceError> {
        let reason = match row.reason.parse::<RecordId>() {
            Ok(record) => self.context.vault.text(&record).await?.unwrap_or_default(),
            Err(_none) => String::new(),
        };
        let kind = v1::EntryKind::from_str_name(&api::name(&row.kind, "ENTRY_KIND_"));
        let by_rule = row.giver.is_empty();
        let given_by = if by_rule { v1::GivenBy::Rule } else { v1::GivenBy::Person };
        Ok(v1::Entry {
            entry_id,
            kind: kind.unwrap_or_default().into(),
            amount: row.amount,
            balance: row.balance,
            award_id: row.award,
            case_id: row.case_id,
            at: row.at,
            given_by: given_by.into(),
            giver_id: row.giver,
            rule_version: u32::try_from(row.rule_version).unwrap_or_default(),
            reason,
        })
    }
}
