//! Which records and photos an event names, and about whom.

use contracts::{
    access::PersonEvent,
    dispatch::WorkOrderEvent,
    intake::{CaseEvent, CaseJoined, CaseReported, Channel},
    points::{Giver, LedgerEvent, ReversalCause},
    privacy::Holder,
};
use kernel::{
    StoredEvent as _,
    id::{MediaId, RecordId},
};

use super::{Event, PersonalRecordRow};

/// A row to be, under its key.
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) row: PersonalRecordRow,
}

pub(super) fn of(event: &Event) -> Vec<Entry> {
    match event {
        Event::Case(event) => of_case(event),
        Event::Order(event) => of_order(event),
        Event::Person(event) => of_person(event),
        Event::Ledger(event) => of_ledger(event),
        Event::Retention(_) => Vec::new(),
    }
}

/// What all rows of an event have in common.
struct Common {
    row: PersonalRecordRow,
}

impl Common {
    fn new(holder: Holder, at: i64) -> Self {
        let (holder, empty) = (holder.to_string(), String::new);
        Self {
            row: PersonalRecordRow {
                person: empty(),
                case_id: empty(),
                order_id: empty(),
                holder,
                kind: empty(),
                detail: empty(),
                at,
                open: 0,
                closed_at: 0,
            },
        }
    }

    fn text(&self, kind: &str, record: Option<&RecordId>) -> Option<Entry> {
        record.map(|record| self.entry(record.to_string(), kind))
    }

    fn photos(&self, photos: &[MediaId]) -> impl Iterator<Item = Entry> {
        let media = Holder::Media.to_string();
        photos.iter().map(move |photo| {
            let mut entry = self.entry(photo.to_string(), "photo");
            entry.row.holder.clone_from(&media);
            entry
        })
    }

    fn entry(&self, key: String, kind: &str) -> Entry {
        Entry { key, row: PersonalRecordRow { kind: kind.to_owned(), ..self.row.clone() } }
    }
}

fn of_case(event: &CaseEvent) -> Vec<Entry> {
    let mut common = Common::new(Holder::Intake, event.occurred_at().0);
    match event {
        CaseEvent::CaseReported(event) => reported(common, event),
        CaseEvent::InformationAdded(event) => {
            common.row.case_id = event.case.to_string();
            let text = common.text("information", Some(&event.text));
            text.into_iter().chain(common.photos(&event.photos)).collect()
        }
        CaseEvent::CaseRefused(event) => {
            common.row.case_id = event.case.to_string();
            common.row.detail = event.reason.to_string();
            common.text("refusal", event.explanation.as_ref()).into_iter().collect()
        }
        CaseEvent::CaseRated(event) => {
            common.row.case_id = event.case.to_string();
            common.row.detail = event.satisfaction.to_string();
            // A rating without words is the person's all the same.
            let key = format!("{}@{}", event.case, event.occurred_at.0);
            let rating = common.entry(key, "rating");
            let text = common.text("rating_comment", event.comment.as_ref());
            [Some(rating), text].into_iter().flatten().collect()
        }
        CaseEvent::CaseReopened(event) => {
            common.row.case_id = event.case.to_string();
            common.text("reopening", event.reason.as_ref()).into_iter().collect()
        }
        CaseEvent::CaseJoined(event) => joined(common, event),
        CaseEvent::CaseMerged(event) => {
            common.row.case_id = event.case.to_string();
            common.text("merging", event.reason.as_ref()).into_iter().collect()
        }
        CaseEvent::CaseUnmerged(event) => {
            common.row.case_id = event.case.to_string();
            common.text("merging", event.reason.as_ref()).into_iter().collect()
        }
        CaseEvent::CaseTransferred(event) => {
            common.row.case_id = event.case.to_string();
            common.text("transfer", event.reason.as_ref()).into_iter().collect()
        }
        CaseEvent::CaseWithdrawn(event) => {
            common.row.case_id = event.case.to_string();
            common.text("withdrawal", event.reason.as_ref()).into_iter().collect()
        }
        CaseEvent::InformationRequested(event) => {
            common.row.case_id = event.case.to_string();
            common.text("question", Some(&event.question)).into_iter().collect()
        }
        CaseEvent::CaseAnswered(event) => {
            common.row.case_id = event.case.to_string();
            common.text("answer", Some(&event.answer)).into_iter().collect()
        }
        CaseEvent::CaseHandledOnSite(event) => {
            common.row.case_id = event.case.to_string();
            let text = common.text("handling", event.text.as_ref()).into_iter();
            let before = common.photos(&event.photos_before);
            text.chain(before).chain(common.photos(&event.photos_after)).collect()
        }
        CaseEvent::SpotCheckConfirmed(event) => {
            common.row.case_id = event.case.to_string();
            common.text("verification", event.note.as_ref()).into_iter().collect()
        }
        CaseEvent::CaseCalledBack(event) => {
            common.row.case_id = event.case.to_string();
            common.text("call_back", event.note.as_ref()).into_iter().collect()
        }
        CaseEvent::CaseAccepted(_)
        | CaseEvent::CaseResolved(_)
        | CaseEvent::CaseArchived(_)
        | CaseEvent::CaseLapsed(_)
        | CaseEvent::ConfidentialitySet(_)
        | CaseEvent::SpotCheckDrawn(_)
        | CaseEvent::AlarmCounted(_) => Vec::new(),
    }
}

