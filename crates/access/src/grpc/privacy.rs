//! `weft.access.v1.PrivacyService`: what persons may ask over what is kept of them.

mod export;

use api::access::v1::{
    self, DataRequest as Shown, Erased, RequestBasis as ProtoBasis,
    privacy_service_server::PrivacyService,
};
use contracts::{privacy::RequestBasis, subject};
use futures::stream::BoxStream;
use kernel::{Division, id::PersonId};
use platform::{
    auth::{Placement, Principal},
    executor::{Outcome, Target},
    grpc::{ServiceError, Violations, call::Call},
    projection::View,
    service::Context,
};
use tonic::{Request, Response, Status};

use super::fields;
use crate::{
    domain::data_request::{Command, DataRequest},
    keeper::Keeper,
    projections::data_requests::DataRequestRow,
};

/// What the handlers stand on.
pub(crate) struct Privacy {
    pub(crate) context: Context,
    pub(crate) keeper: Keeper,
    pub(crate) requests: View<DataRequestRow>,
    /// How long an erasure may take, in milliseconds.
    pub(crate) erasure_ms: i64,
}

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl PrivacyService for Privacy {
    async fn request_erasure(
        &self,
        request: Request<v1::RequestErasureRequest>,
    ) -> Answer<v1::RequestErasureResponse> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let named = (message.request_id.as_str(), message.person_id.as_str());
        let (request_id, person, basis) =
            self.named(&call, named, |v| basis(v, message.basis()))?;
        let request = call.request(request_id, "RequestErasure", &message);
        let (by, within_ms) = (call.principal.person.clone(), self.erasure_ms);
        let asked = person.clone();
        let command = move |at| {
            let (person, by) = (asked.clone(), by.clone());
            Command::RequestErasure { person, by, basis, within_ms, at }
        };
        let outcome = self.execute(&person, request, command).await?;
        // The process carries it out: the person waits for nothing that may take long.
        let Outcome { version, position, .. } = outcome;
        Ok(Response::new(v1::RequestErasureResponse { version, position: Some(position.into()) }))
    }

    async fn restrict_processing(
        &self,
        request: Request<v1::RestrictProcessingRequest>,
    ) -> Answer<v1::RestrictProcessingResponse> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let named = (message.request_id.as_str(), message.person_id.as_str());
        let (request_id, person, basis) =
            self.named(&call, named, |v| basis(v, message.basis()))?;
        let request = call.request(request_id, "RestrictProcessing", &message);
        let (asked, by) = (person.clone(), call.principal.person.clone());
        let command = move |at| {
            let (person, by) = (asked.clone(), by.clone());
            Command::RestrictProcessing { person, by, basis, at }
        };
        let outcome = self.execute(&person, request, command).await?;
        // At once, so that nobody reads on; the process does it again after a crash here.
        self.context.vault.restrict(&person.to_string()).await.map_err(ServiceError::from)?;
        let Outcome { version, position, .. } = outcome;
        let position = Some(position.into());
        Ok(Response::new(v1::RestrictProcessingResponse { version, position }))
    }

    async fn lift_restriction(
        &self,
        request: Request<v1::LiftRestrictionRequest>,
    ) -> Answer<v1::LiftRestrictionResponse> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let named = (message.request_id.as_str(), message.person_id.as_str());
        let (request_id, person, ()) = self.named(&call, named, |_| Some(()))?;
        let request = call.request(request_id, "LiftRestriction", &message);
        let (asked, by) = (person.clone(), call.principal.person.clone());
        let command = move |at| {
            let (person, by) = (asked.clone(), by.clone());
            Command::LiftRestriction { person, by, at }
        };
        let Outcome { version, position, .. } = self.execute(&person, request, command).await?;
        Ok(Response::new(v1::LiftRestrictionResponse { version, position: Some(position.into()) }))
    }

    type ExportPersonalDataStream =
        BoxStream<'static, Result<v1::ExportPersonalDataResponse, Status>>;

    async fn export_personal_data(
        &self,
        request: Request<v1::ExportPersonalDataRequest>,
    ) -> Answer<Self::ExportPersonalDataStream> {
        Ok(Response::new(export::export_personal_data(self, request).await?))
    }

    async fn get_data_request(
        &self,
        request: Request<v1::GetDataRequestRequest>,
    ) -> Answer<v1::GetDataRequestResponse> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let person = self.person(&mut v, &message.person_id);
        let person = fields::checked(v, person)?;
        in_scope(&call.principal, person.division())?;
        self.context.wait(&self.requests, message.min_position.map(Into::into)).await?;
        let position = Some(self.context.position(&self.requests).into());
        let row = self.requests.get(&person.to_string()).await.map_err(ServiceError::from)?;
        let request = Some(shown(person.to_string(), row));
        Ok(Response::new(v1::GetDataRequestResponse { request, position }))
    }
}

impl Privacy {
    fn person(&self, v: &mut Violations, text: &str) -> Option<PersonId> {
        fields::local(v, self.context.county, "person_id", text)
    }

    /// What a request over a person's data names, all checked at once: the ids of the request and of the
    /// person, who lies in the caller's scope, and what else it brings.
    fn named<T>(
        &self,
        call: &Call,
        (request_id, person_id): (&str, &str),
        more: impl FnOnce(&mut Violations) -> Option<T>,
    ) -> Result<(String, PersonId, T), ServiceError> {
        let mut v = Violations::new();
        let request_id = v.request_id(request_id);
        let more = more(&mut v);
        let person = self.person(&mut v, person_id);
        let (request_id, (person, more)) = fields::checked(v, request_id.zip(person.zip(more)))?;
        in_scope(&call.principal, person.division())?;
        Ok((request_id, person, more))
    }

    async fn execute(
        &self,
        person: &PersonId,
        request: platform::executor::Request,
        command: impl Fn(kernel::Timestamp) -> Command + Send + 'static,
    ) -> Result<Outcome<DataRequest>, ServiceError> {
        let (subject, id) = (subject::data_request(person), person.to_string());
        let target = Target { subject, id, creates: false };
        Ok(self.keeper.requests().execute(target, request, command).await?)
    }
}

/// A person belongs to where they were registered, or where their case is.
fn in_scope(caller: &Principal, division: Division) -> Result<(), ServiceError> {
    caller.require(&Placement::of_division(division))
}

fn basis(v: &mut Violations, basis: ProtoBasis) -> Option<RequestBasis> {
    let word = api::word(basis.as_str_name(), "REQUEST_BASIS_");
    if word.is_none() {
        v.push("basis", "choose one of the listed values", "请从列出的值中选择");
    }
    word
}

fn shown(person_id: String, row: Option<DataRequestRow>) -> Shown {
    let Some(row) = row else { return Shown { person_id, ..Shown::default() } };
    let erased = row.erased.lines().filter_map(|line| {
        let mut parts = line.split(' ');
        let holder = parts.next()?.to_owned();
        let (texts, photos) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        Some(Erased { holder, texts, photos })
    });
    Shown {
        person_id,
        restricted: row.restricted == 1,
        requested_at: row.requested_at,
        deadline: row.deadline,
        held: row.held == 1,
        completed_at: row.completed_at,
        erased: erased.collect(),
    }
}
