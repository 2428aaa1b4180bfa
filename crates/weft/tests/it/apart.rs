//! Services in processes of their own, on one nats-server: the same log, the same gRPC.

use std::process::{Child, Stdio};

use api::{
    common::v1::Position,
    dispatch::v1::{ListWorkOrdersRequest, dispatch_service_client::DispatchServiceClient},
    intake::v1::{
        Channel, ReportCaseRequest, intake_service_client::IntakeServiceClient, report_case_request,
    },
};
use platform::grpc::Bearer;

use crate::county::{County, free_address, until, weft};

/// Dispatch by itself, with its own databases, on the nats-server of the first process.
struct Dispatch {
    child: Child,
    grpc: String,
    _data: tempfile::TempDir,
}

impl Dispatch {
    fn beside(county: &County, nats: &str) -> Self {
        let data = tempfile::tempdir().unwrap();
        let (grpc, keys) = (free_address(), county.data.path().join("keys"));
        // What replicas share: secrets, as a mount would give them.
        assert!(
            std::process::Command::new("cp")
                .arg("-r")
                .args([&keys, &data.path().join("keys")])
                .status()
                .unwrap()
                .success()
        );
        let child = weft()
            .args(["serve", "--service", "dispatch", "--nats", &format!("nats://{nats}")])
            .args(["--grpc", &grpc, "--http", "127.0.0.1:0", "--data"])
            .arg(data.path())
            .args(["--set", "telemetry.log_filter=warn"])
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        until("dispatch is ready", || {
            weft().args(["healthcheck", "--grpc", &grpc]).output().unwrap().status.success()
        });
        Self { child, grpc, _data: data }
    }
}

impl Drop for Dispatch {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _ended = self.child.wait();
    }
}

#[test]
fn a_case_reported_in_one_process_gets_its_order_in_another() {
    let nats = free_address();
    let port = format!("nats.listen_port={}", nats.rsplit(':').next().unwrap());
    let mut county = County::serving(&["access", "grid", "intake"], &[&port]);
    county.up();
    let dispatch = Dispatch::beside(&county, &nats);
    county.import();
    let resident = Bearer::new(&county.token(&["--role", "resident"])).unwrap();
    let operator = county.token(&["--role", "operator", "--division", "620821"]);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let channel = platform::grpc::connect(&county.grpc).await.unwrap();
        let reported = IntakeServiceClient::with_interceptor(channel, resident)
            .report_case(ReportCaseRequest {
                request_id: "r1".to_owned(),
                channel: Channel::QrPage.into(),
                category: "0102".to_owned(),
                place: Some(report_case_request::Place::Division("620821101203".to_owned())),
                text: "路灯杆倒了".to_owned(),
                ..ReportCaseRequest::default()
            })
            .await
            .unwrap()
            .into_inner();
        let channel = platform::grpc::connect(&dispatch.grpc).await.unwrap();
        let bearer = Bearer::new(&operator).unwrap();
        let mut client = DispatchServiceClient::with_interceptor(channel, bearer);
        let mut position: Option<Position> = reported.position;
        let found = loop {
            let request = ListWorkOrdersRequest {
                case_id: reported.case_id.clone(),
                min_position: position.clone(),
                ..ListWorkOrdersRequest::default()
            };
            let mut answer = client.list_work_orders(request).await.unwrap().into_inner();
            if let Some(order) = answer.work_orders.pop() {
                break order;
            }
            // Wait for the next event rather than for time to pass.
            position = answer.position.map(|at| Position { sequence: at.sequence + 1, ..at });
        };
        assert_eq!(found.division, "620821101203");
        assert_eq!(found.category, "0102");
    });
}
