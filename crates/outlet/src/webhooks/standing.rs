//! What `weft status` says of the door: the public stream, webhooks that are behind or paused, and what
//! was given up.

use platform::{
    database::{
        statement::{Cell, Statement},
        table,
    },
    projection::View,
    publication::Publication,
    service::Note,
};

use super::Cursors;
use crate::projections::{
    deliveries::{ABANDONED, DeliveryRow},
    webhooks::{ACTIVE, PAUSED, WebhookRow},
};

/// How many public events a webhook may not have looked at before it counts as behind.
const BEHIND: u64 = 500;

/// The lines; what cannot be told now is left out.
pub(super) async fn notes(
    publication: &Publication,
    cursors: &Cursors,
    webhooks: &View<WebhookRow>,
    deliveries: &View<DeliveryRow>,
) -> Vec<Note> {
    let mut notes = Vec::new();
    let last = publication.last().await.unwrap_or_default();
    notes.push(well(format!("public stream {} at {last}", publication.name())));
    let rows: Vec<(String, WebhookRow)> =
        webhooks.cached(|rows| rows.iter().map(|(id, row)| (id.clone(), row.clone())).collect());
    let active = rows.iter().filter(|(_, row)| row.status == ACTIVE).count();
    let paused = rows.iter().filter(|(_, row)| row.status == PAUSED).count();
    if active + paused > 0 {
        notes.push(well(format!("webhooks: {active} active, {paused} paused")));
    }
    for (id, row) in &rows {
        if row.status == PAUSED && row.pause_reason != "asked" {
            let advice = "see to the receiver, then ResumeWebhook: it goes on where it was";
            let text = format!("the webhook {id} is paused: {}", row.pause_reason);
            notes.push(Note { text, advice: Some(advice.to_owned()) });
        }
        let Ok(Some(cursor)) = cursors.peek(id).await else { continue };
        let behind = last.saturating_sub(cursor.sequence);
        if row.status == ACTIVE && behind > BEHIND {
            let advice = "wait if the number falls; if it does not, see to the receiver";
            let text = format!("the webhook {id} is {behind} events behind");
            notes.push(Note { text, advice: Some(advice.to_owned()) });
        }
    }
    let count = Statement::new(&format!("SELECT COUNT(*) FROM {}", table::name::<DeliveryRow>()))
        .with(" WHERE outcome = ?", ABANDONED);
    if let Ok(counted) = deliveries.database().fetch(count).await
        && let Some(Ok(number)) = counted.first().map(|row| i64::from_row(row, 0))
        && number > 0
    {
        notes.push(well(format!("{number} deliveries were given up; ListDeliveries names them")));
    }
    notes
}

const fn well(text: String) -> Note {
    Note { text, advice: None }
}
