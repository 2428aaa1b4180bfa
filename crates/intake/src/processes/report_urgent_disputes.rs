//! `intake.report_urgent_disputes`: a sign of violence in a mediation becomes an urgent case at once,
//! in the same place, reported by the member of staff who saw it.

use std::{sync::Arc, time::Duration};

use contracts::{
    dispatch::mediation::{MediationEvent, MediationTurnedUrgent},
    intake::{CaseReported, Channel, Place, PlaceSource},
    subject,
};
use kernel::{DecodeError, StoredEvent as _, Timestamp, id::CaseId};
use platform::{
    executor::{Executor, Target},
    log::Recorded,
    process::{CarryOutError, Cause, Process, Start},
    projection::View,
};

use crate::{
    domain::case::{Case, Command},
    projections::categories::{CategoryRow, catalogue_version},
    tracking::TrackingCode,
};

/// The type of the event, of any version.
const TURNED_URGENT: &str = "weft.dispatch.mediation_turned_urgent.v";

/// How long the catalogue may take to reach what the mediation was under.
const CATALOGUE_WAIT: Duration = Duration::from_secs(5);

/// The process.
pub struct ReportUrgentDisputes {
    /// Executes on cases.
    pub cases: Executor<Case>,
    /// The catalogue.
    pub categories: View<CategoryRow>,
    /// The secret from which tracking codes are derived.
    pub tracking_secret: Arc<[u8; 32]>,
}

impl Process for ReportUrgentDisputes {
    const NAME: &'static str = "intake.report_urgent_disputes";
    const START: Start = Start::Beginning;
    type Command = MediationTurnedUrgent;

    fn react(&self, event: &Recorded) -> Result<Vec<MediationTurnedUrgent>, DecodeError> {
        if !event.ce_type.starts_with(TURNED_URGENT) {
            return Ok(vec![]);
        }
        let event = MediationEvent::decode(&event.ce_type, &event.payload)?;
        Ok(match event {
            MediationEvent::MediationTurnedUrgent(turned) => vec![turned],
            MediationEvent::MediationOpened(_)
            | MediationEvent::PartyConsented(_)
            | MediationEvent::PartyConsentWithdrawn(_)
            | MediationEvent::MediationSessionHeld(_)
            | MediationEvent::MediationRaised(_)
            | MediationEvent::MediationAssessed(_)
            | MediationEvent::MediationConcluded(_)
            | MediationEvent::MediationFollowUpDue(_)
            | MediationEvent::MediationFollowedUp(_)
            | MediationEvent::MediationRated(_) => vec![],
        })
    }

    #[expect(clippy::similar_names, reason = "the case is urgent, its cause is an event")]
    async fn carry_out(
        &self,
        turned: MediationTurnedUrgent,
        cause: &Cause,
    ) -> Result<(), CarryOutError> {
        let behind = |error: platform::projection::Behind| CarryOutError::Later(error.to_string());
        self.categories.wait(cause.sequence, CATALOGUE_WAIT).await.map_err(behind)?;
        let rules = self.categories.cached(|rows| rows.get(turned.category.as_str()).cloned());
        // Nobody may be left alone for a gap in the catalogue: it waits until the category is there.
        let Some(rules) = rules else {
            return Err(CarryOutError::Later(format!(
                "the category {} is not in the catalogue; import the catalogue that has it",
                turned.category
            )));
        };
        let request = cause.request();
        let case = CaseId::new(turned.division, request.key("case"));
        let reported = CaseReported {
            occurred_at: Timestamp::default(),
            case: case.clone(),
            channel: Channel::Visit,
            category: turned.category,
            catalogue_version: catalogue_version(&self.categories),
            urgency: rules.leaf_urgency(),
            place: Place {
                source: turned.grid.map_or(PlaceSource::Division, |_| PlaceSource::Grid),
                division: turned.division,
                grid: turned.grid,
                position: None,
            },
            reporter: turned.by,
            by_staff: true,
            text: turned.text,
            contact: None,
            tracking: TrackingCode::of(&self.tracking_secret, &case).hash(),
            first_reported_at: Timestamp::default(),
            photos: Vec::new(),
            form: None,
            confidential: false,
            predecessor: None,
            // What was seen is sealed under the key of the dispute's case.
            texts_of: Some(turned.case),
            entered_by: None,
            reference: None,
        };
        let target = Target { subject: subject::case(&case), id: case.to_string(), creates: true };
        self.cases
            .execute(target, request, move |now| {
                let report =
                    CaseReported { occurred_at: now, first_reported_at: now, ..reported.clone() };
                Command::ReportCase(Box::new(report))
            })
            .await?;
        Ok(())
    }
}
