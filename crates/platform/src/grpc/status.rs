//! The one place where an error becomes a gRPC status and an HTTP status.

use std::{collections::BTreeMap, error::Error, time::Duration};

use http::StatusCode;
use kernel::ErrorCode;
use prost::Message;
use prost_types::Any;
use tonic::{Code, Status};
use tonic_types::pb;

/// The domain of every reason: `ErrorInfo.domain`.
pub const DOMAIN: &str = "weft";

/// A field of a request that is wrong, and why, in both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldViolation {
    /// The field's path, such as `location.latitude`.
    pub field: String,
    /// English.
    pub en: String,
    /// Chinese.
    pub zh: String,
}

/// What a service answers instead of a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceError {
    /// The kind of failure.
    pub code: ErrorCode,
    /// The stable reason, in UPPER_SNAKE_CASE: what programs compare.
    pub reason: &'static str,
    /// What to do, in English.
    pub message_en: Box<str>,
    /// What to do, in Chinese.
    pub message_zh: Box<str>,
    /// The fields that are wrong.
    pub violations: Vec<FieldViolation>,
    /// After how long a retry may succeed.
    pub retry_after: Option<Duration>,
    /// More for programs: `ErrorInfo.metadata`. Never what a person typed.
    pub metadata: BTreeMap<String, String>,
}

impl ServiceError {
    /// An error with a code, a reason and a message in English and in Chinese.
    pub fn new(
        code: ErrorCode,
        reason: &'static str,
        message_en: impl Into<Box<str>>,
        message_zh: impl Into<Box<str>>,
    ) -> Self {
        Self {
            code,
            reason,
            message_en: message_en.into(),
            message_zh: message_zh.into(),
            violations: Vec::new(),
            retry_after: None,
            metadata: BTreeMap::new(),
        }
    }

    /// A defect of ours: the cause and its sources are logged here, once, and never answered.
    pub fn internal(cause: impl Error) -> Self {
        tracing::error!(cause = chain(&cause), "internal error");
        Self::new(ErrorCode::Internal, "INTERNAL", "", "")
    }

    /// Stored data contradicts itself: logged here, once, and never answered.
    pub fn corrupt(cause: impl Error) -> Self {
        tracing::error!(cause = chain(&cause), "stored data contradicts itself: run 'weft verify'");
        Self::new(ErrorCode::Corrupt, "CORRUPT", "", "")
    }

    /// With a time after which to try again.
    #[must_use]
    pub fn retry_after(mut self, delay: Duration) -> Self {
        self.retry_after = Some(delay);
        self
    }

    /// With one more entry of metadata.
    #[must_use]
    pub fn with(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }

    /// The HTTP status of this error.
    pub const fn http(&self) -> StatusCode {
        http_code(self.code)
    }

    /// The messages that a caller may see: English, Chinese.
    pub fn messages(&self) -> (&str, &str) {
        match self.code {
            ErrorCode::Internal => (
                "this is a defect of the platform: tell the operator when it happened",
                "系统内部错误，请将发生时间告知运维人员",
            ),
            ErrorCode::Corrupt => (
                "stored data contradicts itself: tell the operator to run 'weft verify'",
                "存储数据异常，请联系运维人员检查",
            ),
            ErrorCode::InvalidArgument
            | ErrorCode::Unauthenticated
            | ErrorCode::PermissionDenied
            | ErrorCode::NotFound
            | ErrorCode::Refused
            | ErrorCode::AlreadyExists
            | ErrorCode::Conflict
            | ErrorCode::Exhausted
            | ErrorCode::Unavailable
            | ErrorCode::OutcomeUnknown => (&self.message_en, &self.message_zh),
        }
    }
}

/// An error and all its sources on one line.
fn chain(cause: &dyn Error) -> String {
    let mut text = cause.to_string();
    let mut source = cause.source();
    while let Some(next) = source {
        text.push_str(": ");
        text.push_str(&next.to_string());
        source = next.source();
    }
    text
}

