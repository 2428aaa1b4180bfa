//! What the page of a case shows. Each service is asked once, side by side where nothing else is
//! needed first; what is away leaves its part of the page empty and says so.

use api::{
    camera::v1::ListNearbyCamerasRequest,
    common::v1::{Crs, GeoPosition, TimelineEntry},
    dispatch::v1::{
        ExplainRoutingRequest, ExplainRoutingResponse, GetWorkOrderRequest, ListWorkOrdersRequest,
        WorkOrder, WorkOrderStatus,
    },
    intake::v1::{Case, CaseStatus, Contact, GetCaseRequest, GetCaseResponse},
};
use tonic::{Code, Response, Status};

use super::{
    super::{
        choices::{self, Group},
        row::{self, Row},
    },
    actions, contact,
    history::{self, Entry},
};
use crate::{
    gateway::Gateway,
    problem::{Part, Problem},
    session::StaffSession,
    shell::Shell,
    words::Locale,
};

/// How far a camera may be to count as near, in metres, and how many are named.
const NEAR_M: u32 = 500;
const CAMERAS: u32 = 8;

/// What the reporter said, and where the case stands.
pub(super) struct Facts {
    pub(super) case: Case,
    pub(super) row: Row,
    pub(super) text: String,
    pub(super) photos: Vec<String>,
    pub(super) place_source: String,
    /// How the reporter can be reached, masked.
    pub(super) contact: Option<Contact>,
    /// East and north, where the position is known.
    pub(super) position: Option<(f64, f64)>,
}

/// The order that serves the case, and why it went where it went.
pub(super) struct Order {
    pub(super) work: WorkOrder,
    pub(super) stage: String,
    pub(super) tone: &'static str,
    pub(super) handler: String,
    /// Whether a deadline still runs.
    pub(super) runs: bool,
    /// The rules' own words.
    pub(super) why: String,
    /// Who was considered: name, why or why not, open orders.
    pub(super) considered: Vec<(String, String, u32)>,
}

/// A camera near the case.
pub(super) struct Camera {
    pub(super) name: String,
    pub(super) address: String,
    pub(super) distance_m: u32,
}

/// All of it.
pub(super) struct Loaded {
    pub(super) facts: Part<Facts>,
    pub(super) order: Part<Option<Order>>,
    pub(super) history: Vec<Entry>,
    /// The services whose part of the history is missing.
    pub(super) away: Vec<&'static str>,
    pub(super) cameras: Part<Vec<Camera>>,
    pub(super) categories: Vec<Group>,
    /// What for the reporter's contact may be asked.
    pub(super) purposes: Vec<(String, String)>,
    pub(super) assignees: Vec<Group>,
    pub(super) refusals: Vec<(String, String)>,
}

impl Loaded {
    /// Where the case stands, if that is known now.
    pub(super) fn case_status(&self) -> Option<CaseStatus> {
        match &self.facts {
            Part::Here(facts) => Some(facts.case.status()),
            Part::Away => None,
        }
    }

    /// Where its order stands.
    pub(super) fn order_status(&self) -> Option<WorkOrderStatus> {
        match &self.order {
            Part::Here(Some(order)) => Some(order.work.status()),
            Part::Here(None) | Part::Away => None,
        }
    }
}

/// An answer that a role may not have is as good as none, and no problem of the page.
fn or_nothing<T: Default>(answer: Result<Response<T>, Status>) -> Result<Part<T>, Problem> {
    match answer {
        Err(status) if status.code() == Code::PermissionDenied => Ok(Part::Here(T::default())),
        answer => Part::of(answer),
    }
}

