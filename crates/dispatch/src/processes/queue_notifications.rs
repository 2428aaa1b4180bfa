//! Whoever should know of a transition is told of it, once: the command's id follows from the event.
//! What happened before this process first ran is nobody's news any more.

use std::{collections::HashMap, time::Duration};

use contracts::{
    dispatch::{
        Assignee,
        notification::{NotificationChannel, Transition},
    },
    subject,
};
use kernel::{
    DecodeError, Division, Timestamp,
    id::{CaseId, CategoryCode, NotificationId, OrganisationId, PersonId, WorkOrderId},
};
use platform::{
    database::SqlError,
    executor::{Executor, Target},
    log::Recorded,
    process::{CarryOutError, Cause, Process, Start},
    projection::View,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{behind, database};
use crate::{
    domain::{
        notification::{
            Command, Outbox, Queue,
            letters::{Matter, letters},
            shipped,
        },
        work_order::WorkOrder,
    },
    facts::Facts,
    projections::{
        notification_cases::{self, NotificationCaseRow},
        notification_readers::NotificationReaderRow,
        notification_rules::{self, InForce, NotificationRulesRow},
    },
};

/// How long the tables may take to reach the event that is told.
const PATIENCE: Duration = Duration::from_secs(5);

/// The process.
pub struct QueueNotifications {
    /// The catalogue.
    pub facts: Facts,
    /// The orders.
    pub orders: Executor<WorkOrder>,
    /// The outboxes.
    pub outboxes: Executor<Outbox>,
    /// The rules.
    pub rules: View<NotificationRulesRow>,
    /// How people want to be told.
    pub readers: View<NotificationReaderRow>,
    /// Who reported what.
    pub cases: View<NotificationCaseRow>,
}

/// What is to be told, as far as the event says it. Of an event only this is read, by the names that
/// events share: one that is new here is told as soon as its name is a transition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    transition: Transition,
    case: Option<CaseId>,
    work_order: Option<WorkOrderId>,
    assignee: Option<Assignee>,
    category: Option<CategoryCode>,
    due: Option<Timestamp>,
    division: Option<Division>,
    assistants: Vec<OrganisationId>,
    convened: Vec<OrganisationId>,
    /// The matter's own id, where it is neither a case nor an order.
    convocation: Option<NotificationId>,
}

impl Told {
    fn of(transition: Transition, event: &Value) -> Self {
        Self {
            transition,
            case: field(event, "case"),
            work_order: field(event, "work_order"),
            assignee: field(event, "assignee"),
            category: field(event, "category"),
            due: field(event, "due").or_else(|| field(event, "answer_due")),
            division: field(event, "division"),
            assistants: field(event, "assistants").unwrap_or_default(),
            convened: field(event, "lead")
                .into_iter()
                .chain(field::<Vec<_>>(event, "assists").into_iter().flatten())
                .collect(),
            convocation: field(event, "convocation"),
        }
    }
}

/// Whether what a case comes to is said of those that were merged into it too, each in its own history:
/// then each event tells its own reporters alone, so that everybody hears of it once.
const fn comes_to_merged(transition: Transition) -> bool {
    matches!(
        transition,
        Transition::CaseRefused
            | Transition::CaseAnswered
            | Transition::CaseResolved
            | Transition::CaseLapsed
            | Transition::CaseArchived
    )
}

/// A field of an event, where it has one of this form.
fn field<T: DeserializeOwned>(event: &Value, name: &str) -> Option<T> {
    event.get(name).and_then(|value| T::deserialize(value).ok())
}

/// The transition that an event is, if anybody may be told of it.
fn transition(event: &Recorded) -> Option<Transition> {
    let mut parts = event.ce_type.split('.');
    let service = parts.nth(1)?;
    if !["intake", "dispatch"].contains(&service) {
        return None;
    }
    parts.next()?.parse().ok()
}

impl Process for QueueNotifications {
    const NAME: &'static str = "dispatch.queue_notifications";
    const START: Start = Start::Now;
    type Command = Told;

    fn react(&self, event: &Recorded) -> Result<Vec<Told>, DecodeError> {
        let Some(transition) = transition(event) else { return Ok(vec![]) };
        let event: Value = serde_json::from_slice(&event.payload).map_err(|error| {
            DecodeError::Payload { ce_type: event.ce_type.clone(), reason: error.to_string() }
        })?;
        Ok(vec![Told::of(transition, &event)])
    }

