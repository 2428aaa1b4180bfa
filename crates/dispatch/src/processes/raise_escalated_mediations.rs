//! A dispute is mediated at the tier that its order has climbed to.

use contracts::{dispatch::mediation::Tier, subject};
use kernel::{DecodeError, id::WorkOrderId};
use platform::{
    executor::{Executor, Target},
    log::Recorded,
    process::{CarryOutError, Cause, Process, Start},
};
use serde::Deserialize;

use crate::domain::mediation::{Command, Mediation};

/// The type of the event, of any version.
const ESCALATED: &str = "weft.dispatch.work_order_escalated.";

/// The process.
pub struct RaiseEscalatedMediations {
    /// The mediations.
    pub executor: Executor<Mediation>,
}

/// What is read of an escalation.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Escalated {
    work_order: WorkOrderId,
    to: To,
}

/// The tier that an order has climbed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum To {
    Village,
    Township,
    County,
    /// Above the county nobody mediates here.
    Prefecture,
}

impl Process for RaiseEscalatedMediations {
    const NAME: &'static str = "dispatch.raise_escalated_mediations";
    const START: Start = Start::Beginning;
    type Command = Escalated;

    fn react(&self, event: &Recorded) -> Result<Vec<Escalated>, DecodeError> {
        if !event.ce_type.starts_with(ESCALATED) {
            return Ok(vec![]);
        }
        let read = serde_json::from_slice(&event.payload).map_err(|error| {
            DecodeError::Payload { ce_type: event.ce_type.clone(), reason: error.to_string() }
        })?;
        Ok(vec![read])
    }

    async fn carry_out(&self, escalated: Escalated, cause: &Cause) -> Result<(), CarryOutError> {
        let id = escalated.work_order;
        let tier = match escalated.to {
            To::Village => Tier::Village,
            To::Township => Tier::Township,
            To::County | To::Prefecture => Tier::County,
        };
        // Of an order that is no dispute nothing comes.
        let target =
            Target { subject: subject::mediation(&id), id: id.to_string(), creates: false };
        let make = move |at| Command::RaiseMediation { at, tier };
        self.executor.execute(target, cause.request(), make).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_escalation_is_read_as_it_is_written() {
        let written = r#"{ "occurred_at": 1, "work_order": "620821101203-o", "by": null,
            "from": "village", "to": "township", "stage": null, "explanation": null }"#;
        let read: Escalated = serde_json::from_str(written).unwrap();
        assert_eq!(read.to, To::Township);
        assert_eq!(read.work_order.to_string(), "620821101203-o");
    }
}
