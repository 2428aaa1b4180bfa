//! What a row becomes by an event.

use contracts::{
    dispatch::{DeadlineKind, OriginKind, WorkOrderCreated, WorkOrderEvent, WorkOrderRouted},
    intake::{ArchiveReason, CaseAccepted, CaseEvent, CaseRated, CaseReported, Satisfaction},
};
use kernel::{DecodeError, Division, StoredEvent as _, id::CaseId};
use platform::{
    log::Recorded,
    projection::{
        Projection,
        tally::{Tallies, Tally},
    },
};

use super::{Event, FigureRow, Figures, Stage, day_of, sums};

impl Projection for Figures {
    type Row = FigureRow;
    type Event = Event;

    const TALLIES: Option<Tallies> = Some(sums::TALLIES);

    fn read(&self, event: &Recorded) -> Result<Option<Event>, DecodeError> {
        Ok(match event.category() {
            CaseEvent::CATEGORY => {
                Some(Event::Case(CaseEvent::decode(&event.ce_type, &event.payload)?))
            }
            WorkOrderEvent::CATEGORY => {
                Some(Event::Order(WorkOrderEvent::decode(&event.ce_type, &event.payload)?))
            }
            _ => None,
        })
    }

    fn keys(&self, event: &Event) -> Vec<String> {
        match event {
            Event::Case(event) => vec![case_of(event).to_string()],
            Event::Order(WorkOrderEvent::WorkOrderCreated(created)) if serves_its_case(created) => {
                vec![created.work_order.to_string(), created.case.to_string()]
            }
            Event::Order(_) => Vec::new(),
        }
    }

    fn guide(&self, event: &Event) -> Option<String> {
        match event {
            Event::Case(_) | Event::Order(WorkOrderEvent::WorkOrderCreated(_)) => None,
            Event::Order(event) => Some(event.work_order().to_string()),
        }
    }

    fn guided(&self, _event: &Event, guide: &FigureRow) -> Vec<String> {
        vec![guide.case_id.clone()]
    }

    fn fold(
        &self,
        key: &str,
        row: Option<FigureRow>,
        event: &Event,
        _recorded: &Recorded,
    ) -> Option<FigureRow> {
        let mut row = match (row, event) {
            (None, Event::Case(CaseEvent::CaseReported(reported))) => {
                FigureRow::of_report(reported)
            }
            // Intake accepts what was reported; a log that begins later begins with this.
            (None, Event::Case(CaseEvent::CaseAccepted(accepted))) => {
                FigureRow::of_acceptance(accepted)
            }
            (None, Event::Order(WorkOrderEvent::WorkOrderCreated(created)))
                if key == created.work_order.to_string() =>
            {
                return Some(FigureRow::guide(created));
            }
            (row, _) => row?,
        };
        match event {
            Event::Case(event) => row.after_case(event),
            Event::Order(event) if row.is_served_by(event) => row.after_order(event),
            Event::Order(_) => {}
        }
        row.settle();
        Some(row)
    }

    fn tallies(
        &self,
        before: Option<&FigureRow>,
        now: Option<&FigureRow>,
        event: &Event,
    ) -> Vec<Tally> {
        sums::of(before, now, event.at())
    }
}

impl Event {
    /// When it happened.
    fn at(&self) -> i64 {
        match self {
            Self::Case(event) => event.occurred_at().0,
            Self::Order(event) => event.occurred_at().0,
        }
    }
}

