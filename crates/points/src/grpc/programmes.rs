//! Programmes: created, given a rule, listed.

use api::points::v1;
use contracts::subject;
use futures::{StreamExt as _, TryStreamExt as _};
use kernel::{
    Division,
    id::{ProgrammeId, RecordId},
};
use platform::{
    auth::{Placement, Scope},
    executor::Target,
    grpc::{ListKey, ServiceError, SortValue, Violations, call::Call},
    projection::listing,
};

use super::{Server, fields};
use crate::{domain::ledger::Command, projections::programmes::ProgrammeRow};

pub(super) const LIST: &str = "/weft.points.v1.PointsService/ListProgrammes";

/// Names of programmes are nobody's secret: they share one key.
const PUBLIC: &str = "public";

/// How many names are read from the vault at once.
const NAMES_AT_ONCE: usize = 16;

/// The most points of a rule, for a report and for a day.
const MOST_BY_RULE: u32 = 1_000_000;

pub(super) async fn create_programme(
    server: &Server,
    request: tonic::Request<v1::CreateProgrammeRequest>,
) -> Result<v1::CreateProgrammeResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let mut v = Violations::new();
    let request_id = v.request_id(&message.request_id);
    let county = server.context.county;
    let division: Option<Division> = fields::local(&mut v, county, "division", &message.division);
    let name = v.required_text("name", &message.name, fields::NAME_CHARS);
    let given = request_id.zip(division).zip(name);
    let ((request_id, division), text) = fields::checked(v, given)?;
    call.principal.require(&Placement::of_division(division))?;

    let request = call.request(request_id, "CreateProgramme", &message);
    let programme = subject::programme_id(division);
    let name = RecordId::new(division, request.record("name"));
    server.context.vault.seal(PUBLIC, &name, text.as_bytes()).await?;

    let programme_id = programme.to_string();
    let target = Target { creates: true, ..target(&programme) };
    let outcome = server
        .ledgers
        .execute(target, request, move |at| Command::CreateProgramme {
            programme: programme.clone(),
            name: name.clone(),
            at,
        })
        .await?;
    Ok(v1::CreateProgrammeResponse {
        programme_id,
        version: outcome.version,
        position: Some(outcome.position.into()),
    })
}

pub(super) async fn set_rule(
    server: &Server,
    request: tonic::Request<v1::SetRuleRequest>,
) -> Result<v1::SetRuleResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let mut v = Violations::new();
    let request_id = v.request_id(&message.request_id);
    let programme: Option<ProgrammeId> =
        fields::local(&mut v, server.context.county, "programme_id", &message.programme_id);
    let (points, daily_cap) = (message.points_for_true_report, message.daily_cap);
    if points > MOST_BY_RULE {
        too_many(&mut v, "points_for_true_report");
    }
    if daily_cap > MOST_BY_RULE {
        too_many(&mut v, "daily_cap");
    }
    if daily_cap == 0 {
        v.push("daily_cap", "a daily cap is at least 1: set one", "每日上限至少为1, 请填写");
    }
    let (request_id, programme) = fields::checked(v, request_id.zip(programme))?;
    call.principal.require(&Placement::of_division(programme.division()))?;

    let request = call.request(request_id, "SetRule", &message);
    let outcome = server
        .ledgers
        .execute(target(&programme), request, move |at| Command::SetRule {
            programme: programme.clone(),
            points,
            daily_cap,
            at,
        })
        .await?;
    Ok(v1::SetRuleResponse { version: outcome.version, position: Some(outcome.position.into()) })
}

pub(super) async fn list_programmes(
    server: &Server,
    request: tonic::Request<v1::ListProgrammesRequest>,
) -> Result<v1::ListProgrammesResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let context = &server.context;
    let scope = call.principal.predicate(context.county);
    let list = ListKey::new(LIST, &[&format!("{scope:?}")]);
    let mut v = Violations::new();
    let page = context.page_tokens.read(&mut v, list, message.page_size, &message.page_token);
    v.finish()?;
    let wanted = message.min_position.map(Into::into);
    context.wait(&server.programmes, wanted.clone()).await?;
    context.wait(&server.accounts, wanted).await?;

    let position = context.position(&server.programmes);
    let (ids, next) = if call.principal.scope == Scope::Own {
        let listed = listing::list(&server.accounts, &scope, &[], &page).await?;
        (listed.rows.into_iter().map(|(_, row)| row.programme).collect(), listed.next)
    } else {
        let listed = listing::list(&server.programmes, &scope, &[], &page).await?;
        (listed.rows.into_iter().map(|(id, _)| id).collect::<Vec<_>>(), listed.next)
    };
    let programmes = futures::stream::iter(ids)
        .map(|id| server.shown(id))
        .buffered(NAMES_AT_ONCE)
        .try_filter_map(async |shown| Ok(shown))
        .try_collect()
        .await?;
    let next_of = |key| context.page_tokens.next(list, &[SortValue::Text(key)]);
    Ok(v1::ListProgrammesResponse {
        programmes,
        next_page_token: next.map(next_of).unwrap_or_default(),
        position: Some(position.into()),
    })
}

/// Where a programme's ledger is.
pub(super) fn target(programme: &ProgrammeId) -> Target {
    Target { subject: subject::programme(programme), id: programme.to_string(), creates: false }
}

fn too_many(v: &mut Violations, field: &str) {
    v.push(
        field,
        format!("a rule has at most {MOST_BY_RULE} points: lower it"),
        format!("规则最多 {MOST_BY_RULE} 分, 请调低"),
    );
}

impl Server {
    /// None where the table of accounts is ahead of that of programmes.
    async fn shown(&self, programme_id: String) -> Result<Option<v1::Programme>, ServiceError> {
        let Some(row) = self.programmes.get(&programme_id).await? else { return Ok(None) };
        let record: RecordId = row.name_record.parse().map_err(ServiceError::corrupt)?;
        let name = self.context.vault.text(&record).await?.unwrap_or_default();
        Ok(Some(v1::Programme { programme_id, name, ..rule(row) }))
    }
}

fn rule(row: ProgrammeRow) -> v1::Programme {
    let number = |value| u32::try_from(value).unwrap_or_default();
    v1::Programme {
        division: row.division,
        rule_version: number(row.rule_version),
        points_for_true_report: number(row.points_for_true_report),
        daily_cap: number(row.daily_cap),
        ..v1::Programme::default()
    }
}
