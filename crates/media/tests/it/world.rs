//! A county in which only media runs: what others would publish is appended as they would.

use api::media::v1::{
    DownloadHeader, DownloadRequest, UploadHeader, UploadRequest, UploadResponse, Variant,
    download_response, media_service_client::MediaServiceClient, upload_request::Part,
};
use contracts::{dispatch::WorkOrderEvent, intake::CaseEvent, intake::CategoryEvent, subject};
use futures::stream;
use kernel::{Clock as _, Role, StoredEvent, id::PersonId};
use platform::{auth::scope::ScopeParts, grpc::Bearer};
use serde_json::{Value, json};
use testkit::{Db, Suite};
use tonic::{Code, Status, service::interceptor::InterceptedService, transport::Channel};

pub(crate) type Client = MediaServiceClient<InterceptedService<Channel, Bearer>>;

pub(crate) const VILLAGE: &str = "620821101203";
pub(crate) const GRID: &str = "620821101203001";
/// A category that all who handle it may see, and one that is confidential.
pub(crate) const OPEN: &str = "0101";
pub(crate) const CONFIDENTIAL: &str = "0901";
pub(crate) const WATER: &str = "620821101000-water";

pub(crate) struct World {
    pub(crate) suite: Suite,
}

impl World {
    pub(crate) async fn start(db: Db) -> Self {
        let world = Self { suite: Suite::start(vec![media::service()], db).await };
        for (code, confidential) in [(OPEN, false), (CONFIDENTIAL, true)] {
            world.define(code, confidential).await;
        }
        world
    }

    pub(crate) fn client(&self, bearer: Bearer) -> Client {
        MediaServiceClient::with_interceptor(self.suite.channel(), bearer)
    }

    /// The person with this number in this role.
    pub(crate) fn person(&self, number: u128, role: Role, scope: ScopeParts) -> Client {
        self.client(self.suite.bearer_for(&self.suite.person(number), role, scope))
    }

    pub(crate) fn resident(&self, number: u128) -> Client {
        self.person(number, Role::Resident, ScopeParts::default())
    }

    pub(crate) fn of_division(&self, role: Role, division: &str) -> Client {
        let division = Some(division.parse().unwrap());
        self.client(self.suite.bearer(role, ScopeParts { division, ..ScopeParts::default() }))
    }

    pub(crate) fn member(&self, number: u128, grid: &str) -> Client {
        let grid = Some(grid.parse().unwrap());
        self.person(number, Role::GridMember, ScopeParts { grid, ..ScopeParts::default() })
    }

    pub(crate) fn clerk(&self, org: &str) -> Client {
        let scope = ScopeParts {
            division: Some(self.suite.county()),
            org: Some(org.parse().unwrap()),
            ..ScopeParts::default()
        };
        self.client(self.suite.bearer(Role::DepartmentClerk, scope))
    }

    async fn append<E: StoredEvent>(&self, subject: &str, id: &str, event: E) {
        self.suite.append(subject, id, &[event]).await;
        self.suite.settled().await;
    }

    async fn define(&self, code: &str, confidential: bool) {
        let id = subject::category_id(self.suite.county(), &code.parse().unwrap());
        let event = json!({
            "occurred_at": self.suite.clock().now().0, "category": code, "parent": null,
            "rules": {
                "kind": "component", "handler": "d001",
                "limit": { "amount": 2, "unit": "working_days" },
                "urgency": "normal", "admission": "grid", "confidential": confidential,
                "consent_needed": false, "report_earns_points": false,
            },
            "catalogue_version": 1, "document": "620821000000-document", "row": 1,
        });
        let event = CategoryEvent::CategoryDefined(serde_json::from_value(event).unwrap());
        self.append(&subject::category(&id), &id.to_string(), event).await;
    }

    /// As intake would: a case in the village and the grid, with these photos.
    pub(crate) async fn report(
        &self,
        key: &str,
        reporter: &PersonId,
        category: &str,
        photos: &[&str],
    ) {
        let now = self.suite.clock().now().0;
        let event = json!({
            "occurred_at": now, "case": case(key), "channel": "qr_page", "category": category,
            "catalogue_version": 1, "urgency": "normal",
            "place": {
                "source": "grid", "division": VILLAGE, "grid": GRID, "position": null,
            },
            "reporter": reporter, "by_staff": false, "text": null, "contact": null,
            "tracking": "0".repeat(64), "first_reported_at": now, "photos": photos,
        });
        self.case_event(key, CaseEvent::CaseReported(serde_json::from_value(event).unwrap())).await;
    }

    /// As intake would: somebody adds to a case.
    pub(crate) async fn add(&self, key: &str, by: &PersonId, photos: &[&str]) {
        let event = json!({
            "occurred_at": self.suite.clock().now().0, "case": case(key), "by": by,
            "text": "620821101203-text", "photos": photos,
        });
        self.case_event(key, CaseEvent::InformationAdded(serde_json::from_value(event).unwrap()))
            .await;
    }

    async fn case_event(&self, key: &str, event: CaseEvent) {
        let id = case(key).parse().unwrap();
        self.append(&subject::case(&id), &case(key), event).await;
    }

