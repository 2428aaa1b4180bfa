//! The questions of consoles, portals and residents, each asked often by one client.

use std::{collections::BTreeMap, time::Instant};

use api::{
    dispatch::v1::{ListWorkOrdersRequest, dispatch_service_client::DispatchServiceClient},
    intake::v1::{
        CaseStatus, GetCaseRequest, ListCasesRequest, intake_service_client::IntakeServiceClient,
    },
};
use kernel::{Role, id::PersonId};
use platform::{
    auth::scope::ScopeParts,
    grpc::{Bearer, connect},
};
use tonic::{service::interceptor::InterceptedService, transport::Channel};

use super::{
    Answers,
    fill::{OPEN_OF, RESIDENTS, case, category, county, grid, reporter},
};
use crate::{
    suite::Suite,
    table::{percentile, say},
};

/// How often each question is asked.
const ASKED: u64 = 1_000;

/// So many times before, so that caches are warm.
const WARM: u64 = 50;

/// Lists of the county, and the same of narrower scopes.
pub(super) const SCOPED: [(&str, [&str; 2]); 2] = [
    ("list, county", ["list, township", "list, village"]),
    ("orders, county", ["orders, township", "orders, village"]),
];

type Intake = IntakeServiceClient<InterceptedService<Channel, Bearer>>;
type Dispatch = DispatchServiceClient<InterceptedService<Channel, Bearer>>;

/// Asks everything; the p50 and p99 of each in milliseconds.
pub(super) async fn all(suite: &Suite) -> anyhow::Result<Answers> {
    let channel = connect(suite.grpc()).await?;
    let bearer = |division: &str| -> anyhow::Result<Bearer> {
        let parts = ScopeParts { division: Some(division.parse()?), ..ScopeParts::default() };
        suite.bearer(&PersonId::new(county(), kernel::id::Key::from_bits(7)), Role::Operator, parts)
    };
    let mut answers = BTreeMap::new();
    for (level, division) in
        [("county", "620821"), ("township", "620821101"), ("village", "620821101203")]
    {
        let intake = IntakeServiceClient::with_interceptor(channel.clone(), bearer(division)?);
        let dispatch = DispatchServiceClient::with_interceptor(channel.clone(), bearer(division)?);
        let [list, orders] = match level {
            "county" => ["list, county", "orders, county"],
            "township" => ["list, township", "orders, township"],
            _ => ["list, village", "orders, village"],
        };
        answers.insert(list, timed(list, |_| cases(&intake, ListCasesRequest::default())).await?);
        let open = ListWorkOrdersRequest { open: true, ..ListWorkOrdersRequest::default() };
        answers.insert(orders, timed(orders, |_| work_orders(&dispatch, open.clone())).await?);
    }
    let intake = IntakeServiceClient::with_interceptor(channel.clone(), bearer("620821")?);
    let accepted = ListCasesRequest {
        status: CaseStatus::Accepted.into(),
        category: "0101".to_owned(),
        ..ListCasesRequest::default()
    };
    let name = "filter, status and category";
    answers.insert(name, timed(name, |_| cases(&intake, accepted.clone())).await?);
    let by_place = |n: u64| ListCasesRequest {
        division: grid(n * 4).village().to_string(),
        ..ListCasesRequest::default()
    };
    let name = "look-up by place";
    answers.insert(name, timed(name, |n| cases(&intake, by_place(n))).await?);
    let by_category = |n: u64| ListCasesRequest {
        category: category(n * 32).to_string(),
        ..ListCasesRequest::default()
    };
    let name = "look-up by category";
    answers.insert(name, timed(name, |n| cases(&intake, by_category(n))).await?);
    let name = "look-up by number";
    answers.insert(name, timed(name, |n| one(&intake, n * 97 % 100_000)).await?);
    let name = "look-up by person";
    let mine = async |n: u64| {
        let person = reporter(n * 31 % RESIDENTS);
        let bearer = suite.bearer(&person, Role::Resident, ScopeParts::default())?;
        let mine = IntakeServiceClient::with_interceptor(channel.clone(), bearer);
        cases(&mine, ListCasesRequest::default()).await
    };
    answers.insert(name, timed(name, mine).await?);
    Ok(answers)
}

async fn cases(intake: &Intake, request: ListCasesRequest) -> anyhow::Result<()> {
    let answer = intake.clone().list_cases(request).await?.into_inner();
    anyhow::ensure!(!answer.cases.is_empty(), "an empty list says nothing about long ones");
    Ok(())
}

async fn work_orders(dispatch: &Dispatch, request: ListWorkOrdersRequest) -> anyhow::Result<()> {
    let answer = dispatch.clone().list_work_orders(request).await?.into_inner();
    anyhow::ensure!(!answer.work_orders.is_empty(), "an empty list says nothing about long ones");
    Ok(())
}

/// A case that is open, with its history.
async fn one(intake: &Intake, number: u64) -> anyhow::Result<()> {
    let case_id = case(number / OPEN_OF * OPEN_OF).to_string();
    intake.clone().get_case(GetCaseRequest { case_id, ..GetCaseRequest::default() }).await?;
    Ok(())
}

async fn timed(
    what: &str,
    ask: impl AsyncFn(u64) -> anyhow::Result<()>,
) -> anyhow::Result<(f64, f64)> {
    for n in 0..WARM {
        ask(n).await?;
    }
    let mut took = Vec::new();
    for n in 0..ASKED {
        let begun = Instant::now();
        ask(n).await?;
        took.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    let (p50, p99) = (percentile(&mut took, 50), percentile(&mut took, 99));
    say(&format!("  {what}: p50 {p50:.2} ms, p99 {p99:.2} ms"));
    Ok((p50, p99))
}
