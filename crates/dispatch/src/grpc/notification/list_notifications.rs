//! `ListNotifications`: what the caller was told, a page at a time, the newest first. Whoever asks is
//! the recipient: there is no way to ask for another's.

use api::dispatch::v1::{
    Audience, ListNotificationsRequest, ListNotificationsResponse, Notification,
    NotificationChannel,
};
use contracts::dispatch::notification::{Recipient, Transition};
use platform::{
    audit::Object,
    auth::{Principal, Scope},
    grpc::{ListKey, ServiceError, SortValue, Violations, call::Call},
};
use tonic::Request;

use super::Post;
use crate::{
    domain::notification::template::{Template, fill},
    projections::notifications::{self, NotificationRow, address},
};

impl Post {
    pub(super) async fn list_notifications(
        &self,
        request: Request<ListNotificationsRequest>,
    ) -> Result<ListNotificationsResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let recipients = recipients(&call.principal);
        let mut v = Violations::new();
        let key = format!("{recipients:?} {}", message.unread);
        let list = ListKey::new("ListNotifications", &[&key]);
        let tokens = &self.context.page_tokens;
        let page = tokens.read(&mut v, list, message.page_size, &message.page_token);
        v.finish()?;
        let wanted = message.min_position.map(Into::into);
        self.context.wait(&self.rows, wanted.clone()).await?;
        self.context.wait(&self.readers, wanted).await?;
        let position = self.context.position(&self.rows);
        let person = call.principal.person.to_string();
        let read_up_to = self.readers.get(&person).await?.map_or(0, |reader| reader.read_up_to);
        let after = page.after.as_deref().and_then(place);
        let unread_after = message.unread.then_some(read_up_to);
        let size = page.size + 1;
        let mut rows =
            notifications::inbox(&self.rows, &recipients, unread_after, after, size).await?;
        let unread = notifications::unread(&self.rows, &recipients, read_up_to).await?;
        let more = rows.len() > page.size as usize;
        rows.truncate(page.size as usize);
        let next_page_token = match rows.last().filter(|_| more) {
            Some((id, row)) => {
                tokens.next(list, &[SortValue::Integer(row.position), SortValue::Text(id.clone())])
            }
            None => String::new(),
        };
        call.reads("list_notifications", Object::list("notification", rows.len()));
        let mut shown = Vec::with_capacity(rows.len());
        for (id, row) in &rows {
            shown.push(Notification {
                read: row.position <= read_up_to,
                ..self.shown(id, row).await
            });
        }
        Ok(ListNotificationsResponse {
            notifications: shown,
            next_page_token,
            position: Some(position.into()),
            unread: u64::try_from(unread).unwrap_or_default(),
        })
    }

    /// A letter as its row has it, with what it says.
    pub(super) async fn shown(&self, id: &str, row: &NotificationRow) -> Notification {
        let transition = row.transition.parse::<Transition>().ok();
        let template: Option<Template> = match transition {
            Some(transition) => self.wording.of(row, transition).await,
            None => None,
        };
        let (zh, en) = template.map(|template| (template.zh, template.en)).unwrap_or_default();
        let values = row.values();
        let mut parts = id.split('/');
        let notification_id = parts.next().unwrap_or_default().to_owned();
        let mut number = || parts.next().and_then(|part| part.parse().ok()).unwrap_or_default();
        let audience = Audience::from_str_name(&api::name(&row.audience, "AUDIENCE_"));
        let channel = api::name(&row.channel, "NOTIFICATION_CHANNEL_");
        let channel = NotificationChannel::from_str_name(&channel);
        Notification {
            notification_id,
            number: number(),
            letter: number(),
            transition: row.transition.clone(),
            audience: audience.unwrap_or_default().into(),
            channel: channel.unwrap_or_default().into(),
            case_id: row.case_id.clone(),
            work_order_id: row.work_order_id.clone(),
            category: row.category.clone(),
            due: row.due,
            told_at: row.queued_at,
            position: u64::try_from(row.position).unwrap_or_default(),
            read: false,
            text_zh: fill(&zh, &values),
            text_en: fill(&en, &values),
            attempts: u32::try_from(row.attempts).unwrap_or_default(),
            failure: row.failure.clone(),
        }
    }
}

/// As whom the caller is told: as a person, and for their organisation or at their desk.
fn recipients(principal: &Principal) -> Vec<String> {
    let nobody = Recipient { person: None, organisation: None, desk: None };
    let person = Recipient { person: Some(principal.person.clone()), ..nobody.clone() };
    let besides = match &principal.scope {
        Scope::Organisation { org, .. } => {
            Some(Recipient { organisation: Some(org.clone()), ..nobody })
        }
        Scope::Division(division) if is_desk(principal) => {
            Some(Recipient { desk: Some(*division), ..nobody })
        }
        Scope::Division(_) | Scope::Grid(_) | Scope::Own | Scope::Assigned => None,
    };
    std::iter::once(person).chain(besides).map(|recipient| address(&recipient)).collect()
}

/// Whether the caller sits at the desk of their division.
fn is_desk(principal: &Principal) -> bool {
    use kernel::Role::{Operator, Supervisor};
    [Operator, Supervisor].contains(&principal.role)
}

/// Where a page goes on.
pub(super) fn place(values: &[SortValue]) -> Option<(i64, String)> {
    match values {
        [SortValue::Integer(position), SortValue::Text(id)] => Some((*position, id.clone())),
        _ => None,
    }
}
