//! What is refused of a webhook.

use kernel::id::WebhookId;

/// Why not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Nobody registered it.
    #[error("no webhook {0} is registered: register it first")]
    UnknownWebhook(WebhookId),
    /// It sends nothing any more.
    #[error("the webhook {0} was removed: register another")]
    WebhookRemoved(WebhookId),
}

impl kernel::Rejection for Rejection {
    fn reason(&self) -> &'static str {
        match self {
            Self::UnknownWebhook(_) => "UNKNOWN_WEBHOOK",
            Self::WebhookRemoved(_) => "WEBHOOK_REMOVED",
        }
    }

    fn message_zh(&self) -> String {
        match self {
            Self::UnknownWebhook(id) => format!("推送 {id} 未登记, 请先登记"),
            Self::WebhookRemoved(id) => format!("推送 {id} 已删除, 请另行登记"),
        }
    }
}