/// What a joiner wrote is theirs, not the first reporter's.
fn joined(mut common: Common, event: &CaseJoined) -> Vec<Entry> {
    common.row.person = event.joiner.to_string();
    let texts = [
        common.text("report", event.text.as_ref()),
        common.text("contact", event.contact.as_ref()),
    ];
    texts.into_iter().flatten().chain(common.photos(&event.photos)).collect()
}

fn reported(mut common: Common, event: &CaseReported) -> Vec<Entry> {
    let case = event.case.to_string();
    // What the desk or a portal takes down is about somebody who is known by the case alone.
    let by_others = event.by_staff || event.channel == Channel::Portal;
    let person = if by_others {
        // A transferred case's texts stay under the key of the first.
        event.texts_of.as_ref().map_or_else(|| case.clone(), ToString::to_string)
    } else {
        event.reporter.to_string()
    };
    let mut of_the_case = common.entry(case.clone(), "case");
    of_the_case.row.person = person;
    of_the_case.row.detail = event.category.to_string();
    of_the_case.row.open = 1;
    common.row.case_id = case;
    let texts = [
        common.text("report", event.text.as_ref()),
        common.text("contact", event.contact.as_ref()),
        common.text("form", event.form.as_ref().map(|form| &form.record)),
        common.text("reference", event.reference.as_ref()),
    ];
    let texts = texts.into_iter().flatten().chain(common.photos(&event.photos));
    std::iter::once(of_the_case).chain(texts).collect()
}

/// What was typed beside an order's straight line.
fn texts_of(common: &Common, event: &WorkOrderEvent) -> Vec<Entry> {
    let records = event.records().into_iter();
    records.filter_map(|record| common.text("work_order", Some(record))).collect()
}

