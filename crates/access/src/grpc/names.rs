//! The names of staff, for the pages of their colleagues. Residents have none here.

use api::access::v1;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use kernel::id::{PersonId, RecordId};
use platform::{
    audit::Object,
    auth::{Principal, Scope},
    grpc::{ServiceError, Violations, call::Call},
    vault::{RESTRICTED, VaultError},
};

use super::{Server, people::Profile};

/// The most persons of one call.
const MOST: usize = 200;

/// How many records are opened at the same time.
const AT_ONCE: usize = 16;

pub(super) async fn describe_persons(
    server: &Server,
    request: tonic::Request<v1::DescribePersonsRequest>,
) -> Result<v1::DescribePersonsResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let context = &server.context;
    let mut v = Violations::new();
    if message.person_ids.len() > MOST {
        v.push(
            "person_ids",
            format!("these are more than {MOST}: ask in several calls"),
            format!("一次最多查询{MOST}人, 请分次查询"),
        );
    } else {
        for id in &message.person_ids {
            let _form: Option<PersonId> = v.parse("person_ids", id);
        }
    }
    v.finish()?;
    context.wait(&server.people, message.min_position.map(Into::into)).await?;

    let position = context.position(&server.people);
    // The staff of a county know each other by name; another county's do not.
    let colleague = works_in(&call.principal, server);
    call.reads("read_names", Object::list("person", message.person_ids.len()));
    let persons = stream::iter(message.person_ids)
        .map(|person_id| async move {
            if colleague { server.described(person_id).await } else { Ok(stranger(person_id)) }
        })
        .buffered(AT_ONCE)
        .try_collect()
        .await?;
    Ok(v1::DescribePersonsResponse { persons, position: Some(position.into()) })
}

impl Server {
    async fn described(&self, person_id: String) -> Result<v1::DescribedPerson, ServiceError> {
        let Some(row) = self.people.get(&person_id).await? else { return Ok(stranger(person_id)) };
        let name = match row.profile {
            Some(profile) => self.name_in(&profile).await?,
            None => String::new(),
        };
        Ok(v1::DescribedPerson { person_id, name, found: true })
    }

    /// The name in a profile; empty once its person was erased.
    pub(super) async fn name_in(&self, profile: &str) -> Result<String, ServiceError> {
        let record: RecordId = profile.parse().map_err(ServiceError::corrupt)?;
        let plain = match self.context.vault.open_record(&record).await {
            Ok(Some(plain)) => plain,
            Ok(None) | Err(VaultError::Erased(_)) => return Ok(String::new()),
            Err(VaultError::Restricted(_)) => return Ok(RESTRICTED.to_owned()),
            Err(error) => return Err(error.into()),
        };
        let profile: Profile = serde_json::from_slice(&plain).map_err(ServiceError::corrupt)?;
        Ok(profile.name)
    }
}

/// Whether the caller has to do with this county at all.
fn works_in(principal: &Principal, server: &Server) -> bool {
    let county = server.context.county;
    let division = match &principal.scope {
        Scope::Division(division) | Scope::Organisation { division, .. } => *division,
        Scope::Grid(grid) => grid.village(),
        Scope::Own | Scope::Assigned => principal.person.division(),
    };
    county.contains(division) || division.contains(county)
}

fn stranger(person_id: String) -> v1::DescribedPerson {
    v1::DescribedPerson { person_id, name: String::new(), found: false }
}
