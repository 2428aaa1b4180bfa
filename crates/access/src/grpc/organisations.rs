//! Organisations.

use api::access::v1;
use contracts::subject;
use futures::{StreamExt as _, TryStreamExt as _};
use kernel::{
    Division,
    id::{OrgKind, OrganisationId, RecordId},
};
use platform::{
    auth::Placement,
    executor::Target,
    grpc::{ListKey, ServiceError, SortValue, Violations, call::Call},
};

use super::{Server, fields};
use crate::{
    domain::organisation::Command,
    projections::organisations::{self, OrganisationRow},
};

pub(super) const LIST: &str = "/weft.access.v1.AccessService/ListOrganisations";

/// Names of organisations are nobody's secret: they share one key.
const PUBLIC: &str = "public";

/// How many names are read from the vault at once.
const NAMES_AT_ONCE: usize = 16;

pub(super) async fn register_organisation(
    server: &Server,
    request: tonic::Request<v1::RegisterOrganisationRequest>,
) -> Result<v1::RegisterOrganisationResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let mut v = Violations::new();
    let request_id = v.request_id(&message.request_id);
    let division = fields::local(&mut v, server.context.county, "division", &message.division);
    let kind: Option<OrgKind> = v.parse("kind", &message.kind);
    let name = v.required_text("name", &message.name, fields::NAME_CHARS);
    let given = request_id.zip(division).zip(kind.zip(name));
    let ((request_id, division), (kind, text)) = fields::checked(v, given)?;
    call.principal.require(&Placement::of_division(division))?;

    let request = call.request(request_id, "RegisterOrganisation", &message);
    let organisation = OrganisationId::new(division, request.key("organisation"));
    let name = RecordId::new(division, request.record("name"));
    server.context.vault.seal(PUBLIC, &name, text.as_bytes()).await?;

    let organisation_id = organisation.to_string();
    let target = Target {
        subject: subject::organisation(&organisation),
        id: organisation_id.clone(),
        creates: true,
    };
    let outcome = server
        .organisation
        .execute(target, request, move |at| Command::RegisterOrganisation {
            organisation: organisation.clone(),
            kind: kind.clone(),
            division,
            name: name.clone(),
            at,
        })
        .await?;
    Ok(v1::RegisterOrganisationResponse {
        organisation_id,
        version: outcome.version,
        position: Some(outcome.position.into()),
    })
}

pub(super) async fn close_organisation(
    server: &Server,
    request: tonic::Request<v1::CloseOrganisationRequest>,
) -> Result<v1::CloseOrganisationResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let mut v = Violations::new();
    let request_id = v.request_id(&message.request_id);
    let county = server.context.county;
    let organisation: Option<OrganisationId> =
        fields::local(&mut v, county, "organisation_id", &message.organisation_id);
    let (request_id, organisation) = fields::checked(v, request_id.zip(organisation))?;
    call.principal.require(&Placement::of_division(organisation.division()))?;

    let request = call.request(request_id, "CloseOrganisation", &message);
    let target = Target {
        subject: subject::organisation(&organisation),
        id: organisation.to_string(),
        creates: false,
    };
    let outcome = server
        .organisation
        .execute(target, request, move |at| Command::CloseOrganisation {
            organisation: organisation.clone(),
            at,
        })
        .await?;
    Ok(v1::CloseOrganisationResponse {
        version: outcome.version,
        position: Some(outcome.position.into()),
    })
}

pub(super) async fn list_organisations(
    server: &Server,
    request: tonic::Request<v1::ListOrganisationsRequest>,
) -> Result<v1::ListOrganisationsResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let context = &server.context;
    let scope = call.principal.predicate(context.county);
    let list = ListKey::new(LIST, &[&message.kind, &message.division, &format!("{scope:?}")]);
    let mut v = Violations::new();
    let _form: Option<OrgKind> = v.parse_optional("kind", &message.kind);
    let division: Option<Division> = v.parse_optional("division", &message.division);
    let page = context.page_tokens.read(&mut v, list, message.page_size, &message.page_token);
    v.finish()?;
    if let Some(division) = division {
        call.principal.require(&Placement::of_division(division))?;
    }
    context.wait(&server.organisations, message.min_position.map(Into::into)).await?;

    let position = context.position(&server.organisations);
    let (kind, division) = (message.kind, message.division);
    let listed = organisations::list(&server.organisations, &scope, kind, division, &page).await?;
    let organisations = futures::stream::iter(listed.rows)
        .map(|(id, row)| server.shown(id, row))
        .buffered(NAMES_AT_ONCE)
        .try_collect()
        .await?;
    let next = |key| context.page_tokens.next(list, &[SortValue::Text(key)]);
    Ok(v1::ListOrganisationsResponse {
        organisations,
        next_page_token: listed.next.map(next).unwrap_or_default(),
        position: Some(position.into()),
    })
}

impl Server {
    async fn shown(
        &self,
        organisation_id: String,
        row: OrganisationRow,
    ) -> Result<v1::Organisation, ServiceError> {
        let record: RecordId = row.name_record.parse().map_err(ServiceError::corrupt)?;
        let name = self.context.vault.text(&record).await?.unwrap_or_default();
        Ok(v1::Organisation {
            organisation_id,
            kind: row.kind,
            division: row.division,
            name,
            closed: row.closed != 0,
        })
    }
}
