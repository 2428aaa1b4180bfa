//! `PutNotificationContact` and `RemoveNotificationContact`: where the caller agrees to be told beside
//! the suite. The addresses are sealed under the caller's own key.

use api::dispatch::v1::{
    NotificationChannel as Way, PutNotificationContactRequest, PutNotificationContactResponse,
    RemoveNotificationContactRequest, RemoveNotificationContactResponse,
};
use contracts::{dispatch::notification::NotificationChannel, subject};
use kernel::id::{PersonId, RecordId};
use platform::{
    executor::Target,
    grpc::{ServiceError, Violations, call::Call},
};
use tonic::Request;

use super::Post;
use crate::{adapters::Contact, domain::notification::reader::Command};

/// The longest mail address (RFC 5321).
const MAIL_CHARS: usize = 254;

impl Post {
    pub(super) async fn put_notification_contact(
        &self,
        request: Request<PutNotificationContactRequest>,
    ) -> Result<PutNotificationContactResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let request_id = v.request_id(&message.request_id);
        let contact = contact(&mut v, &message);
        let channels = channels(&mut v, &message);
        v.finish()?;
        let (Some(request_id), Some(contact), Some(channels)) = (request_id, contact, channels)
        else {
            unreachable!("checked above")
        };
        let request = call.request(request_id, "PutNotificationContact", &message);
        let person = call.principal.person.clone();
        let record = RecordId::new(person.division(), request.record("contact"));
        let written = serde_json::to_vec(&contact).map_err(ServiceError::internal)?;
        self.context.vault.seal(&person.to_string(), &record, &written).await?;
        let make = move |at| Command::PutNotificationContact {
            at,
            person: person.clone(),
            contact: record.clone(),
            channels: channels.clone(),
        };
        let target = target(&call.principal.person);
        let done = self.reader.execute(target, request, make).await?;
        let position = Some(done.position.into());
        Ok(PutNotificationContactResponse { version: done.version, position })
    }

    pub(super) async fn remove_notification_contact(
        &self,
        request: Request<RemoveNotificationContactRequest>,
    ) -> Result<RemoveNotificationContactResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let request_id = v.request_id(&message.request_id);
        v.finish()?;
        let Some(request_id) = request_id else { unreachable!("checked above") };
        let request = call.request(request_id, "RemoveNotificationContact", &message);
        let person = call.principal.person.clone();
        let make = move |at| Command::RemoveNotificationContact { at, person: person.clone() };
        let target = target(&call.principal.person);
        let done = self.reader.execute(target, request, make).await?;
        let position = Some(done.position.into());
        Ok(RemoveNotificationContactResponse { version: done.version, position })
    }
}

fn target(person: &PersonId) -> Target {
    let subject = subject::notification_reader(person);
    Target { subject, id: person.to_string(), creates: false }
}

fn contact(v: &mut Violations, message: &PutNotificationContactRequest) -> Option<Contact> {
    let mail = v.text("mail", &message.mail, MAIL_CHARS)?;
    if !mail.is_empty() && mail.parse::<lettre::Address>().is_err() {
        v.push("mail", "this is no mail address like name@example.org", "邮箱地址格式不正确");
        return None;
    }
    let phone = match message.phone.as_str() {
        "" => Some(String::new()),
        phone => v.phone("phone", phone),
    };
    Some(Contact { mail, phone: phone? })
}

/// The ways that are agreed to, each with its address.
fn channels(
    v: &mut Violations,
    message: &PutNotificationContactRequest,
) -> Option<Vec<NotificationChannel>> {
    let mut channels = Vec::new();
    for way in message.channels() {
        let (address, channel) = match way {
            Way::Mail => (&message.mail, NotificationChannel::Mail),
            Way::Gateway => (&message.phone, NotificationChannel::Gateway),
            Way::Unspecified | Way::Inbox => {
                v.push("channels", "choose mail, gateway or both", "请选择邮件、短信或两者");
                return None;
            }
        };
        if address.is_empty() {
            v.push("channels", "this way has no address: fill it in", "该方式没有填写联系地址");
            return None;
        }
        if !channels.contains(&channel) {
            channels.push(channel);
        }
    }
    v.required("channels", (!channels.is_empty()).then_some(channels))
}