/// What the page of this case shows to this person.
pub(super) async fn of(
    gateway: &Gateway,
    session: &StaffSession,
    id: &str,
) -> Result<Loaded, Problem> {
    let (mut intake, mut dispatch) =
        (gateway.clients.intake(session.token()), gateway.clients.dispatch(session.token()));
    let seen = session.visit.seen.clone();
    if let Some(seen) = &seen {
        gateway.live.reach(seen.sequence).await;
    }
    let of_case = ListWorkOrdersRequest {
        case_id: id.to_owned(),
        min_position: seen.clone(),
        order_by: "created_at desc".to_owned(),
        ..ListWorkOrdersRequest::default()
    };
    let case = GetCaseRequest { case_id: id.to_owned(), min_position: seen };
    let (case, orders) = tokio::join!(intake.get_case(case), dispatch.list_work_orders(of_case));
    let case = Part::of(case)?;
    let orders = or_nothing(orders)?.map(|orders| orders.work_orders);

    let mut away = Vec::new();
    let mut timeline = match &case {
        Part::Here(case) => case.timeline.clone(),
        Part::Away => {
            away.push("intake");
            Vec::new()
        }
    };
    let orders = match orders {
        Part::Here(orders) => {
            match histories(gateway, session, &orders).await? {
                Part::Here(mut entries) => timeline.append(&mut entries),
                Part::Away => away.push("dispatch"),
            }
            Part::Here(orders)
        }
        Part::Away => {
            away.push("dispatch");
            Part::Away
        }
    };
    let persons = history::persons(&timeline);
    gateway.names.learn_persons(gateway, session.token(), persons.iter().map(String::as_str)).await;
    let facts = match case {
        Part::Here(case) => Part::Here(facts(gateway, session, case).await?),
        Part::Away => Part::Away,
    };
    let shell = session.shell();
    let (order, cameras) = tokio::try_join!(
        order(gateway, session, &shell, orders),
        cameras(gateway, session, &facts)
    )?;
    let assignees = match &order {
        Part::Here(Some(Order { work, runs: true, .. })) => {
            let at = (work.category.as_str(), work.division.as_str(), work.grid.as_str());
            choices::assignees(gateway, session, &shell, at).await
        }
        Part::Here(_) | Part::Away => Vec::new(),
    };
    Ok(Loaded {
        facts,
        order,
        history: history::of(&shell, timeline),
        away,
        cameras,
        purposes: contact::purposes(&shell),
        categories: choices::categories(gateway, session.visit.locale),
        assignees,
        refusals: actions::refusals()
            .into_iter()
            .map(|reason| (reason.clone(), shell.word("console-refusal", reason)))
            .collect(),
    })
}

/// What dispatch recorded of each of these orders.
async fn histories(
    gateway: &Gateway,
    session: &StaffSession,
    orders: &[WorkOrder],
) -> Result<Part<Vec<TimelineEntry>>, Problem> {
    let mut entries = Vec::new();
    for order in orders {
        let request = GetWorkOrderRequest {
            work_order_id: order.work_order_id.clone(),
            min_position: session.visit.seen.clone(),
        };
        let answer = gateway.clients.dispatch(session.token()).get_work_order(request).await;
        match Part::of(answer)? {
            Part::Here(answer) => entries.extend(answer.timeline),
            Part::Away => return Ok(Part::Away),
        }
    }
    Ok(Part::Here(entries))
}

async fn facts(
    gateway: &Gateway,
    session: &StaffSession,
    answer: GetCaseResponse,
) -> Result<Facts, Problem> {
    let case = answer.case.ok_or_else(Problem::not_found)?;
    let rows = row::of_cases(gateway, vec![case.clone()]).await;
    row::learn(gateway, session, &rows).await;
    let known = gateway.live.cases_of(std::slice::from_ref(&case.case_id)).await;
    let known = known.unwrap_or_default().remove(&case.case_id);
    let position = known.and_then(|known| known.lon_e7.zip(known.lat_e7));
    Ok(Facts {
        row: rows.into_iter().next().unwrap_or_default(),
        text: answer.text,
        photos: answer.photos,
        contact: answer.contact,
        place_source: super::super::word(case.place_source().as_str_name(), "PLACE_SOURCE_"),
        position: position.map(|(lon, lat)| (degrees(lon), degrees(lat))),
        case,
    })
}

/// Degrees of what tables hold in 1e-7.
#[expect(clippy::cast_precision_loss, reason = "a longitude in 1e-7 has 10 digits, a double 15")]
fn degrees(e7: i64) -> f64 {
    e7 as f64 / 1e7
}