fn case_of(event: &CaseEvent) -> &CaseId {
    use CaseEvent as E;
    match event {
        E::CaseReported(event) => &event.case,
        E::InformationAdded(event) => &event.case,
        E::CaseAccepted(event) => &event.case,
        E::CaseRefused(event) => &event.case,
        E::CaseResolved(event) => &event.case,
        E::CaseRated(event) => &event.case,
        E::CaseReopened(event) => &event.case,
        E::CaseArchived(event) => &event.case,
        E::CaseJoined(event) => &event.case,
        E::CaseMerged(event) => &event.case,
        E::CaseUnmerged(event) => &event.case,
        E::CaseTransferred(event) => &event.case,
        E::CaseWithdrawn(event) => &event.case,
        E::InformationRequested(event) => &event.case,
        E::CaseLapsed(event) => &event.case,
        E::CaseAnswered(event) => &event.case,
        E::ConfidentialitySet(event) => &event.case,
        E::CaseHandledOnSite(event) => &event.case,
        E::SpotCheckDrawn(event) => &event.case,
        E::SpotCheckConfirmed(event) => &event.case,
        E::CaseCalledBack(event) => &event.case,
        E::AlarmCounted(event) => &event.case,
    }
}

/// A part of an order, and what was made for something else, is not the order of its case.
fn serves_its_case(created: &WorkOrderCreated) -> bool {
    let for_case = created.origin.as_ref().is_none_or(|origin| origin.kind == OriginKind::Case);
    for_case && created.parent.is_none()
}

fn shown<T: ToString>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

impl FigureRow {
    fn of_report(reported: &CaseReported) -> Self {
        let channel = reported.channel.to_string();
        Self { channel, ..Self::new(reported.occurred_at.0) }
            .placed(reported.place.division)
            .of_category(&reported.category.to_string())
    }

    fn of_acceptance(accepted: &CaseAccepted) -> Self {
        Self::new(accepted.first_reported_at.0)
    }

    fn guide(created: &WorkOrderCreated) -> Self {
        Self { case_id: created.case.to_string(), reported: 0, open: 0, ..Self::new(0) }
    }

    fn new(reported_at: i64) -> Self {
        Self {
            case_id: String::new(),
            order_id: String::new(),
            county: String::new(),
            township: String::new(),
            village: String::new(),
            category: String::new(),
            channel: String::new(),
            org: String::new(),
            assignee: String::new(),
            reported_day: day_of(reported_at),
            reported_at,
            accepted_at: 0,
            stage: Stage::Reported.as_str().to_owned(),
            since: reported_at,
            paused: String::new(),
            held: String::new(),
            routings: 0,
            rerouted: 0,
            with_member: 0,
            late: 0,
            rung: 0,
            reported: 1,
            accepted: 0,
            refused: 0,
            answered: 0,
            on_site: 0,
            ended: 0,
            routed: 0,
            closed: 0,
            on_time: 0,
            first_assigned: 0,
            returned: 0,
            closed_once: 0,
            reopened: 0,
            rated: 0,
            contacted: 0,
            solved: 0,
            satisfied: 0,
            unrated: 0,
            in_grid: 0,
            open: 1,
            at_risk: 0,
            overdue: 0,
            handling_ms: 0,
            within_4h: 0,
            within_1d: 0,
            within_3d: 0,
            within_7d: 0,
            within_15d: 0,
            within_30d: 0,
        }
    }

    fn placed(mut self, division: Division) -> Self {
        self.stands_in(division);
        self
    }

    fn of_category(mut self, category: &str) -> Self {
        category.clone_into(&mut self.category);
        self
    }

    fn stands_in(&mut self, division: Division) {
        self.county = shown(division.county());
        self.township = shown(division.township());
        self.village = shown(division.village());
    }

    /// Where it stands; nowhere is no stage of an open case.
    fn is_open(&self) -> bool {
        Stage::of(&self.stage).is_some_and(Stage::is_open)
    }

    fn goes(&mut self, stage: Stage, at: i64) {
        if self.stage != stage.as_str() {
            stage.as_str().clone_into(&mut self.stage);
            self.since = at;
        }
    }

    /// Ends without being handled.
    fn ends(&mut self, stage: Stage, at: i64) {
        self.ended = 1;
        self.goes(stage, at);
    }

    /// To where it stood before it was held.
    fn goes_back(&mut self, at: i64) {
        if let Some(stage) = Stage::of(&std::mem::take(&mut self.held)) {
            self.goes(stage, at);
        }
    }

