//! What every handler does with a call: who asks, under which request id, and how an execution's
//! outcome is answered.

use kernel::{ErrorCode, Rejection};
use prost::Message;

use super::ServiceError;
use crate::{
    audit::{Entry, Object},
    auth::{Called, Principal, RequestSecret, caller_of},
    database::{DatabaseError, SqlError},
    executor::{ExecuteError, Request},
    log::{LogError, stream::StreamError, writer::AppendError},
    projection::Behind,
    telemetry::TraceContext,
    vault::VaultError,
};

/// The authentication layer is missing before a service.
#[derive(Debug, thiserror::Error)]
#[error("a call came past the authentication layer")]
struct NoSecret;

/// An authenticated call.
#[derive(Clone)]
pub struct Call {
    /// Who calls.
    pub principal: Principal,
    /// How the request travels.
    pub traceparent: Option<String>,
    secret: RequestSecret,
    called: Called,
}

impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Call").field("principal", &self.principal).finish_non_exhaustive()
    }
}

impl Call {
    /// The call of a request.
    pub fn of<T>(request: &tonic::Request<T>) -> Result<Self, ServiceError> {
        Ok(Self {
            principal: caller_of(request)?.clone(),
            traceparent: Some(TraceContext::current().to_string()),
            secret: request
                .extensions()
                .get::<RequestSecret>()
                .cloned()
                .ok_or_else(|| ServiceError::internal(NoSecret))?,
            called: Called::of(request),
        })
    }

    /// Says that the answer shows personal data: it goes out only when the audit trail has a record of
    /// it. `action` is a word, such as `read_case`.
    pub fn reads(&self, action: &'static str, object: Object) {
        self.called.reads(action, object);
    }

    /// A record of an act of this call, for [`Audit::record`](crate::audit::Audit::record) before it
    /// happens, where the handler itself must know that it is stored.
    pub fn entry(&self, action: &'static str, object: Object) -> Entry {
        self.called.entry(action).by(&self.principal).on(object)
    }

    /// The request of a command: `method` and the message itself are the canonical body. The message
    /// must have no maps, whose order is not defined.
    pub fn request(&self, request_id: String, method: &str, message: &impl Message) -> Request {
        Request {
            caller: self.principal.caller(),
            request_id,
            body: self.secret.hash(method, &message.encode_to_vec()),
            actor: self.principal.actor(),
            cause: None,
            traceparent: self.traceparent.clone(),
        }
    }
}

impl<R: Rejection> From<ExecuteError<R>> for ServiceError {
    fn from(error: ExecuteError<R>) -> Self {
        match error {
            ExecuteError::Rejected(rejection) => {
                let code = if rejection.concerns_caller() {
                    ErrorCode::PermissionDenied
                } else {
                    ErrorCode::Refused
                };
                Self::new(code, rejection.reason(), rejection.to_string(), rejection.message_zh())
            }
            ExecuteError::RequestIdReused => Self::new(
                ErrorCode::AlreadyExists,
                "REQUEST_ID_REUSED",
                error.to_string(),
                "该 request_id 已用于另一请求, 请换用新的 request_id",
            ),
            ExecuteError::Conflict(_) => Self::new(
                ErrorCode::Conflict,
                "CONFLICT",
                error.to_string(),
                "其他人正在同时修改, 请重试",
            ),
            ExecuteError::Append(append) => append.into(),
            ExecuteError::Load { .. } => log_unavailable(),
        }
    }
}

fn log_unavailable() -> ServiceError {
    ServiceError::new(
        ErrorCode::Unavailable,
        "LOG_UNAVAILABLE",
        "the log cannot be read now; send the same request again",
        "日志暂时无法读取, 请用同一请求重试",
    )
}

impl From<LogError> for ServiceError {
    fn from(error: LogError) -> Self {
        match error {
            LogError::Stream(_) => log_unavailable(),
            LogError::Malformed(malformed) => Self::corrupt(malformed),
        }
    }
}

impl From<StreamError> for ServiceError {
    fn from(_error: StreamError) -> Self {
        log_unavailable()
    }
}

impl From<AppendError> for ServiceError {
    fn from(error: AppendError) -> Self {
        let message = error.to_string();
        match error {
            AppendError::Conflict { .. } => {
                Self::new(ErrorCode::Conflict, "CONFLICT", message, "其他人正在同时修改, 请重试")
            }
            AppendError::Full { .. } => Self::new(
                ErrorCode::Exhausted,
                "STORAGE_FULL",
                message,
                "存储已满, 请联系管理员扩容后重试",
            ),
            AppendError::Refused { .. } => Self::new(
                ErrorCode::InvalidArgument,
                "EVENT_REFUSED",
                message,
                "内容过大或不被接受",
            ),
            AppendError::Busy => {
                Self::new(ErrorCode::Exhausted, "BUSY", message, "系统繁忙, 请稍后重试")
                    .retry_after(std::time::Duration::from_millis(500))
            }
            AppendError::OutcomeUnknown => Self::new(
                ErrorCode::OutcomeUnknown,
                "OUTCOME_UNKNOWN",
                message,
                "结果未知, 请用同一 request_id 重新发送",
            ),
            AppendError::Stopping => Self::new(
                ErrorCode::Unavailable,
                "STOPPING",
                message,
                "系统正在停止, 请用同一请求重试",
            ),
        }
    }
}

impl From<Behind> for ServiceError {
    fn from(error: Behind) -> Self {
        Self::new(
            ErrorCode::Unavailable,
            "PROJECTION_BEHIND",
            error.to_string(),
            "数据尚未更新到所要求的位置, 请稍后重试",
        )
        .retry_after(std::time::Duration::from_millis(500))
    }
}

impl From<SqlError> for ServiceError {
    fn from(error: SqlError) -> Self {
        Self::internal(error)
    }
}

impl From<DatabaseError> for ServiceError {
    fn from(error: DatabaseError) -> Self {
        Self::internal(error)
    }
}

impl From<VaultError> for ServiceError {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::Append(append) => append.into(),
            VaultError::Erased(_) => Self::new(
                ErrorCode::Refused,
                "PERSON_ERASED",
                "this person's data was erased; nothing can be added to it",
                "该人员的数据已删除, 不能再添加",
            ),
            VaultError::Restricted(_) => Self::new(
                ErrorCode::Refused,
                "PERSON_RESTRICTED",
                "the use of this person's data is restricted; lift the restriction first",
                "该人员的数据已限制处理, 解除限制后方可使用",
            ),
            VaultError::TooLarge(_) => Self::new(
                ErrorCode::InvalidArgument,
                "TEXT_TOO_LARGE",
                error.to_string(),
                "内容过大",
            ),
            VaultError::Unreadable(_) | VaultError::NoMaster(_) => Self::corrupt(error),
            VaultError::Stream(_) => Self::new(
                ErrorCode::Unavailable,
                "VAULT_UNAVAILABLE",
                "the vault cannot be reached now; send the same request again",
                "保密库暂时无法访问, 请用同一请求重试",
            ),
        }
    }
}