    /// As dispatch would: an order for a case goes to an organisation or a person.
    pub(crate) async fn order(&self, key: &str, org: Option<&str>, person: Option<&PersonId>) {
        let now = self.suite.clock().now().0;
        let created = json!({
            "occurred_at": now, "work_order": case(key), "case": case(key), "category": OPEN,
            "catalogue_version": 1, "urgency": "normal", "division": VILLAGE, "grid": GRID,
            "reporter": "620821000000-reporter",
            "limit": { "amount": 2, "unit": "working_days" },
            "accept_due": now, "due": now, "calendar_version": 1,
        });
        let created = WorkOrderEvent::WorkOrderCreated(serde_json::from_value(created).unwrap());
        self.order_event(key, created).await;
        self.route(key, org, person).await;
    }

    pub(crate) async fn route(&self, key: &str, org: Option<&str>, person: Option<&PersonId>) {
        let routed = json!({
            "occurred_at": self.suite.clock().now().0, "work_order": case(key),
            "assignee": { "organisation": org, "person": person },
            "rule": "manual", "rule_version": 1, "candidates": [], "shortfall": null,
        });
        let routed = WorkOrderEvent::WorkOrderRouted(serde_json::from_value(routed).unwrap());
        self.order_event(key, routed).await;
    }

    /// As dispatch would: a handler says what was done.
    pub(crate) async fn feed_back(&self, key: &str, by: &PersonId, before: &str, after: &str) {
        let event: Value = json!({
            "occurred_at": self.suite.clock().now().0, "work_order": case(key), "by": by,
            "result": "solved", "text": null, "photos_before": [before], "photos_after": [after],
        });
        let event = WorkOrderEvent::FeedbackSubmitted(serde_json::from_value(event).unwrap());
        self.order_event(key, event).await;
    }

    async fn order_event(&self, key: &str, event: WorkOrderEvent) {
        let id = case(key).parse().unwrap();
        self.append(&subject::work_order(&id), &case(key), event).await;
    }

    /// Whether any file of nats-server holds these bytes.
    pub(crate) fn is_on_disk(&self, bytes: &[u8]) -> bool {
        found(&self.suite.nats().store_dir(), bytes)
    }
}

fn found(folder: &std::path::Path, bytes: &[u8]) -> bool {
    std::fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return found(&path, bytes);
        }
        // A file may go while the server runs.
        crate::photos::holds(&std::fs::read(&path).unwrap_or_default(), bytes)
    })
}

/// The id of the case, and of its order, with this key.
fn case(key: &str) -> String {
    format!("{VILLAGE}-{key}")
}

pub(crate) fn header(request_id: &str) -> UploadRequest {
    let header = UploadHeader { request_id: request_id.to_owned() };
    UploadRequest { part: Some(Part::Header(header)) }
}

pub(crate) fn chunk(bytes: &[u8]) -> UploadRequest {
    UploadRequest { part: Some(Part::Chunk(bytes.to_vec())) }
}

/// Uploads a file in pieces.
pub(crate) async fn upload(
    client: &mut Client,
    request_id: &str,
    file: &[u8],
) -> Result<UploadResponse, Status> {
    let mut parts = vec![header(request_id)];
    parts.extend(file.chunks(64 * 1024).map(chunk));
    Ok(client.upload(stream::iter(parts)).await?.into_inner())
}

/// Uploads a small photo and answers with its id.
pub(crate) async fn uploaded(client: &mut Client, request_id: &str) -> String {
    upload(client, request_id, &crate::photos::jpeg(40, 30, 9)).await.unwrap().media_id
}

/// Downloads a picture, and checks that it is as long as was said.
pub(crate) async fn download(
    client: &mut Client,
    media_id: &str,
    variant: Variant,
) -> Result<(DownloadHeader, Vec<u8>), Status> {
    let request = DownloadRequest {
        media_id: media_id.to_owned(),
        variant: variant.into(),
        min_position: None,
    };
    let mut parts = client.download(request).await?.into_inner();
    let first = parts.message().await?.and_then(|message| message.part);
    let Some(download_response::Part::Header(header)) = first else {
        unreachable!("the header comes first, came {first:?}")
    };
    let mut bytes = Vec::new();
    while let Some(message) = parts.message().await? {
        let Some(download_response::Part::Chunk(chunk)) = message.part else {
            unreachable!("after the header come chunks, came {message:?}")
        };
        bytes.extend(chunk);
    }
    assert_eq!(bytes.len() as u64, header.bytes);
    Ok((header, bytes))
}

/// Whether the client is shown a photo; otherwise it must be as if there were none.
pub(crate) async fn sees(client: &mut Client, media_id: &str) -> bool {
    match download(client, media_id, Variant::Thumbnail).await {
        Ok(_) => true,
        Err(status) => {
            assert_eq!(refusal::<()>(Err(status)), (Code::NotFound, "PHOTO_NOT_FOUND".to_owned()));
            false
        }
    }
}

pub(crate) fn refusal<T: std::fmt::Debug>(answer: Result<T, Status>) -> (Code, String) {
    let status = answer.unwrap_err();
    let reason = platform::grpc::status::reason_of(&status).unwrap_or_default();
    assert!(platform::grpc::status::message_of(&status, "zh-CN").is_some(), "{status:?}");
    (status.code(), reason)
}