fn of_order(event: &WorkOrderEvent) -> Vec<Entry> {
    use WorkOrderEvent as E;
    let mut common = Common::new(Holder::Dispatch, event.occurred_at().0);
    match event {
        E::WorkOrderCreated(event) => {
            common.row.case_id = event.case.to_string();
            common.row.detail = event.work_order.to_string();
            // The order of a case may have the case's own key.
            let order = common.entry(format!("order:{}", event.work_order), "order");
            common.row.order_id = event.work_order.to_string();
            let text = common.text("instruction", event.instruction.as_ref());
            std::iter::once(order).chain(text).collect()
        }
        E::WorkOrderReturned(event) => {
            common.row.order_id = event.work_order.to_string();
            let basis = common.text("return", event.basis.as_ref());
            common.text("return", event.explanation.as_ref()).into_iter().chain(basis).collect()
        }
        E::FeedbackSubmitted(event) => {
            common.row.order_id = event.work_order.to_string();
            let alone = common.text("feedback", event.without_assistance.as_ref());
            let text = common.text("feedback", event.text.as_ref()).into_iter().chain(alone);
            let before = common.photos(&event.photos_before);
            text.chain(before).chain(common.photos(&event.photos_after)).collect()
        }
        E::AssistanceSubmitted(event) => {
            common.row.order_id = event.work_order.to_string();
            let text = common.text("assistance", event.text.as_ref()).into_iter();
            text.chain(common.photos(&event.photos)).collect()
        }
        E::WorkOrderVerified(event) => {
            common.row.order_id = event.work_order.to_string();
            common.text("verification", event.text.as_ref()).into_iter().collect()
        }
        E::WorkOrderSentBack(event) => {
            common.row.order_id = event.work_order.to_string();
            common.text("verification", event.text.as_ref()).into_iter().collect()
        }
        E::WorkOrderRouted(_)
        | E::WorkOrderAccepted(_)
        | E::WorkOrderClosed(_)
        | E::WorkOrderOverdue(_)
        | E::WorkOrderAtRisk(_)
        | E::DeadlineReplanned(_)
        | E::WorkOrderArrived(_)
        | E::ReturnUpheld(_)
        | E::ReturnRejected(_)
        | E::ExtensionRequested(_)
        | E::ExtensionGranted(_)
        | E::ExtensionRefused(_)
        | E::SuspensionRequested(_)
        | E::SuspensionRefused(_)
        | E::WorkOrderSuspended(_)
        | E::WorkOrderResumed(_)
        | E::WorkOrderEscalated(_)
        | E::WorkOrderReminded(_)
        | E::WorkOrderAssisted(_)
        | E::WorkOrderSplit(_)
        | E::ChildWorkOrderEnded(_)
        | E::WorkOrderWithdrawn(_)
        | E::WorkOrderReinstated(_)
        | E::WorkOrderCalledBack(_) => {
            common.row.order_id = event.work_order().to_string();
            texts_of(&common, event)
        }
    }
}

fn of_person(event: &PersonEvent) -> Vec<Entry> {
    let mut common = Common::new(Holder::Access, event.occurred_at().0);
    match event {
        PersonEvent::PersonRegistered(event) => {
            common.row.person = event.person.to_string();
            common.text("profile", event.profile.as_ref()).into_iter().collect()
        }
        PersonEvent::RoleAssigned(_) | PersonEvent::RoleRevoked(_) => Vec::new(),
    }
}

fn of_ledger(event: &LedgerEvent) -> Vec<Entry> {
    let mut common = Common::new(Holder::Points, event.occurred_at().0);
    let (person, award, reason) = match event {
        LedgerEvent::PointsAwarded(event) => {
            let reason = match &event.given_by {
                Giver::Person { reason, .. } => Some(reason),
                Giver::Rule { .. } => None,
            };
            (&event.person, &event.award, reason)
        }
        LedgerEvent::AwardReversed(event) => {
            let reason = match &event.cause {
                ReversalCause::Person { reason, .. } => Some(reason),
                ReversalCause::Reopened => None,
            };
            (&event.person, &event.award, reason)
        }
        LedgerEvent::ProgrammeCreated(_) | LedgerEvent::RuleSet(_) => return Vec::new(),
    };
    common.row.person = person.to_string();
    let amount: i64 =
        event.legs().iter().filter(|leg| is_of(leg, person)).map(|leg| leg.amount).sum();
    common.row.detail = amount.to_string();
    let entry = common.entry(format!("{award}@{}", event.occurred_at().0), "points");
    let reason = common.text("points_reason", reason);
    std::iter::once(entry).chain(reason).collect()
}

fn is_of(leg: &contracts::points::Leg, person: &kernel::id::PersonId) -> bool {
    matches!(&leg.account, contracts::points::Account::Resident(of) if of == person)
}
