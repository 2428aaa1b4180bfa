//! How cases and their histories are answered, and who may read what was written in them.

use api::{common::v1::TimelineEntry, intake::v1 as proto};
use contracts::{intake::CaseEvent, subject};
use kernel::{
    StoredEvent as _,
    id::{CaseId, MediaId, RecordId},
};
use platform::{
    auth::{Principal, Role, Scope},
    grpc::ServiceError,
    log::Recorded,
};

use super::Intake;
use crate::projections::cases::CaseRow;

/// What a reader of a case may see beside its facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sight<'a> {
    /// What was written by anybody, and who did what: the desk that accepts it, and who handles it.
    All,
    /// The same, with the phones, card numbers and plates in it masked: staff who need to know the
    /// matter, and not whom it concerns.
    Masked,
    /// What they wrote themselves and what was written to them; not who of the staff did what.
    Own(&'a Principal),
    /// When it happened, and no more.
    Facts,
}

impl<'a> Sight<'a> {
    /// What this caller may see of a case that lies in their scope or that they reported.
    pub(super) fn of(
        caller: &'a Principal,
        row: &CaseRow,
        (confidential, handles): (bool, bool),
    ) -> Self {
        // A village's desk is neighbours of whom it concerns.
        let of_village = matches!(caller.scope, Scope::Division(of) if of.village().is_some());
        match caller.role {
            Role::GridMember | Role::DepartmentClerk if handles => Self::All,
            Role::Operator if !(confidential && of_village) => Self::All,
            Role::Supervisor if !(confidential && of_village) => Self::Masked,
            Role::GridMember | Role::DepartmentClerk | Role::Verifier if !confidential => {
                Self::Masked
            }
            _ if caller.person.to_string() == row.reporter => Self::Own(caller),
            Role::GridMember
            | Role::DepartmentClerk
            | Role::Verifier
            | Role::Operator
            | Role::Supervisor
            | Role::Resident
            | Role::Integrator
            | Role::Administrator
            | Role::SecurityAdministrator
            | Role::AuditAdministrator => Self::Facts,
        }
    }

    /// Whether what the reporter wrote may be read.
    pub(super) fn reads_report(self) -> bool {
        self != Self::Facts
    }

    /// A text as this reader may read it.
    pub(super) fn shows(self, text: String) -> String {
        match self {
            Self::Masked => kernel::mask::text(&text),
            Self::All | Self::Own(_) | Self::Facts => text,
        }
    }

    /// Whether the reader is told, masked, how the reporter can be reached.
    pub(super) fn knows_of_contact(self) -> bool {
        matches!(self, Self::All | Self::Masked)
    }

    fn reads(self, recorded: &Recorded, event: &CaseEvent) -> bool {
        match self {
            Self::All | Self::Masked => true,
            Self::Own(caller) => is_for_reporter(event) || recorded.meta.actor == caller.caller(),
            Self::Facts => false,
        }
    }

    fn knows_actor(self, recorded: &Recorded) -> bool {
        match self {
            Self::All | Self::Masked => true,
            Self::Own(caller) => recorded.meta.actor == caller.caller(),
            Self::Facts => false,
        }
    }
}

impl Intake {
    /// A case as lists answer it.
    pub(super) async fn case(&self, id: String, row: CaseRow) -> Result<proto::Case, ServiceError> {
        let category = self.categories.cached(|rows| rows.get(&row.category).cloned());
        let name = match category {
            Some(category) => self.documents.name(&category).await?,
            None => crate::catalogue::table::Names::default(),
        };
        let confidential = self.is_confidential_row(&row);
        let satisfaction = api::name(&row.satisfaction, "SATISFACTION_");
        Ok(proto::Case {
            case_id: id,
            status: status(&row.status).into(),
            channel: proto::Channel::from_str_name(&api::name(&row.channel, "CHANNEL_"))
                .unwrap_or_default()
                .into(),
            urgency: urgency(&row.urgency).into(),
            place_source: place_source(&row.place_source).into(),
            satisfaction: proto::Satisfaction::from_str_name(&satisfaction)
                .unwrap_or_default()
                .into(),
            category: row.category,
            division: row.division,
            grid: row.grid,
            reported_at: row.reported_at,
            first_reported_at: row.first_reported_at,
            updated_at: row.updated_at,
            version: u64::try_from(row.version).unwrap_or_default(),
            category_zh: name.zh,
            category_en: name.en,
            round: u32::try_from(row.round).unwrap_or_default(),
            confidential,
            joiners: u32::try_from(row.joiners).unwrap_or_default(),
            answer_due: row.answer_due.unwrap_or_default(),
            alarms: u32::try_from(row.alarms).unwrap_or_default(),
            spot_check: proto::SpotCheck::from_str_name(&api::name(&row.spot_check, "SPOT_CHECK_"))
                .unwrap_or_default()
                .into(),
        })
    }

    /// Whether only the desk and who handles this case may read what was written in it.
    pub(super) fn is_confidential_row(&self, row: &CaseRow) -> bool {
        row.confidential != 0 || self.is_confidential(&row.category)
    }

