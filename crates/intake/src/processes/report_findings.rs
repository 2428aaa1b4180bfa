//! `intake.report_findings`: what a campaign's grid found becomes a case in the same step, reported by
//! the member who found it. The case's id follows from the event, so that it is reported once.

use std::{sync::Arc, time::Duration};

use contracts::{
    dispatch::campaign::{CampaignFinding, CampaignTaskEvent},
    intake::{CaseReported, Channel, Place, PlaceSource, Urgency},
    subject,
};
use kernel::{
    DecodeError, StoredEvent as _,
    id::{CaseId, RecordId},
};
use platform::{
    executor::{Executor, Target},
    log::Recorded,
    process::{CarryOutError, Cause, Process, Start},
    projection::View,
    vault::{Vault, VaultError},
};

use crate::{
    domain::case::{Case, Command, texts_owner},
    projections::categories::{CategoryRow, catalogue_version},
    tracking::TrackingCode,
};

/// The type of the event, of any version.
const FINDING: &str = "weft.dispatch.campaign_finding.v";

/// How long the catalogue may take to reach what was found.
const CATALOGUE_WAIT: Duration = Duration::from_secs(5);

/// The process.
pub struct ReportFindings {
    /// Executes on cases.
    pub cases: Executor<Case>,
    /// The catalogue.
    pub categories: View<CategoryRow>,
    /// What was written.
    pub vault: Vault,
    /// From which tracking codes follow.
    pub tracking_secret: Arc<[u8; 32]>,
}

impl Process for ReportFindings {
    const NAME: &'static str = "intake.report_findings";
    const START: Start = Start::Beginning;
    type Command = CampaignFinding;

    fn react(&self, event: &Recorded) -> Result<Vec<CampaignFinding>, DecodeError> {
        // Of the many events of tasks only this one concerns cases.
        if !event.ce_type.starts_with(FINDING) {
            return Ok(vec![]);
        }
        let event = CampaignTaskEvent::decode(&event.ce_type, &event.payload)?;
        Ok(if let CampaignTaskEvent::CampaignFinding(event) = event { vec![event] } else { vec![] })
    }

    async fn carry_out(&self, event: CampaignFinding, cause: &Cause) -> Result<(), CarryOutError> {
        let later = |error: String| CarryOutError::Later(error);
        self.categories
            .wait(cause.sequence, CATALOGUE_WAIT)
            .await
            .map_err(|error| later(error.to_string()))?;
        let request = cause.request();
        let division = event.grid.village();
        let id = CaseId::new(division, request.key("case"));
        let text = RecordId::new(division, request.record("text"));
        let text = self.own(&id, &event, text).await.map_err(|error| later(error.to_string()))?;
        let row = self.categories.cached(|rows| rows.get(event.category.as_str()).cloned());
        let report = CaseReported {
            occurred_at: event.occurred_at,
            case: id.clone(),
            channel: Channel::Campaign,
            category: event.category,
            catalogue_version: catalogue_version(&self.categories),
            urgency: row.map_or(Urgency::Normal, |row| row.leaf_urgency()),
            place: Place {
                source: PlaceSource::Grid,
                division,
                grid: Some(event.grid),
                position: None,
            },
            reporter: event.by,
            by_staff: true,
            text,
            contact: None,
            tracking: TrackingCode::of(&self.tracking_secret, &id).hash(),
            first_reported_at: event.occurred_at,
            photos: Vec::new(),
            form: None,
            confidential: false,
            predecessor: None,
            texts_of: None,
            entered_by: None,
            reference: None,
        };
        let target = Target { subject: subject::case(&id), id: id.to_string(), creates: true };
        self.cases
            .execute(target, request, move |now| {
                Command::ReportCase(Box::new(CaseReported { occurred_at: now, ..report.clone() }))
            })
            .await?;
        Ok(())
    }
}

impl ReportFindings {
    /// What was found, sealed anew as the case's own, so that it lives and goes with the case.
    async fn own(
        &self,
        case: &CaseId,
        event: &CampaignFinding,
        record: RecordId,
    ) -> Result<Option<RecordId>, VaultError> {
        let Some(typed) = &event.text else { return Ok(None) };
        let Some(text) = self.vault.text(typed).await? else { return Ok(None) };
        let owner = texts_owner(case, &event.by, true, Channel::Campaign);
        self.vault.seal(&owner, &record, text.as_bytes()).await?;
        Ok(Some(record))
    }
}