async fn order(
    gateway: &Gateway,
    session: &StaffSession,
    shell: &Shell,
    orders: Part<Vec<WorkOrder>>,
) -> Result<Part<Option<Order>>, Problem> {
    let Part::Here(orders) = orders else { return Ok(Part::Away) };
    let Some(order) = orders.into_iter().max_by_key(|order| (order.round, order.created_at)) else {
        return Ok(Part::Here(None));
    };
    let request = ExplainRoutingRequest {
        work_order_id: order.work_order_id.clone(),
        min_position: session.visit.seen.clone(),
        ..ExplainRoutingRequest::default()
    };
    let answer = gateway.clients.dispatch(session.token()).explain_routing(request).await;
    let routing = match Part::of(answer) {
        Ok(Part::Here(routing)) => routing,
        // It was not routed yet, or cannot be explained now: the order itself is there.
        Ok(Part::Away) | Err(_) => ExplainRoutingResponse::default(),
    };
    let assignee = order.assignee.clone().unwrap_or_default();
    let persons = routing.candidates.iter().filter_map(|one| one.assignee.as_ref());
    let persons = persons.map(|one| one.person_id.as_str());
    let persons = persons.chain([assignee.person_id.as_str(), order.handler_id.as_str()]);
    gateway.names.learn_persons(gateway, session.token(), persons).await;
    let nobody = assignee.organisation_id.is_empty() && assignee.person_id.is_empty();
    let stage = row::stage_of_order(order.status(), nobody);
    let considered = routing.candidates.iter().map(|candidate| {
        let name = candidate.assignee.as_ref().map(|one| choices::assignee_name(shell, one));
        let name = name.filter(|name| !name.is_empty());
        let reason = shell.word("console-candidate", candidate.reason.replace('_', "-"));
        (name.unwrap_or_else(|| shell.say("console-nobody")), reason, candidate.open_orders)
    });
    Ok(Part::Here(Some(Order {
        considered: considered.collect(),
        why: match shell.locale() {
            Locale::Zh => routing.explanation_zh,
            Locale::En => routing.explanation_en,
        },
        handler: choices::assignee_name(shell, &assignee),
        runs: matches!(
            order.status(),
            WorkOrderStatus::Routed | WorkOrderStatus::Accepted | WorkOrderStatus::Returned
        ),
        tone: row::tone(&stage),
        stage,
        work: order,
    })))
}

/// The cameras near the case, by name and distance only: nobody opens one here.
async fn cameras(
    gateway: &Gateway,
    session: &StaffSession,
    facts: &Part<Facts>,
) -> Result<Part<Vec<Camera>>, Problem> {
    let Part::Here(facts) = facts else { return Ok(Part::Here(Vec::new())) };
    let center = facts.position.map(|(longitude, latitude)| GeoPosition {
        longitude,
        latitude,
        crs: Crs::Cgcs2000.into(),
    });
    if center.is_none() && facts.case.grid.is_empty() {
        return Ok(Part::Here(Vec::new()));
    }
    let grid = if center.is_some() { String::new() } else { facts.case.grid.clone() };
    let request = ListNearbyCamerasRequest {
        center,
        grid,
        radius_m: NEAR_M,
        limit: CAMERAS,
        ..ListNearbyCamerasRequest::default()
    };
    let answer = gateway.clients.camera(session.token()).list_nearby_cameras(request).await;
    let near = |answer: api::camera::v1::ListNearbyCamerasResponse| {
        let cameras = answer.cameras.into_iter().filter_map(|near| {
            let camera = near.camera?;
            let (name, address) = (camera.name, camera.address);
            Some(Camera { name, address, distance_m: near.distance_m })
        });
        cameras.collect()
    };
    match answer {
        // A grid that the register does not have, or a place outside: there are none.
        Err(status) if matches!(status.code(), Code::NotFound | Code::InvalidArgument) => {
            Ok(Part::Here(Vec::new()))
        }
        answer => Ok(or_nothing(answer)?.map(near)),
    }
}
