//! A supervision, from the reminder to the red card.

use api::dispatch::v1::{
    AnswerSupervisionRequest, CloseSupervisionRequest, GetSupervisionRequest,
    GetSupervisionResponse, ListSupervisionsRequest, RaiseSupervisionRequest,
    SuperviseWorkOrderRequest, Supervision, SupervisionFinding, SupervisionOrigin, SupervisionStep,
    WatchSupervisionsRequest, supervision_service_client::SupervisionServiceClient,
};
use kernel::{Role, Timestamp, id::OrganisationId};
use platform::{auth::scope::ScopeParts, grpc::Bearer};
use testkit::{Db, until};
use tonic::{Code, service::interceptor::InterceptedService, transport::Channel};

use crate::county::{County, FOR_THE_TEAM, OTHER_TOWNSHIP, TOWNSHIP, desk, refused, team};

crate::on_both_databases! {
    a_step_that_is_not_answered_leads_to_the_next_also_after_a_restart
    an_answer_is_read_and_the_supervision_closed_with_a_finding
    what_lies_elsewhere_is_not_supervised
}

type Client = SupervisionServiceClient<InterceptedService<Channel, Bearer>>;

impl County {
    fn supervises(&self, division: &str) -> Client {
        let division = Some(division.parse().unwrap());
        let scope = ScopeParts { division, ..ScopeParts::default() };
        let bearer = self.suite.bearer(Role::Operator, scope);
        SupervisionServiceClient::with_interceptor(self.suite.channel(), bearer)
    }

    fn answers(&self, organisation: &OrganisationId) -> Client {
        let division = Some("620821".parse().unwrap());
        let scope = ScopeParts { division, grid: None, org: Some(organisation.clone()) };
        let bearer = self.suite.bearer(Role::DepartmentClerk, scope);
        SupervisionServiceClient::with_interceptor(self.suite.channel(), bearer)
    }

    async fn supervision(&self, id: &str) -> GetSupervisionResponse {
        let request = GetSupervisionRequest {
            supervision_id: id.to_owned(),
            min_position: Some(self.suite.head().await.into()),
        };
        self.supervises("620821").get_supervision(request).await.unwrap().into_inner()
    }

    async fn stands(&self, id: &str) -> Supervision {
        self.supervision(id).await.supervision.unwrap()
    }
}

fn supervise(order: &str) -> SuperviseWorkOrderRequest {
    SuperviseWorkOrderRequest {
        request_id: "s".to_owned(),
        work_order_id: order.to_owned(),
        origin: SupervisionOrigin::Centre.into(),
        explanation: "请说明为何至今未办".to_owned(),
        ..SuperviseWorkOrderRequest::default()
    }
}

fn answer(id: &str, request: &str) -> AnswerSupervisionRequest {
    AnswerSupervisionRequest {
        request_id: request.to_owned(),
        supervision_id: id.to_owned(),
        text: "配件未到，周五前完成".to_owned(),
    }
}

fn raise(id: &str, request: &str) -> RaiseSupervisionRequest {
    RaiseSupervisionRequest {
        request_id: request.to_owned(),
        supervision_id: id.to_owned(),
        explanation: "答复不能成立".to_owned(),
    }
}

fn close(id: &str, request: &str) -> CloseSupervisionRequest {
    CloseSupervisionRequest {
        request_id: request.to_owned(),
        supervision_id: id.to_owned(),
        finding: SupervisionFinding::Remedied.into(),
        text: "已整改".to_owned(),
    }
}

async fn opened(county: &County) -> String {
    let order = county.order("c1", FOR_THE_TEAM).await;
    let request = supervise(&order.work_order_id);
    let mut centre = county.supervises("620821");
    centre.supervise_work_order(request).await.unwrap().into_inner().supervision_id
}

async fn a_step_that_is_not_answered_leads_to_the_next_also_after_a_restart(db: Db) {
    let county = County::start(db).await;
    let id = opened(&county).await;
    let mut county = county;
    for step in
        [SupervisionStep::Supervision, SupervisionStep::YellowCard, SupervisionStep::RedCard]
    {
        let due = county.stands(&id).await.answer_due;
        county.suite.clock().set(Timestamp(due));
        until("the next step", async || county.stands(&id).await.step() == step).await;
        county = County { suite: county.suite.restart().await };
    }
    let due = county.stands(&id).await.answer_due;
    county.suite.clock().set(Timestamp(due + 86_400_000));
    let county = County { suite: county.suite.restart_without_databases().await };
    let events: Vec<_> =
        county.supervision(&id).await.timeline.into_iter().map(|entry| entry.event).collect();
    assert_eq!(
        events,
        ["supervision_opened", "supervision_raised", "supervision_raised", "supervision_raised"]
    );
    let further = county.supervises("620821").raise_supervision(raise(&id, "r")).await;
    refused(further, Code::FailedPrecondition, "NO_STEP_ABOVE");
}

