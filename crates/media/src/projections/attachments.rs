//! The table `photo_attachments`: a row for each photo that an event names, with whoever named it. A
//! photo counts as attached only if that was its uploader, which its header says: naming somebody
//! else's photo shows it to nobody.

use std::collections::BTreeMap;

use contracts::{dispatch::WorkOrderEvent, intake::CaseEvent};
use kernel::{
    DecodeError,
    id::{MediaId, PersonId},
};
use platform::{
    database::{SqlError, table},
    log::Recorded,
    projection::{Projection, View},
    row,
};

row! {
    /// A photo as an event names it; the key is photo, person and case or order.
    pub struct AttachmentRow in "photo_attachments" version 1 {
        /// The photo's id.
        pub media: String,
        /// Who named it.
        pub named_by: String,
        /// The case that it belongs to, or empty.
        pub case_id: String,
        /// The order that it belongs to, or empty.
        pub order_id: String,
    }
    indexes ["media"]
}

/// Folds what events name.
pub struct Attachments;

impl Projection for Attachments {
    type Row = AttachmentRow;
    type Event = BTreeMap<String, AttachmentRow>;

    fn read(&self, event: &Recorded) -> Result<Option<Self::Event>, DecodeError> {
        if let Some(event) = super::read::<CaseEvent>(CaseEvent::CATEGORY, event)? {
            return Ok(of_case(&event));
        }
        let event = super::read::<WorkOrderEvent>(WorkOrderEvent::CATEGORY, event)?;
        Ok(event.as_ref().and_then(of_order))
    }

    fn keys(&self, named: &Self::Event) -> Vec<String> {
        named.keys().cloned().collect()
    }

    fn fold(
        &self,
        key: &str,
        row: Option<AttachmentRow>,
        named: &Self::Event,
        _recorded: &Recorded,
    ) -> Option<AttachmentRow> {
        named.get(key).cloned().or(row)
    }
}

fn of_case(event: &CaseEvent) -> Option<BTreeMap<String, AttachmentRow>> {
    let (photos, by, case) = match event {
        CaseEvent::CaseReported(event) => (&event.photos, &event.reporter, &event.case),
        CaseEvent::InformationAdded(event) => (&event.photos, &event.by, &event.case),
        CaseEvent::CaseJoined(event) => (&event.photos, &event.joiner, &event.case),
        CaseEvent::CaseHandledOnSite(event) => {
            let photos = event.photos_before.iter().chain(&event.photos_after);
            return rows(photos, &event.by, &event.case.to_string(), "");
        }
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
        | CaseEvent::AlarmCounted(_) => return None,
    };
    rows(photos, by, &case.to_string(), "")
}

fn of_order(event: &WorkOrderEvent) -> Option<BTreeMap<String, AttachmentRow>> {
    match event {
        WorkOrderEvent::FeedbackSubmitted(event) => {
            let photos = event.photos_before.iter().chain(&event.photos_after);
            rows(photos, &event.by, "", &event.work_order.to_string())
        }
        WorkOrderEvent::AssistanceSubmitted(event) => {
            rows(&event.photos, &event.by, "", &event.work_order.to_string())
        }
        WorkOrderEvent::WorkOrderCreated(_)
        | WorkOrderEvent::WorkOrderRouted(_)
        | WorkOrderEvent::WorkOrderAccepted(_)
        | WorkOrderEvent::WorkOrderReturned(_)
        | WorkOrderEvent::WorkOrderVerified(_)
        | WorkOrderEvent::WorkOrderSentBack(_)
        | WorkOrderEvent::WorkOrderClosed(_)
        | WorkOrderEvent::WorkOrderOverdue(_)
        | WorkOrderEvent::WorkOrderAtRisk(_)
        | WorkOrderEvent::DeadlineReplanned(_)
        | WorkOrderEvent::WorkOrderArrived(_)
        | WorkOrderEvent::ReturnUpheld(_)
        | WorkOrderEvent::ReturnRejected(_)
        | WorkOrderEvent::ExtensionRequested(_)
        | WorkOrderEvent::ExtensionGranted(_)
        | WorkOrderEvent::ExtensionRefused(_)
        | WorkOrderEvent::SuspensionRequested(_)
        | WorkOrderEvent::SuspensionRefused(_)
        | WorkOrderEvent::WorkOrderSuspended(_)
        | WorkOrderEvent::WorkOrderResumed(_)
        | WorkOrderEvent::WorkOrderEscalated(_)
        | WorkOrderEvent::WorkOrderReminded(_)
        | WorkOrderEvent::WorkOrderAssisted(_)
        | WorkOrderEvent::WorkOrderSplit(_)
        | WorkOrderEvent::ChildWorkOrderEnded(_)
        | WorkOrderEvent::WorkOrderWithdrawn(_)
        | WorkOrderEvent::WorkOrderReinstated(_)
        | WorkOrderEvent::WorkOrderCalledBack(_) => None,
    }
}

/// A row for each photo; none where there is no photo.
fn rows<'a>(
    photos: impl IntoIterator<Item = &'a MediaId>,
    by: &PersonId,
    case_id: &str,
    order_id: &str,
) -> Option<BTreeMap<String, AttachmentRow>> {
    let rows: BTreeMap<_, _> = photos
        .into_iter()
        .map(|photo| {
            let row = AttachmentRow {
                media: photo.to_string(),
                named_by: by.to_string(),
                case_id: case_id.to_owned(),
                order_id: order_id.to_owned(),
            };
            (format!("{photo}/{by}/{case_id}{order_id}"), row)
        })
        .collect();
    (!rows.is_empty()).then_some(rows)
}

/// Where its uploader has attached a photo.
pub async fn of(
    attachments: &View<AttachmentRow>,
    photo: &MediaId,
    uploader: &PersonId,
) -> Result<Vec<AttachmentRow>, SqlError> {
    let statement = table::select::<AttachmentRow>()
        .with(" WHERE media = ?", photo.to_string())
        .with(" AND named_by = ?", uploader.to_string());
    Ok(attachments.fetch(statement).await?.into_iter().map(|(_, row)| row).collect())
}
