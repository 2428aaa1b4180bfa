//! How long a supervised body has to answer (督办).

use kernel::limit::Limit;
use platform::service::StartError;
use serde::Deserialize;

/// The section `[dispatch.supervision]`: limits such as `4wh`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SupervisionSection {
    /// To answer a reminder (提醒).
    pub reminder: String,
    /// To answer a supervision (督办).
    pub supervision: String,
    /// To answer a yellow card (黄牌).
    pub yellow_card: String,
    /// To answer a red card (红牌).
    pub red_card: String,
}

impl SupervisionSection {
    /// The limits, the mildest step's first.
    pub fn limits(&self) -> Result<[Limit; 4], StartError> {
        let limit = |name: &str, text: &str| {
            text.parse::<Limit>()
                .map_err(|error| StartError::Other(format!("dispatch.supervision.{name}: {error}")))
        };
        Ok([
            limit("reminder", &self.reminder)?,
            limit("supervision", &self.supervision)?,
            limit("yellow_card", &self.yellow_card)?,
            limit("red_card", &self.red_card)?,
        ])
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in super::super) fn section() -> SupervisionSection {
        SupervisionSection {
            reminder: "4wh".to_owned(),
            supervision: "1wd".to_owned(),
            yellow_card: "1wd".to_owned(),
            red_card: "1wd".to_owned(),
        }
    }

    #[test]
    fn what_is_no_limit_is_named_with_its_place() {
        assert_eq!(section().limits().unwrap()[0].to_string(), "4wh");
        let wrong = SupervisionSection { yellow_card: "soon".to_owned(), ..section() };
        let error = wrong.limits().unwrap_err().to_string();
        assert!(error.contains("dispatch.supervision.yellow_card"), "{error}");
    }
}