    /// An order that was followed by another concerns the case no more.
    fn is_served_by(&self, event: &WorkOrderEvent) -> bool {
        matches!(event, WorkOrderEvent::WorkOrderCreated(_))
            || self.order_id == event.work_order().to_string()
    }

    fn after_case(&mut self, event: &CaseEvent) {
        use CaseEvent as E;
        let at = event.occurred_at().0;
        match event {
            E::CaseReported(_)
            | E::InformationAdded(_)
            | E::CaseJoined(_)
            | E::InformationRequested(_)
            | E::ConfidentialitySet(_)
            | E::SpotCheckDrawn(_)
            | E::SpotCheckConfirmed(_)
            | E::CaseCalledBack(_)
            | E::AlarmCounted(_) => {}
            E::CaseMerged(_) => {
                self.held.clone_from(&self.stage);
                self.ends(Stage::Merged, at);
            }
            E::CaseUnmerged(_) => {
                self.ended = 0;
                self.goes_back(at);
            }
            E::CaseTransferred(_) => self.ends(Stage::Transferred, at),
            E::CaseWithdrawn(_) => self.ends(Stage::Withdrawn, at),
            E::CaseLapsed(_) => self.ends(Stage::Lapsed, at),
            E::CaseAnswered(_) => {
                self.answered = 1;
                self.closed_once = 1;
                self.goes(Stage::Answered, at);
            }
            E::CaseHandledOnSite(_) => {
                self.on_site = 1;
                self.closed_once = 1;
                self.goes(Stage::OnSite, at);
            }
            E::CaseAccepted(accepted) => {
                self.stands_in(accepted.division);
                self.category = accepted.category.to_string();
                self.accepted = 1;
                self.accepted_at = at;
                self.goes(Stage::Accepted, at);
            }
            E::CaseRefused(_) => {
                self.refused = 1;
                self.goes(Stage::Refused, at);
            }
            E::CaseResolved(_) => self.is_done(at),
            // Those who joined rate for themselves; the case is rated by who reported it.
            E::CaseRated(rated) if rated.joiner.is_some() => {}
            E::CaseRated(rated) => self.is_rated(rated),
            E::CaseReopened(_) => {
                self.reopened = 1;
                self.closed = 0;
                self.answered = 0;
                self.on_site = 0;
                self.handling_ms = 0;
                self.is_judged_anew();
                self.goes(Stage::Reopened, at);
            }
            E::CaseArchived(archived) => {
                let unrated = archived.reason == ArchiveReason::Unrated && self.rated == 0;
                self.unrated = i64::from(unrated);
                self.goes(Stage::Archived, at);
            }
        }
    }

    fn after_order(&mut self, event: &WorkOrderEvent) {
        use WorkOrderEvent as E;
        // What happens to an order when its case is over changes nothing of the case.
        if !self.is_open() {
            return;
        }
        let at = event.occurred_at().0;
        match event {
            E::WorkOrderCreated(created) => {
                self.order_id = created.work_order.to_string();
                self.routings = 0;
                self.rung = 0;
                self.at_risk = 0;
            }
            E::WorkOrderRouted(routed) => self.is_routed(routed, at),
            E::WorkOrderAccepted(_) | E::WorkOrderSentBack(_) => self.goes(Stage::Handling, at),
            E::WorkOrderReturned(_) => {
                self.returned = 1;
                self.goes(Stage::Returned, at);
            }
            E::ReturnRejected(rejected) => {
                let accepted = rejected.acceptor.is_some();
                self.goes(if accepted { Stage::Handling } else { Stage::Routed }, at);
            }
            E::WorkOrderSuspended(_) => {
                self.paused.clone_from(&self.stage);
                self.goes(Stage::Suspended, at);
            }
            E::WorkOrderResumed(_) => {
                if let Some(stage) = Stage::of(&std::mem::take(&mut self.paused)) {
                    self.goes(stage, at);
                }
            }
            // Its case goes on, with nobody who handles it.
            E::WorkOrderWithdrawn(_) => {
                self.held.clone_from(&self.stage);
                self.goes(Stage::Accepted, at);
            }
            E::WorkOrderReinstated(_) => self.goes_back(at),
            E::WorkOrderAtRisk(_) => self.at_risk = 1,
            // The clocks ring by themselves, at other times now.
            E::DeadlineReplanned(_)
            | E::WorkOrderArrived(_)
            | E::ReturnUpheld(_)
            | E::ExtensionRequested(_)
            | E::ExtensionGranted(_)
            | E::ExtensionRefused(_)
            | E::SuspensionRequested(_)
            | E::SuspensionRefused(_)
            | E::WorkOrderEscalated(_)
            | E::WorkOrderReminded(_)
            | E::WorkOrderAssisted(_)
            | E::AssistanceSubmitted(_)
            | E::WorkOrderSplit(_)
            | E::ChildWorkOrderEnded(_)
            | E::WorkOrderCalledBack(_) => {}
            E::FeedbackSubmitted(_) => self.goes(Stage::Handled, at),
            E::WorkOrderVerified(_) => self.goes(Stage::Verified, at),
            E::WorkOrderClosed(_) => self.is_done(at),
            E::WorkOrderOverdue(overdue) => {
                self.rung = 1;
                match overdue.deadline {
                    DeadlineKind::Acceptance => {}
                    DeadlineKind::Handling | DeadlineKind::HandlingThreefold => self.late = 1,
                }
            }
        }
    }

