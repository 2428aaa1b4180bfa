//! People.

use api::access::v1;
use contracts::subject;
use kernel::id::{OrganisationId, PersonId, RecordId};
use platform::{
    auth::Placement,
    executor::Target,
    grpc::{ServiceError, Violations, call::Call},
};
use serde::{Deserialize, Serialize};

use super::{Server, fields};
use crate::domain::person::{Command, NamedOrganisation};

/// What the vault keeps of a person, as JSON.
#[derive(Serialize, Deserialize)]
pub(super) struct Profile {
    pub(super) name: String,
    phone: Option<String>,
}

pub(super) async fn register_person(
    server: &Server,
    request: tonic::Request<v1::RegisterPersonRequest>,
) -> Result<v1::RegisterPersonResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let county = server.context.county;
    let mut v = Violations::new();
    let request_id = v.request_id(&message.request_id);
    let division = fields::local(&mut v, county, "division", &message.division);
    let name = v.required_text("name", &message.name, fields::NAME_CHARS);
    let phone = (!message.phone.is_empty()).then(|| v.phone("phone", &message.phone)).flatten();
    let organisation: Option<OrganisationId> =
        fields::local_optional(&mut v, county, "organisation_id", &message.organisation_id);
    let given = request_id.zip(division).zip(name);
    let ((request_id, division), name) = fields::checked(v, given)?;
    call.principal.require(&Placement::of_division(division))?;

    let request = call.request(request_id, "RegisterPerson", &message);
    let organisation = server.named_organisation(organisation).await?;
    let person = PersonId::new(division, request.key("person"));
    let profile = RecordId::new(division, request.record("profile"));
    let plain = serde_json::to_vec(&Profile { name, phone }).map_err(ServiceError::internal)?;
    server.context.vault.seal(&person.to_string(), &profile, &plain).await?;

    let person_id = person.to_string();
    let target = Target { subject: subject::person(&person), id: person_id.clone(), creates: true };
    let outcome = server
        .person
        .execute(target, request, move |at| Command::RegisterPerson {
            person: person.clone(),
            profile: profile.clone(),
            organisation: organisation.clone(),
            at,
        })
        .await?;
    Ok(v1::RegisterPersonResponse {
        person_id,
        version: outcome.version,
        position: Some(outcome.position.into()),
    })
}

impl Server {
    /// How an organisation stands in the log: a table might not know it yet.
    pub(super) async fn named_organisation(
        &self,
        id: Option<OrganisationId>,
    ) -> Result<Option<NamedOrganisation>, ServiceError> {
        let Some(id) = id else { return Ok(None) };
        let (standing, _) = self.organisation.load(&subject::organisation(&id)).await?;
        Ok(Some(NamedOrganisation { id, standing }))
    }
}