async fn an_answer_is_read_and_the_supervision_closed_with_a_finding(db: Db) {
    let county = County::start(db).await;
    let mut watch = county
        .supervises(TOWNSHIP)
        .watch_supervisions(WatchSupervisionsRequest::default())
        .await
        .unwrap()
        .into_inner();
    let id = opened(&county).await;
    let seen = watch.message().await.unwrap().unwrap().supervision.unwrap();
    assert_eq!(
        (seen.supervision_id.as_str(), seen.step()),
        (id.as_str(), SupervisionStep::Reminder)
    );
    assert_eq!(seen.organisation_id, team().to_string(), "the assignee answers");

    let other = county.answers(&desk()).answer_supervision(answer(&id, "o")).await;
    refused(other, Code::NotFound, "NO_SUCH_SUPERVISION");
    let mut supervised = county.answers(&team());
    supervised.answer_supervision(answer(&id, "a")).await.unwrap();
    let again = supervised.answer_supervision(answer(&id, "b")).await;
    refused(again, Code::FailedPrecondition, "SUPERVISION_ANSWERED");
    let answered = county.supervision(&id).await;
    assert!(answered.supervision.unwrap().answered);
    assert_eq!(answered.timeline[1].text, "配件未到，周五前完成");

    // The office above is not content; and in the end it is.
    let mut centre = county.supervises("620821");
    centre.raise_supervision(raise(&id, "r")).await.unwrap();
    centre.close_supervision(close(&id, "c")).await.unwrap();
    let closed = county.stands(&id).await;
    assert_eq!((closed.closed, closed.finding()), (true, SupervisionFinding::Remedied));
    let late = supervised.answer_supervision(answer(&id, "l")).await;
    refused(late, Code::FailedPrecondition, "SUPERVISION_CLOSED");
    let open = ListSupervisionsRequest { open: true, ..ListSupervisionsRequest::default() };
    let listed = centre.list_supervisions(open).await.unwrap().into_inner();
    assert!(listed.supervisions.is_empty());
    let all = ListSupervisionsRequest {
        matter_id: closed.matter_id,
        ..ListSupervisionsRequest::default()
    };
    assert_eq!(centre.list_supervisions(all).await.unwrap().into_inner().supervisions.len(), 1);
}

async fn what_lies_elsewhere_is_not_supervised(db: Db) {
    let county = County::start(db).await;
    let id = opened(&county).await;
    let matter = county.stands(&id).await.matter_id;
    let mut elsewhere = county.supervises(OTHER_TOWNSHIP);
    let denied = Code::PermissionDenied;
    for order in [matter.as_str(), "620821101203-nothing"] {
        let asked = elsewhere.supervise_work_order(supervise(order)).await;
        refused(asked, denied, "OUT_OF_SCOPE");
    }
    for id in [id.as_str(), "620821101203-nothing"] {
        let get = GetSupervisionRequest { supervision_id: id.to_owned(), min_position: None };
        refused(elsewhere.get_supervision(get).await, denied, "OUT_OF_SCOPE");
        refused(elsewhere.raise_supervision(raise(id, "r")).await, denied, "OUT_OF_SCOPE");
        refused(elsewhere.close_supervision(close(id, "c")).await, denied, "OUT_OF_SCOPE");
    }
    let list = ListSupervisionsRequest::default();
    assert!(elsewhere.list_supervisions(list).await.unwrap().into_inner().supervisions.is_empty());
    let code = Code::InvalidArgument;
    let mut centre = county.supervises("620821");
    for wrong in [
        SuperviseWorkOrderRequest { origin: 0, ..supervise(&matter) },
        SuperviseWorkOrderRequest { explanation: " ".to_owned(), ..supervise(&matter) },
        SuperviseWorkOrderRequest { work_order_id: String::new(), ..supervise(&matter) },
        SuperviseWorkOrderRequest { organisation_id: "x".to_owned(), ..supervise(&matter) },
    ] {
        refused(centre.supervise_work_order(wrong).await, code, "BadRequest");
    }
}
