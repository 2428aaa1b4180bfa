//! What the tests stand on: events as the services would write them, and the public stream as it is.

use async_nats::jetstream::{self, consumer::pull};
use contracts::{
    dispatch::WorkOrderCreated,
    intake::{
        Admission, CaseAccepted, CaseArchived, CaseReported, CategoryDefined, CategoryKind,
        CategoryRules, Channel, Place, PlaceSource, Urgency,
    },
    subject,
};
use futures::StreamExt as _;
use kernel::{
    Timestamp,
    hash::Sha256,
    id::{CaseId, CategoryCode},
    limit::Limit,
};
use platform::nats_server::Account;
use testkit::{Db, Suite};

pub(crate) const LAMP: &str = "0101";
pub(crate) const QUARREL: &str = "0301";
pub(crate) const NOON: Timestamp = Timestamp(1_780_279_200_000);

/// The outlet alone, with a catalogue of an open and a confidential category.
pub(crate) async fn suite() -> Suite {
    let suite = Suite::start(vec![outlet::service()], Db::Sqlite).await;
    define(&suite, LAMP, false).await;
    define(&suite, QUARREL, true).await;
    suite
}

pub(crate) async fn define(suite: &Suite, code: &str, confidential: bool) {
    let code: CategoryCode = code.parse().unwrap();
    let id = subject::category_id(suite.county(), &code);
    let event = CategoryDefined {
        occurred_at: NOON,
        category: code,
        parent: None,
        rules: Some(CategoryRules {
            kind: CategoryKind::Component,
            handler: "d001".parse().unwrap(),
            limit: limit(),
            urgency: Urgency::Normal,
            admission: Admission::Grid,
            confidential,
            consent_needed: false,
            report_earns_points: false,
            details: contracts::intake::CategoryDetails::default(),
        }),
        catalogue_version: 1,
        document: "620821000000-secretdocument".parse().unwrap(),
        row: 1,
        until: None,
        successor: None,
    };
    suite
        .append(
            &subject::category(&id),
            &id.to_string(),
            &[contracts::intake::CategoryEvent::from(event)],
        )
        .await;
}

pub(crate) fn limit() -> Limit {
    serde_json::from_value(serde_json::json!({ "amount": 2, "unit": "working_days" })).unwrap()
}

/// The id of the case with this number in a village.
pub(crate) fn case_id(village: &str, number: u32) -> CaseId {
    format!("{village}-c{number}").parse().unwrap()
}

pub(crate) fn reported(case: &CaseId, category: &str) -> CaseReported {
    CaseReported {
        occurred_at: NOON,
        case: case.clone(),
        channel: Channel::QrPage,
        category: category.parse().unwrap(),
        catalogue_version: 1,
        urgency: Urgency::Normal,
        place: Place {
            source: PlaceSource::Division,
            division: case.division(),
            grid: None,
            position: None,
        },
        reporter: "620821000000-secretreporter".parse().unwrap(),
        by_staff: false,
        text: Some("620821000000-secrettext".parse().unwrap()),
        photos: vec!["620821000000-secretphoto".parse().unwrap()],
        contact: None,
        tracking: Sha256([7; 32]),
        first_reported_at: NOON,
        form: None,
        confidential: false,
        predecessor: None,
        texts_of: None,
        entered_by: None,
        reference: None,
    }
}

pub(crate) fn accepted(case: &CaseId, category: &str) -> CaseAccepted {
    CaseAccepted {
        occurred_at: NOON,
        case: case.clone(),
        accepted_by: contracts::intake::AcceptedBy::Rule,
        rule_version: None,
        category: category.parse().unwrap(),
        catalogue_version: 1,
        urgency: Urgency::Normal,
        division: case.division(),
        grid: None,
        reporter: "620821000000-secretreporter".parse().unwrap(),
        first_reported_at: NOON,
    }
}

pub(crate) fn archived(case: &CaseId) -> CaseArchived {
    CaseArchived {
        occurred_at: NOON,
        case: case.clone(),
        reason: contracts::intake::ArchiveReason::Unrated,
    }
}

pub(crate) fn ordered(case: &CaseId, category: &str) -> WorkOrderCreated {
    WorkOrderCreated {
        occurred_at: NOON,
        work_order: format!("{}-o1", case.division().padded()).parse().unwrap(),
        case: case.clone(),
        category: category.parse().unwrap(),
        catalogue_version: 1,
        urgency: Urgency::Normal,
        division: case.division(),
        grid: None,
        reporter: "620821000000-secretreporter".parse().unwrap(),
        limit: limit(),
        accept_due: NOON,
        due: NOON,
        calendar_version: 1,
        round: 1,
        origin: None,
        parent: None,
        instruction: None,
        at_risk: None,
        threefold_due: None,
    }
}

/// Reports `count` cases in a village, from a number on.
pub(crate) async fn report(suite: &Suite, village: &str, from: u32, count: u32) {
    for number in from..from + count {
        let case = case_id(village, number);
        let event = contracts::intake::CaseEvent::from(reported(&case, LAMP));
        suite.append(&subject::case(&case), &case.to_string(), &[event]).await;
    }
}

/// A message of the public stream.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) subject: String,
    pub(crate) headers: async_nats::HeaderMap,
    pub(crate) body: String,
}

impl Told {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", async_nats::HeaderValue::as_str)
    }

    /// Its last token.
    pub(crate) fn name(&self) -> &str {
        self.subject.rsplit('.').next().unwrap()
    }

    pub(crate) fn position(&self) -> u64 {
        self.header("weft-position").parse().unwrap()
    }
}

/// The account of the public stream.
pub(crate) async fn out(suite: &Suite) -> jetstream::Context {
    jetstream::new(suite.nats().client(Account::Out).await)
}

/// Everything that the public stream has.
pub(crate) async fn told(suite: &Suite) -> Vec<Told> {
    let context = out(suite).await;
    let mut stream = context.get_stream("WEFT_PUBLIC_620821").await.unwrap();
    let count = usize::try_from(stream.info().await.unwrap().state.messages).unwrap();
    let consumer = stream.create_consumer(pull::Config::default()).await.unwrap();
    let messages = consumer.messages().await.unwrap().take(count);
    messages
        .map(|message| {
            let message = message.unwrap().message;
            Told {
                subject: message.subject.to_string(),
                headers: message.headers.unwrap_or_default(),
                body: String::from_utf8(message.payload.to_vec()).unwrap(),
            }
        })
        .collect()
        .await
}

/// In the order of the log, and each once.
pub(crate) fn assert_once_and_in_order(told: &[Told]) {
    for pair in told.windows(2) {
        assert!(
            pair[0].position() < pair[1].position(),
            "{} comes before {}",
            pair[0].position(),
            pair[1].position()
        );
    }
}