    async fn carry_out(&self, told: Told, cause: &Cause) -> Result<(), CarryOutError> {
        self.rules.wait(cause.sequence, PATIENCE).await.map_err(|error| behind(&error))?;
        self.cases.wait(cause.sequence, PATIENCE).await.map_err(|error| behind(&error))?;
        self.readers.wait(cause.sequence, PATIENCE).await.map_err(|error| behind(&error))?;
        let transition = told.transition;
        let Some((mut queue, matter)) = self.matter(told).await? else { return Ok(()) };
        let InForce { rule_version, routes, .. } = notification_rules::find(&self.rules, None)
            .unwrap_or_else(|| InForce { routes: shipped::routes(), ..InForce::default() });
        let ways = self.ways(&matter).await.map_err(|error| database(&error))?;
        let agreed = |person: &PersonId| ways.get(person).cloned().unwrap_or_default();
        queue.letters = letters(transition, &routes, &matter, agreed);
        // Nothing is written where nobody is told.
        if queue.letters.is_empty() {
            return Ok(());
        }
        queue.rule_version = rule_version;
        queue.cause = cause.sequence;
        let id = queue.notification.clone();
        let target =
            Target { subject: subject::notification(&id), id: id.to_string(), creates: false };
        let make = move |at| Command::QueueNotification(Box::new(Queue { at, ..queue.clone() }));
        self.outboxes.execute(target, cause.request(), make).await?;
        Ok(())
    }
}

impl QueueNotifications {
    /// The entry without its letters, and what is known of the matter; none where it is about nothing
    /// that has an outbox.
    async fn matter(&self, told: Told) -> Result<Option<(Queue, Matter)>, CarryOutError> {
        let Told { transition, mut case, work_order, mut category, mut due, .. } = told;
        let bodies = |ids: Vec<OrganisationId>| {
            let body = |id| Assignee { organisation: Some(id), person: None };
            ids.into_iter().map(body).collect()
        };
        let mut matter = Matter {
            assignee: told.assignee,
            division: told.division,
            assistants: bodies(told.assistants),
            convened: bodies(told.convened),
            ..Matter::default()
        };
        if let Some(id) = &work_order {
            let (state, _version) = self.orders.load(&subject::work_order(id)).await?;
            if let Some(order) = state.order {
                matter.assignee.get_or_insert(order.assignee);
                matter.division = Some(order.division);
                case.get_or_insert(order.case);
                category.get_or_insert(order.category);
                due.get_or_insert(order.due);
            }
        }
        if let Some(id) = &case {
            let reporters =
                notification_cases::reporters(&self.cases, id, !comes_to_merged(transition));
            let reporters = reporters.await;
            matter.reporters = reporters.map_err(|error| database(&error))?;
            let row = self.cases.get(&id.to_string()).await.map_err(|error| database(&error))?;
            if let Some(row) = row {
                matter.confidential = row.confidential != 0;
                matter.division = matter.division.or_else(|| row.division.parse().ok());
                category = category.or_else(|| row.category.parse().ok());
            }
        }
        // What is not in the catalogue is taken for confidential.
        let known = category.as_ref().and_then(|code| self.facts.category(code));
        matter.confidential |= known.is_none_or(|category| category.confidential);
        let outbox = work_order
            .as_ref()
            .map(|id| NotificationId::new(id.division(), id.key().clone()))
            .or_else(|| {
                case.as_ref().map(|id| NotificationId::new(id.division(), id.key().clone()))
            })
            .or(told.convocation);
        let Some(notification) = outbox else { return Ok(None) };
        let queue = Queue {
            at: Timestamp::default(),
            notification,
            transition,
            cause: 0,
            case,
            work_order,
            category,
            due,
            rule_version: 0,
            letters: Vec::new(),
        };
        Ok(Some((queue, matter)))
    }

    /// The ways by which each person of a matter agreed to be told.
    async fn ways(
        &self,
        matter: &Matter,
    ) -> Result<HashMap<PersonId, Vec<NotificationChannel>>, SqlError> {
        let bodies = matter.assignee.iter().chain(&matter.assistants).chain(&matter.convened);
        let persons = bodies.filter_map(|body| body.person.as_ref()).chain(&matter.reporters);
        let mut ways = HashMap::new();
        for person in persons {
            if let Some(reader) = self.readers.get(&person.to_string()).await? {
                ways.insert(person.clone(), reader.ways());
            }
        }
        Ok(ways)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_event_is_read_by_its_name_and_what_has_another_form_is_left_out() {
        let order = "620821101203-order";
        let assignee = json!({ "organisation": null, "person": "620821000000-member" });
        let routed = json!({ "work_order": order, "assignee": assignee, "rule": "desk" });
        let told = Told::of(Transition::WorkOrderRouted, &routed);
        assert_eq!(told.work_order, Some(order.parse().unwrap()));
        assert!(told.assignee.is_some() && told.case.is_none() && told.due.is_none());
        // An event of a newer program, in which something else has such a name.
        let odd = json!({ "work_order": order, "due": "soon", "category": 7, "assignee": [] });
        let told = Told::of(Transition::WorkOrderReminded, &odd);
        assert_eq!((told.due, told.category, told.assignee), (None, None, None));
        let called = json!({
            "convocation": "620821101000-w",
            "division": "620821101203",
            "lead": "620821000000-a",
            "assists": ["620821000000-b"],
        });
        let told = Told::of(Transition::DepartmentsConvened, &called);
        assert_eq!((told.convened.len(), told.convocation.is_some()), (2, true));
        let asked = json!({ "case": "620821101203-case", "answer_due": 5 });
        assert_eq!(Told::of(Transition::InformationRequested, &asked).due, Some(Timestamp(5)));
    }
}