    fn is_routed(&mut self, routed: &WorkOrderRouted, at: i64) {
        self.org = shown(routed.assignee.organisation.as_ref());
        self.assignee = shown(routed.assignee.person.as_ref());
        self.with_member = i64::from(self.org.is_empty() && !self.assignee.is_empty());
        self.routings += 1;
        if self.routings > 1 {
            self.rerouted = 1;
        }
        self.routed = 1;
        self.goes(Stage::Routed, at);
    }

    /// The order says so first, and the case after it.
    fn is_done(&mut self, at: i64) {
        if !self.is_open() {
            return;
        }
        self.closed = 1;
        self.closed_once = 1;
        let began = if self.accepted_at == 0 { self.reported_at } else { self.accepted_at };
        self.handling_ms = (at - began).max(0);
        self.goes(Stage::Closed, at);
    }

    fn is_rated(&mut self, rated: &CaseRated) {
        self.rated = 1;
        self.unrated = 0;
        self.contacted = i64::from(rated.contacted);
        self.solved = i64::from(rated.solved);
        self.satisfied = i64::from(match rated.satisfaction {
            Satisfaction::FairlySatisfied
            | Satisfaction::Satisfied
            | Satisfaction::VerySatisfied => true,
            Satisfaction::Dissatisfied | Satisfaction::VeryDissatisfied => false,
        });
    }

    /// A case that is taken up again is rated for its new round.
    fn is_judged_anew(&mut self) {
        self.rated = 0;
        self.contacted = 0;
        self.solved = 0;
        self.satisfied = 0;
        self.unrated = 0;
    }

    /// The figures that follow from others.
    fn settle(&mut self) {
        if !self.case_id.is_empty() {
            return;
        }
        let done = self.closed == 1;
        self.open = i64::from(self.is_open());
        self.on_time = i64::from(done && self.late == 0);
        self.first_assigned = i64::from(done && self.rerouted == 0 && self.routed == 1);
        self.in_grid = i64::from(self.on_site == 1 || (done && self.with_member == 1));
        self.overdue = i64::from(self.open == 1 && self.rung == 1);
        self.at_risk = i64::from(self.at_risk == 1 && self.open == 1 && self.rung == 0);
        let longest = [4, 24, 72, 168, 360, 720].map(|hours| hours * 3_600_000);
        let class = longest.iter().position(|limit| self.handling_ms <= *limit);
        let within = |place| i64::from(done && class == Some(place));
        self.within_4h = within(0);
        self.within_1d = within(1);
        self.within_3d = within(2);
        self.within_7d = within(3);
        self.within_15d = within(4);
        self.within_30d = within(5);
    }
}
