//! What one's reports have earned: the balance, and every entry with its reason.

use api::points::v1::{
    Entry, EntryKind, GetAccountRequest, GivenBy, ListEntriesRequest, ListProgrammesRequest,
    Programme,
};
use askama::Template;
use axum::{Router, response::Response, routing::get};

use crate::{
    gateway::Gateway,
    pages::html,
    problem::{Part, Problem},
    session::ResidentSession,
    shell::Shell,
    visit::Visit,
};

/// Entries of a statement that are shown.
const ENTRIES: i32 = 100;

pub(super) fn routes() -> Router<Gateway> {
    Router::new().route("/points", get(show))
}

/// A line of a statement.
struct Line {
    /// `award`, `rule`, `reversal` or `reopening`: why.
    why: &'static str,
    amount: String,
    is_in: bool,
    balance: i64,
    at: i64,
    case: String,
    reason: String,
}

/// One programme with one's account in it.
struct Account {
    name: String,
    place: String,
    balance: i64,
    each: u32,
    cap: u32,
    lines: Vec<Line>,
}

#[derive(Template)]
#[template(path = "resident/points.html")]
struct Points {
    shell: Shell,
    accounts: Part<Vec<Account>>,
}

async fn show(visit: Visit, session: Option<ResidentSession>) -> Result<Response, Problem> {
    let Some(session) = session else {
        return Ok(html(&Points { shell: visit.shell(), accounts: Part::Here(Vec::new()) }));
    };
    let accounts = match accounts(&visit, session.token()).await {
        Ok(accounts) => Part::Here(accounts),
        Err(status) => Part::<()>::of(Err(status))?.map(|()| Vec::new()),
    };
    Ok(html(&Points { shell: session.shell(), accounts }))
}

async fn programmes(gateway: &Gateway, token: &str) -> Result<Vec<Programme>, tonic::Status> {
    let request = ListProgrammesRequest::default();
    Ok(gateway.clients.points(token).list_programmes(request).await?.into_inner().programmes)
}

async fn entries(
    gateway: &Gateway,
    token: &str,
    programme_id: String,
) -> Result<Vec<Entry>, tonic::Status> {
    let request =
        ListEntriesRequest { page_size: ENTRIES, programme_id, ..ListEntriesRequest::default() };
    Ok(gateway.clients.points(token).list_entries(request).await?.into_inner().entries)
}

async fn accounts(visit: &Visit, token: &str) -> Result<Vec<Account>, tonic::Status> {
    let gateway = &visit.gateway;
    let programmes = programmes(gateway, token).await?;
    let places = programmes.iter().map(|programme| programme.division.as_str());
    gateway.names.learn_places(gateway, places).await;
    let mut accounts = Vec::with_capacity(programmes.len());
    for programme in programmes {
        let request = GetAccountRequest {
            programme_id: programme.programme_id.clone(),
            min_position: visit.seen.clone(),
            ..GetAccountRequest::default()
        };
        let account = gateway.clients.points(token).get_account(request).await?.into_inner();
        let entries = entries(gateway, token, programme.programme_id).await?;
        accounts.push(Account {
            place: gateway.names.place_path(&programme.division),
            name: programme.name,
            balance: account.balance,
            each: programme.points_for_true_report,
            cap: programme.daily_cap,
            lines: entries.into_iter().map(line).collect(),
        });
    }
    Ok(accounts)
}

fn line(entry: Entry) -> Line {
    let why = match (entry.kind(), entry.given_by()) {
        (EntryKind::Reversal, _) => "reversal",
        (EntryKind::Reopening, _) => "reopening",
        (EntryKind::Award | EntryKind::Unspecified, GivenBy::Rule) => "rule",
        (EntryKind::Award | EntryKind::Unspecified, GivenBy::Person | GivenBy::Unspecified) => {
            "award"
        }
    };
    Line {
        why,
        amount: format!("{:+}", entry.amount),
        is_in: entry.amount >= 0,
        balance: entry.balance,
        at: entry.at,
        case: entry.case_id,
        reason: entry.reason,
    }
}

/// What a case has earned its reporter; nothing where that cannot be said now.
pub(super) async fn earned(gateway: &Gateway, token: &str, case: &str) -> i64 {
    let mut earned = 0_i64;
    for programme in programmes(gateway, token).await.unwrap_or_default() {
        let entries = entries(gateway, token, programme.programme_id).await.unwrap_or_default();
        let of_case = entries.iter().filter(|entry| entry.case_id == case);
        earned = of_case.fold(earned, |sum, entry| sum.saturating_add(entry.amount));
    }
    earned
}
