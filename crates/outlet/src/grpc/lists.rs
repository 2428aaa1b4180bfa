//! The webhooks and the register of deliveries, as far as the caller may see them.

use api::outlet::v1::{self, BodyMode, Delivery, PublicName, Webhook};
use kernel::{Division, id::IntegratorId};
use platform::{
    auth::{Placement, ScopeColumn},
    grpc::{ListKey, ServiceError, SortValue, Violations, call::Call},
    projection::listing,
    publication::PublicationError,
};

use super::Server;
use crate::{
    projections::{
        deliveries::{ABANDONED, DeliveryRow},
        webhooks::{REMOVED, WebhookRow},
    },
    webhooks::Cursor,
};

pub(super) const WEBHOOKS: &str = "/weft.outlet.v1.OutletService/ListWebhooks";
pub(super) const DELIVERIES: &str = "/weft.outlet.v1.OutletService/ListDeliveries";

pub(super) async fn list_webhooks(
    server: &Server,
    request: tonic::Request<v1::ListWebhooksRequest>,
) -> Result<v1::ListWebhooksResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let context = &server.context;
    let scope = call.principal.predicate(context.county);
    let list = ListKey::new(WEBHOOKS, &[&message.division, &format!("{scope:?}")]);
    let mut v = Violations::new();
    let division: Option<Division> = v.parse_optional("division", &message.division);
    let page = context.page_tokens.read(&mut v, list, message.page_size, &message.page_token);
    v.finish()?;
    if let Some(division) = division {
        call.principal.require(&Placement::of_division(division))?;
    }
    context.wait(&server.webhooks, message.min_position.map(Into::into)).await?;

    let position = context.position(&server.webhooks);
    let within = |column: ScopeColumn, part: Option<Division>| {
        (column.name(), part.map(|part| part.to_string()).unwrap_or_default())
    };
    let filters = [
        within(ScopeColumn::County, division.and_then(Division::county)),
        within(ScopeColumn::Township, division.and_then(Division::township)),
        within(ScopeColumn::Village, division.and_then(Division::village)),
    ];
    let listed = listing::list(&server.webhooks, &scope, &filters, &page).await?;
    let mut webhooks = Vec::with_capacity(listed.rows.len());
    for (id, row) in listed.rows {
        webhooks.push(server.shown(id, row).await?);
    }
    let next = |key| context.page_tokens.next(list, &[SortValue::Text(key)]);
    Ok(v1::ListWebhooksResponse {
        webhooks,
        next_page_token: listed.next.map(next).unwrap_or_default(),
        position: Some(position.into()),
    })
}

pub(super) async fn list_deliveries(
    server: &Server,
    request: tonic::Request<v1::ListDeliveriesRequest>,
) -> Result<v1::ListDeliveriesResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let context = &server.context;
    let scope = call.principal.predicate(context.county);
    let only = message.abandoned_only;
    let asked = [&*message.receiver_id, &*only.to_string(), &*format!("{scope:?}")];
    let list = ListKey::new(DELIVERIES, &asked);
    let mut v = Violations::new();
    // A webhook's id has the same form.
    let receiver: Option<IntegratorId> = v.parse_optional("receiver_id", &message.receiver_id);
    let page = context.page_tokens.read(&mut v, list, message.page_size, &message.page_token);
    v.finish()?;
    if let Some(receiver) = &receiver {
        call.principal.require(&Placement::of_division(receiver.division()))?;
    }
    context.wait(&server.deliveries, message.min_position.map(Into::into)).await?;

    let position = context.position(&server.deliveries);
    let filters = [
        ("receiver_id", message.receiver_id),
        ("outcome", if only { ABANDONED.to_owned() } else { String::new() }),
    ];
    let listed = listing::list(&server.deliveries, &scope, &filters, &page).await?;
    let next = |key| context.page_tokens.next(list, &[SortValue::Text(key)]);
    Ok(v1::ListDeliveriesResponse {
        deliveries: listed.rows.into_iter().map(|(_, row)| entry(row)).collect(),
        next_page_token: listed.next.map(next).unwrap_or_default(),
        position: Some(position.into()),
    })
}

fn entry(row: DeliveryRow) -> Delivery {
    let number = |value: i64| u64::try_from(value).unwrap_or_default();
    Delivery {
        from_position: number(row.from_position),
        to_position: number(row.to_position),
        count: number(row.sent),
        acknowledged_position: number(row.acknowledged),
        since: row.since,
        until: row.entered_at,
        receiver_id: row.receiver_id,
        receiver: row.receiver,
        outcome: row.outcome,
        reason: row.reason,
    }
}

impl Server {
    /// A webhook with where it is and what may be shown of where it leads.
    async fn shown(&self, id: String, row: WebhookRow) -> Result<Webhook, ServiceError> {
        let host =
            if row.status == REMOVED { String::new() } else { self.host(&row.target).await? };
        let cursor = self.cursors.peek(&id).await.map_err(ServiceError::internal)?;
        let behind = if row.status == REMOVED {
            0
        } else {
            self.behind(&row, cursor.as_ref()).await.map_err(ServiceError::internal)?
        };
        let cursor = cursor.unwrap_or_default();
        let division = id.split('-').next().and_then(|code| Division::from_padded(code).ok());
        let name = |word: &str| PublicName::from_str_name(&api::name(&word, "PUBLIC_NAME_"));
        let events = row.events.split_whitespace().filter_map(name).map(Into::into);
        let mode = BodyMode::from_str_name(&api::name(&row.mode, "BODY_MODE_"));
        Ok(Webhook {
            webhook_id: id,
            host,
            division: division.map(|division| division.to_string()).unwrap_or_default(),
            events: events.collect(),
            mode: mode.unwrap_or_default().into(),
            delivered_position: cursor.position,
            behind,
            attempts: cursor.attempt.map_or(0, |attempt| attempt.count),
            version: u64::try_from(row.version).unwrap_or_default(),
            status: row.status,
            pause_reason: row.pause_reason,
        })
    }

    /// How many public events of the county a webhook has not looked at.
    async fn behind(
        &self,
        row: &WebhookRow,
        cursor: Option<&Cursor>,
    ) -> Result<u64, PublicationError> {
        let last = self.publication.last().await?;
        let at = match cursor {
            Some(cursor) if cursor.start_version == row.start_version => cursor.sequence,
            // It has not begun where it is to begin.
            Some(_) | None => {
                self.publication.before(u64::try_from(row.start).unwrap_or_default()).await?
            }
        };
        Ok(last.saturating_sub(at))
    }

    async fn host(&self, record: &str) -> Result<String, ServiceError> {
        let Ok(record) = record.parse() else { return Ok(String::new()) };
        let url = self.context.vault.text(&record).await?.unwrap_or_default();
        Ok(self.poster.target(&url).map(|target| target.origin()).unwrap_or_default())
    }
}
