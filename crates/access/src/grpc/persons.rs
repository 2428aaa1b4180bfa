//! The register of people, for who keeps it.

use api::access::v1;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use platform::{
    audit::Object,
    auth::ScopePredicate,
    grpc::{ListKey, Page, ServiceError, SortValue, Violations, call::Call},
    projection::listing::{self, Listed},
};

use super::{Server, fields::NAME_CHARS};
use crate::projections::people::PersonRow;

pub(super) const LIST: &str = "/weft.access.v1.AccessService/ListPersons";

/// How many records are opened at the same time.
const AT_ONCE: usize = 16;

/// How many rows are read at a time when a name is looked for.
const STRIDE: u32 = 500;

/// How many persons are looked at for a name, at most: names are sealed, so there is no index of
/// them.
const MOST: u32 = 10_000;

/// Some persons, and the key after which there are more.
type Found = (Vec<v1::RegisteredPerson>, Option<String>);

pub(super) async fn list_persons(
    server: &Server,
    request: tonic::Request<v1::ListPersonsRequest>,
) -> Result<v1::ListPersonsResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let context = &server.context;
    let scope = call.principal.predicate(context.county);
    let mut v = Violations::new();
    let name = v.text("name", message.name.trim(), NAME_CHARS).unwrap_or_default();
    let list = ListKey::new(LIST, &[&name, &format!("{scope:?}")]);
    let page = context.page_tokens.read(&mut v, list, message.page_size, &message.page_token);
    v.finish()?;
    context.wait(&server.people, message.min_position.map(Into::into)).await?;

    let position = context.position(&server.people);
    let (persons, after) = if name.is_empty() {
        server.persons(&scope, &page).await?
    } else {
        server.persons_named(&scope, &page, &name).await?
    };
    call.reads("read_names", Object::list("person", persons.len()));
    let next = |key| context.page_tokens.next(list, &[SortValue::Text(key)]);
    Ok(v1::ListPersonsResponse {
        persons,
        next_page_token: after.map(next).unwrap_or_default(),
        position: Some(position.into()),
    })
}

impl Server {
    async fn persons(&self, scope: &ScopePredicate, page: &Page) -> Result<Found, ServiceError> {
        let Listed { rows, next } = listing::list(&self.people, scope, &[], page).await?;
        let persons = stream::iter(rows)
            .map(|(id, row)| self.registered(id, row))
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        Ok((persons, next))
    }

    /// Those in whose name this occurs.
    async fn persons_named(
        &self,
        scope: &ScopePredicate,
        page: &Page,
        name: &str,
    ) -> Result<Found, ServiceError> {
        let mut found: Vec<v1::RegisteredPerson> = Vec::new();
        let mut stride = Page { size: STRIDE, after: page.after.clone() };
        for _ in 0..MOST / STRIDE {
            let (persons, next) = self.persons(scope, &stride).await?;
            found.extend(persons.into_iter().filter(|person| person.name.contains(name)));
            let size = page.size as usize;
            if found.len() > size {
                found.truncate(size);
                let last = found.last().map(|person| person.person_id.clone());
                return Ok((found, last));
            }
            let Some(next) = next else { break };
            stride.after = Some(vec![SortValue::Text(next)]);
        }
        Ok((found, None))
    }

    async fn registered(
        &self,
        person_id: String,
        row: PersonRow,
    ) -> Result<v1::RegisteredPerson, ServiceError> {
        let name = match &row.profile {
            Some(profile) => self.name_in(profile).await?,
            None => String::new(),
        };
        let narrowest = [row.village, row.township, row.county];
        let division = narrowest.into_iter().find(|code| !code.is_empty()).unwrap_or_default();
        Ok(v1::RegisteredPerson { person_id, name, division, organisation_id: row.org })
    }
}