    /// A case's history from the log, with what the reader may see of it.
    pub(super) async fn timeline(
        &self,
        case: &CaseId,
        sight: Sight<'_>,
    ) -> Result<Vec<TimelineEntry>, ServiceError> {
        let history = self.context.log.load(&subject::case(case), 1).await?;
        let mut timeline = Vec::with_capacity(history.len());
        for recorded in history {
            let event = CaseEvent::decode(&recorded.ce_type, &recorded.payload)
                .map_err(ServiceError::corrupt)?;
            let reads = sight.reads(&recorded, &event);
            let text = match text_of(&event).filter(|_| reads) {
                Some(record) => {
                    sight.shows(self.context.vault.text(record).await?.unwrap_or_default())
                }
                None => String::new(),
            };
            let photos = if reads { photos_of(&event) } else { &[] };
            let before = if let CaseEvent::CaseHandledOnSite(event) = &event
                && reads
            {
                event.photos_before.as_slice()
            } else {
                &[]
            };
            let actor = recorded.meta.actor.as_str();
            let actor = if sight.knows_actor(&recorded) { actor } else { "" };
            timeline.push(TimelineEntry {
                event: recorded.ce_type.split('.').nth(2).unwrap_or_default().to_owned(),
                occurred_at: recorded.meta.occurred_at.0,
                actor: actor.strip_prefix("person:").unwrap_or(actor).to_owned(),
                sequence: recorded.meta.sequence,
                text,
                photos: photos.iter().map(ToString::to_string).collect(),
                photos_before: before.iter().map(ToString::to_string).collect(),
                data: data_of(sight, &recorded),
            });
        }
        Ok(timeline)
    }
}

/// What an event says, for the staff who handle the case; the mark of the reporter's code stays here.
fn data_of(sight: Sight<'_>, recorded: &Recorded) -> String {
    match (sight, serde_json::from_slice::<serde_json::Value>(&recorded.payload)) {
        (Sight::All | Sight::Masked, Ok(mut data)) => {
            if let Some(fields) = data.as_object_mut() {
                fields.remove("tracking");
                // A joiner's mark, with their rating.
                fields.remove("joiner");
            }
            data.to_string()
        }
        (Sight::All | Sight::Masked, Err(_)) | (Sight::Own(_) | Sight::Facts, _) => String::new(),
    }
}

/// The record of what was typed with an event.
fn text_of(event: &CaseEvent) -> Option<&RecordId> {
    match event {
        CaseEvent::CaseReported(event) => event.text.as_ref(),
        CaseEvent::InformationAdded(event) => Some(&event.text),
        CaseEvent::CaseRefused(event) => event.explanation.as_ref(),
        CaseEvent::CaseRated(event) => event.comment.as_ref(),
        CaseEvent::CaseReopened(event) => event.reason.as_ref(),
        CaseEvent::CaseJoined(event) => event.text.as_ref(),
        CaseEvent::CaseMerged(event) => event.reason.as_ref(),
        CaseEvent::CaseUnmerged(event) => event.reason.as_ref(),
        CaseEvent::CaseTransferred(event) => event.reason.as_ref(),
        CaseEvent::CaseWithdrawn(event) => event.reason.as_ref(),
        CaseEvent::InformationRequested(event) => Some(&event.question),
        CaseEvent::CaseAnswered(event) => Some(&event.answer),
        CaseEvent::CaseHandledOnSite(event) => event.text.as_ref(),
        CaseEvent::SpotCheckConfirmed(event) => event.note.as_ref(),
        CaseEvent::CaseCalledBack(event) => event.note.as_ref(),
        CaseEvent::CaseAccepted(_)
        | CaseEvent::CaseResolved(_)
        | CaseEvent::CaseArchived(_)
        | CaseEvent::CaseLapsed(_)
        | CaseEvent::ConfidentialitySet(_)
        | CaseEvent::SpotCheckDrawn(_)
        | CaseEvent::AlarmCounted(_) => None,
    }
}

/// Whether what was written with an event was written to the reporter.
fn is_for_reporter(event: &CaseEvent) -> bool {
    matches!(
        event,
        CaseEvent::CaseRefused(_)
            | CaseEvent::InformationRequested(_)
            | CaseEvent::CaseAnswered(_)
            | CaseEvent::CaseTransferred(_)
    )
}

/// The photos that came with an event.
fn photos_of(event: &CaseEvent) -> &[MediaId] {
    match event {
        CaseEvent::CaseReported(event) => &event.photos,
        CaseEvent::InformationAdded(event) => &event.photos,
        CaseEvent::CaseJoined(event) => &event.photos,
        CaseEvent::CaseHandledOnSite(event) => &event.photos_after,
        CaseEvent::CaseAccepted(_)
        | CaseEvent::CaseRefused(_)
        | CaseEvent::CaseResolved(_)
        | CaseEvent::CaseRated(_)
        | CaseEvent::CaseReopened(_)
        | CaseEvent::CaseArchived(_)
        | CaseEvent::CaseMerged(_)
        | CaseEvent::CaseUnmerged(_)
        | CaseEvent::CaseTransferred(_)
        | CaseEvent::CaseWithdrawn(_)
        | CaseEvent::InformationRequested(_)
        | CaseEvent::CaseLapsed(_)
        | CaseEvent::CaseAnswered(_)
        | CaseEvent::ConfidentialitySet(_)
        | CaseEvent::SpotCheckDrawn(_)
        | CaseEvent::SpotCheckConfirmed(_)
        | CaseEvent::CaseCalledBack(_)
        | CaseEvent::AlarmCounted(_) => &[],
    }
}

/// The proto value of a status.
pub(super) fn status(word: &str) -> proto::CaseStatus {
    proto::CaseStatus::from_str_name(&api::name(&word, "CASE_STATUS_")).unwrap_or_default()
}

/// The proto value of a contract's urgency.
pub(super) fn urgency(word: &str) -> proto::Urgency {
    proto::Urgency::from_str_name(&api::name(&word, "URGENCY_")).unwrap_or_default()
}

/// The proto value of a contract's place source.
pub(super) fn place_source(word: &str) -> proto::PlaceSource {
    proto::PlaceSource::from_str_name(&api::name(&word, "PLACE_SOURCE_")).unwrap_or_default()
}
