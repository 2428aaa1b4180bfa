//! What accounts hold: one resident's, and all of a programme by kind.

use api::points::v1;
use kernel::id::ProgrammeId;
use platform::{
    audit::Object,
    auth::Placement,
    grpc::{ServiceError, Violations, call::Call},
};

use super::{Server, fields};
use crate::projections::accounts::{self, Line};

pub(super) async fn get_account(
    server: &Server,
    request: tonic::Request<v1::GetAccountRequest>,
) -> Result<v1::GetAccountResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let context = &server.context;
    let mut v = Violations::new();
    let programme: Option<ProgrammeId> =
        fields::local(&mut v, context.county, "programme_id", &message.programme_id);
    let person = fields::resident(&mut v, context.county, &call.principal, &message.person_id);
    let (programme, person) = fields::checked(v, programme.zip(person))?;
    call.principal.require(&fields::account(&programme, &person))?;
    let wanted = message.min_position.map(Into::into);
    context.wait(&server.programmes, wanted.clone()).await?;
    context.wait(&server.accounts, wanted).await?;

    server.programme(&programme).await?;
    let position = context.position(&server.accounts);
    let row = accounts::of(&server.accounts, &programme, &person).await?;
    call.reads("read_account", Object::one("person", &person));
    let (balance, entries) = row.map_or((0, 0), |row| (row.balance, row.entries));
    Ok(v1::GetAccountResponse {
        programme_id: programme.to_string(),
        person_id: person.to_string(),
        balance,
        entries: u64::try_from(entries).unwrap_or_default(),
        position: Some(position.into()),
    })
}

pub(super) async fn get_balance_sheet(
    server: &Server,
    request: tonic::Request<v1::GetBalanceSheetRequest>,
) -> Result<v1::GetBalanceSheetResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let context = &server.context;
    let mut v = Violations::new();
    let programme: Option<ProgrammeId> =
        fields::local(&mut v, context.county, "programme_id", &message.programme_id);
    let programme = fields::checked(v, programme)?;
    call.principal.require(&Placement::of_division(programme.division()))?;
    let wanted = message.min_position.map(Into::into);
    context.wait(&server.programmes, wanted.clone()).await?;
    context.wait(&server.accounts, wanted).await?;

    server.programme(&programme).await?;
    let position = context.position(&server.accounts);
    let lines = accounts::by_kind(&server.accounts, &programme).await?;
    let sum = lines.iter().fold(0_i64, |sum, line| sum.saturating_add(line.balance));
    Ok(v1::GetBalanceSheetResponse {
        lines: lines.iter().map(shown).collect(),
        sum,
        position: Some(position.into()),
    })
}

fn shown(line: &Line) -> v1::BalanceSheetLine {
    let kind = v1::AccountKind::from_str_name(&api::name(&line.kind, "ACCOUNT_KIND_"));
    v1::BalanceSheetLine {
        kind: kind.unwrap_or_default().into(),
        accounts: u64::try_from(line.accounts).unwrap_or_default(),
        balance: line.balance,
    }
}