/// The gRPC code of a kind of failure.
pub const fn grpc_code(code: ErrorCode) -> Code {
    match code {
        ErrorCode::InvalidArgument => Code::InvalidArgument,
        ErrorCode::Unauthenticated => Code::Unauthenticated,
        ErrorCode::PermissionDenied => Code::PermissionDenied,
        ErrorCode::NotFound => Code::NotFound,
        ErrorCode::Refused => Code::FailedPrecondition,
        ErrorCode::AlreadyExists => Code::AlreadyExists,
        ErrorCode::Conflict => Code::Aborted,
        ErrorCode::Exhausted => Code::ResourceExhausted,
        ErrorCode::Unavailable => Code::Unavailable,
        ErrorCode::OutcomeUnknown => Code::Unknown,
        ErrorCode::Corrupt => Code::DataLoss,
        ErrorCode::Internal => Code::Internal,
    }
}

/// The HTTP status of a kind of failure.
pub const fn http_code(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::InvalidArgument => StatusCode::BAD_REQUEST,
        ErrorCode::Unauthenticated => StatusCode::UNAUTHORIZED,
        ErrorCode::PermissionDenied => StatusCode::FORBIDDEN,
        ErrorCode::NotFound => StatusCode::NOT_FOUND,
        ErrorCode::Refused => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::AlreadyExists | ErrorCode::Conflict => StatusCode::CONFLICT,
        ErrorCode::Exhausted => StatusCode::TOO_MANY_REQUESTS,
        ErrorCode::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::OutcomeUnknown => StatusCode::GATEWAY_TIMEOUT,
        ErrorCode::Corrupt | ErrorCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The HTTP status with which the gateway passes on a service's gRPC code.
pub const fn http_of_grpc(code: Code) -> StatusCode {
    match code {
        Code::Ok => StatusCode::OK,
        Code::InvalidArgument | Code::OutOfRange => StatusCode::BAD_REQUEST,
        Code::Unauthenticated => StatusCode::UNAUTHORIZED,
        Code::PermissionDenied => StatusCode::FORBIDDEN,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::FailedPrecondition => StatusCode::UNPROCESSABLE_ENTITY,
        Code::AlreadyExists | Code::Aborted => StatusCode::CONFLICT,
        Code::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
        Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        // The server's own time limit answers CANCELLED: what became of the call is not known.
        Code::Unknown | Code::DeadlineExceeded | Code::Cancelled => StatusCode::GATEWAY_TIMEOUT,
        Code::Unimplemented => StatusCode::NOT_IMPLEMENTED,
        Code::DataLoss | Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

fn any(name: &str, message: &impl Message) -> Any {
    Any {
        type_url: format!("type.googleapis.com/google.rpc.{name}"),
        value: message.encode_to_vec(),
    }
}

fn localized(locale: &str, message: &str) -> pb::LocalizedMessage {
    pb::LocalizedMessage { locale: locale.to_owned(), message: message.to_owned() }
}

/// A status with the details that every refusal of Weft carries: reason, zh-CN, en, and `more`.
pub(crate) fn detailed(
    code: Code,
    reason: &str,
    (en, zh): (&str, &str),
    metadata: &BTreeMap<String, String>,
    more: Vec<Any>,
) -> Status {
    let info = pb::ErrorInfo {
        reason: reason.to_owned(),
        domain: DOMAIN.to_owned(),
        metadata: metadata.clone().into_iter().collect(),
    };
    let mut details = vec![
        any("ErrorInfo", &info),
        any("LocalizedMessage", &localized("zh-CN", zh)),
        any("LocalizedMessage", &localized("en", en)),
    ];
    details.extend(more);
    let status = pb::Status { code: i32::from(code), message: en.to_owned(), details };
    Status::with_details(code, en, status.encode_to_vec().into())
}

impl From<ServiceError> for Status {
    fn from(error: ServiceError) -> Self {
        let mut more = Vec::new();
        if !error.violations.is_empty() {
            let field_violations =
                error.violations.iter().map(|violation| pb::bad_request::FieldViolation {
                    field: violation.field.clone(),
                    description: violation.en.clone(),
                    reason: error.reason.to_owned(),
                    localized_message: Some(localized("zh-CN", &violation.zh)),
                });
            more.push(any(
                "BadRequest",
                &pb::BadRequest { field_violations: field_violations.collect() },
            ));
        }
        if let Some(retry_delay) = error.retry_after.and_then(|delay| delay.try_into().ok()) {
            more.push(any("RetryInfo", &pb::RetryInfo { retry_delay: Some(retry_delay) }));
        }
        detailed(grpc_code(error.code), error.reason, error.messages(), &error.metadata, more)
    }
}

/// The stable reason that a status carries, if any: for clients and tests.
pub fn reason_of(status: &Status) -> Option<String> {
    details_of(status)
        .into_iter()
        .find_map(|any| read::<pb::ErrorInfo>(&any, "ErrorInfo"))
        .map(|i| i.reason)
}

/// The message of a status in a locale (`zh-CN`, `en`), if it carries one.
pub fn message_of(status: &Status, locale: &str) -> Option<String> {
    details_of(status)
        .into_iter()
        .filter_map(|any| read::<pb::LocalizedMessage>(&any, "LocalizedMessage"))
        .find(|message| message.locale == locale)
        .map(|message| message.message)
}

/// The field violations that a status carries.
pub fn violations_of(status: &Status) -> Vec<FieldViolation> {
    details_of(status)
        .into_iter()
        .filter_map(|any| read::<pb::BadRequest>(&any, "BadRequest"))
        .flat_map(|bad| bad.field_violations)
        .map(|violation| FieldViolation {
            field: violation.field,
            en: violation.description,
            zh: violation.localized_message.map(|m| m.message).unwrap_or_default(),
        })
        .collect()
}

fn details_of(status: &Status) -> Vec<Any> {
    pb::Status::decode(status.details()).map(|status| status.details).unwrap_or_default()
}

fn read<M: Message + Default>(any: &Any, name: &str) -> Option<M> {
    (any.type_url.rsplit('.').next() == Some(name))
        .then(|| M::decode(any.value.as_slice()).ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use tonic_types::StatusExt;

    use super::*;

    #[test]
    fn a_refusal_carries_reason_both_languages_fields_and_delay() {
        let mut error = ServiceError::new(ErrorCode::Exhausted, "QUEUE_FULL", "wait", "请稍候")
            .retry_after(Duration::from_millis(1500))
            .with("queue", "62");
        error.violations.push(FieldViolation {
            field: "a".into(),
            en: "b".into(),
            zh: "丙".into(),
        });
        assert_eq!(error.http(), StatusCode::TOO_MANY_REQUESTS);
        let expected = error.violations.clone();
        let status = Status::from(error);
        assert_eq!((status.code(), status.message()), (Code::ResourceExhausted, "wait"));
        assert_eq!(reason_of(&status).as_deref(), Some("QUEUE_FULL"));
        assert_eq!(message_of(&status, "zh-CN").as_deref(), Some("请稍候"));
        assert_eq!(message_of(&status, "en").as_deref(), Some("wait"));
        assert_eq!(violations_of(&status), expected);
        // What a foreign client with the standard library reads.
        let details = status.get_error_details();
        assert_eq!(details.error_info().unwrap().metadata["queue"], "62");
        assert_eq!(details.error_info().unwrap().domain, "weft");
        assert_eq!(details.retry_info().unwrap().retry_delay, Some(Duration::from_millis(1500)));
    }

    #[test]
    fn a_defect_and_a_corruption_hide_their_cause() {
        let secret = || std::io::Error::other("password of 张三");
        for error in [
            ServiceError::internal(secret()),
            ServiceError::corrupt(secret()),
            ServiceError::new(ErrorCode::Internal, "X", "password of 张三", "密码"),
        ] {
            let status = Status::from(error);
            assert!(!status.message().contains("password"), "{status:?}");
            assert!(!message_of(&status, "zh-CN").unwrap().contains("密码"));
        }
    }

    #[test]
    fn a_chain_is_one_line_without_repeating() {
        #[derive(Debug, thiserror::Error)]
        #[error("cannot start")]
        struct Outer(#[source] std::io::Error);
        assert_eq!(chain(&Outer(std::io::Error::other("no disk"))), "cannot start: no disk");
    }

    #[test]
    fn the_gateway_answers_a_services_error_as_its_own() {
        for code in [
            ErrorCode::InvalidArgument,
            ErrorCode::Unauthenticated,
            ErrorCode::PermissionDenied,
            ErrorCode::NotFound,
            ErrorCode::Refused,
            ErrorCode::AlreadyExists,
            ErrorCode::Conflict,
            ErrorCode::Exhausted,
            ErrorCode::Unavailable,
            ErrorCode::OutcomeUnknown,
            ErrorCode::Corrupt,
            ErrorCode::Internal,
        ] {
            assert_eq!(http_of_grpc(grpc_code(code)), http_code(code), "{code:?}");
        }
    }
}
