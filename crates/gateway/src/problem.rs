//! What a page answers instead of what was asked for. A service's refusal keeps its reason, its
//! words in both languages and its HTTP status; the layer [`crate::layers`] makes the page of it,
//! for it knows the language and the skin.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use platform::grpc::{
    FieldViolation,
    status::{http_of_grpc, message_of, reason_of, violations_of},
};
use tonic::{Code, Status};

use crate::{session::Kind, words::Locale};

/// What went wrong, as a page tells it.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    /// The HTTP status.
    pub(crate) status: StatusCode,
    /// The stable reason, which a visitor can name to the operator.
    pub(crate) reason: String,
    /// The service's own words, Chinese and English; empty where the page has words of its own.
    pub(crate) words: (String, String),
    /// The fields that are wrong.
    pub(crate) fields: Vec<FieldViolation>,
    /// Set where a sign-in would help.
    pub(crate) signed_out: Option<Kind>,
}

impl Problem {
    fn new(status: StatusCode, reason: &str) -> Self {
        Self {
            status,
            reason: reason.to_owned(),
            words: <(String, String)>::default(),
            fields: Vec::new(),
            signed_out: None,
        }
    }

    /// There is no such page or thing.
    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "NOT_FOUND")
    }

    /// The role has nothing to do here.
    pub(crate) fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, "FORBIDDEN")
    }

    /// Nobody is signed in, or no longer.
    pub(crate) fn signed_out(kind: Kind) -> Self {
        let signed_out = Some(kind);
        Self { signed_out, ..Self::new(StatusCode::UNAUTHORIZED, "SIGNED_OUT") }
    }

    /// A form that another site sent.
    pub(crate) fn cross_site() -> Self {
        Self::new(StatusCode::FORBIDDEN, "CROSS_SITE")
    }

    /// A defect of ours; the cause is logged here, once.
    pub(crate) fn defect(cause: impl std::error::Error + 'static) -> Self {
        tracing::error!(error = &cause as &dyn std::error::Error, "a page could not be made");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL")
    }

    /// The words of the service in this language, if it had any.
    pub(crate) fn words(&self, locale: Locale) -> &str {
        match locale {
            Locale::Zh => &self.words.0,
            Locale::En => &self.words.1,
        }
    }

    /// The key of the page's own words: what happened, and `…-help` for what to do.
    pub(crate) fn key(&self) -> &'static str {
        match (self.reason.as_str(), self.status.as_u16()) {
            ("CROSS_SITE", _) => "common-problem-cross-site",
            (_, 400 | 422) => "common-problem-refused",
            (_, 401) => "common-problem-signed-out",
            (_, 403) => "common-problem-forbidden",
            (_, 404 | 405) => "common-problem-not-found",
            (_, 409) => "common-problem-conflict",
            (_, 413) => "common-problem-too-large",
            (_, 429) => "common-problem-too-many",
            (_, 503 | 504) => "common-problem-away",
            _ => "common-problem-defect",
        }
    }
}

impl From<Status> for Problem {
    fn from(status: Status) -> Self {
        let reason = reason_of(&status).unwrap_or_else(|| format!("{:?}", status.code()));
        let words = |locale| message_of(&status, locale).unwrap_or_default();
        Self {
            words: (words("zh-CN"), words("en")),
            fields: violations_of(&status),
            signed_out: (status.code() == Code::Unauthenticated).then_some(Kind::Staff),
            ..Self::new(http_of_grpc(status.code()), &reason)
        }
    }
}

impl From<StatusCode> for Problem {
    fn from(status: StatusCode) -> Self {
        Self::new(status, status.canonical_reason().unwrap_or("ERROR"))
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// What is wrong with the fields of a form, to stand beside them.
#[derive(Clone, Debug, Default)]
pub(crate) struct FieldErrors {
    locale: Locale,
    fields: Vec<FieldViolation>,
    /// What is wrong with the form as a whole; empty if nothing.
    pub(crate) all: String,
}

impl FieldErrors {
    /// Nothing is wrong.
    pub(crate) fn none() -> Self {
        Self::default()
    }

    /// Something is wrong with the form as a whole.
    pub(crate) fn whole(words: String) -> Self {
        Self { all: words, ..Self::default() }
    }

    /// What a service refused: its fields, or its words where it names none. Answers the problem
    /// itself where no other input would help.
    pub(crate) fn of(status: Status, locale: Locale) -> Result<Self, Problem> {
        let mendable = [
            Code::InvalidArgument,
            Code::FailedPrecondition,
            Code::AlreadyExists,
            Code::Aborted,
            Code::ResourceExhausted,
        ];
        let mends = mendable.contains(&status.code());
        let problem = Problem::from(status);
        if !mends {
            return Err(problem);
        }
        let all = if problem.fields.is_empty() {
            problem.words(locale).to_owned()
        } else {
            locale.say("common-form-has-errors")
        };
        Ok(Self { locale, fields: problem.fields, all })
    }

    /// With one more field that is wrong, in the language of the page.
    #[must_use]
    pub(crate) fn and(mut self, locale: Locale, field: &str, key: &str) -> Self {
        self.locale = locale;
        self.fields.push(FieldViolation {
            field: field.to_owned(),
            en: Locale::En.say(key),
            zh: Locale::Zh.say(key),
        });
        self.all = locale.say("common-form-has-errors");
        self
    }

    /// What is wrong with a field, or with a part of it; empty if nothing.
    pub(crate) fn on(&self, field: &str) -> &str {
        let names = |violation: &&FieldViolation| {
            violation.field == field
                || violation.field.strip_prefix(field).is_some_and(|rest| rest.starts_with('.'))
        };
        let found = self.fields.iter().find(names);
        found.map_or("", |violation| match self.locale {
            Locale::Zh => &violation.zh,
            Locale::En => &violation.en,
        })
    }

    /// Whether anything is wrong.
    pub(crate) fn any(&self) -> bool {
        !self.fields.is_empty() || !self.all.is_empty()
    }
}

/// A part of a page whose service may be away: the rest of the page stays.
#[derive(Clone, Debug)]
pub(crate) enum Part<T> {
    /// It is there.
    Here(T),
    /// The service is away.
    Away,
}

impl<T> Part<T> {
    /// A service's answer, as a part. That it is away or late is no problem of the page; any other
    /// refusal is.
    pub(crate) fn of(answer: Result<tonic::Response<T>, Status>) -> Result<Self, Problem> {
        match answer {
            Ok(answer) => Ok(Self::Here(answer.into_inner())),
            Err(status) => match status.code() {
                // Unimplemented: the process that is asked serves it not, or not yet.
                Code::Unavailable
                | Code::DeadlineExceeded
                | Code::Cancelled
                | Code::Unimplemented => Ok(Self::Away),
                Code::Ok
                | Code::Unknown
                | Code::InvalidArgument
                | Code::NotFound
                | Code::AlreadyExists
                | Code::PermissionDenied
                | Code::ResourceExhausted
                | Code::FailedPrecondition
                | Code::Aborted
                | Code::OutOfRange
                | Code::Internal
                | Code::DataLoss
                | Code::Unauthenticated => Err(status.into()),
            },
        }
    }

    /// The part made into what a template shows.
    pub(crate) fn map<U>(self, make: impl FnOnce(T) -> U) -> Part<U> {
        match self {
            Self::Here(part) => Part::Here(make(part)),
            Self::Away => Part::Away,
        }
    }
}

#[cfg(test)]
mod tests {
    use kernel::ErrorCode;
    use platform::grpc::ServiceError;

    use super::*;

    fn refused() -> Status {
        let mut error =
            ServiceError::new(ErrorCode::InvalidArgument, "INVALID_ARGUMENT", "mend it", "请修改");
        error.violations.push(FieldViolation {
            field: "contact.phone".into(),
            en: "write digits".into(),
            zh: "请填写数字".into(),
        });
        error.into()
    }

    #[test]
    fn a_refusal_stands_beside_its_field_in_the_visitors_language() {
        let errors = FieldErrors::of(refused(), Locale::En).unwrap();
        assert_eq!(errors.on("contact.phone"), "write digits");
        assert_eq!(errors.on("contact"), "write digits");
        assert_eq!(errors.on("text"), "");
        assert!(errors.any() && !FieldErrors::none().any());
        assert_eq!(
            FieldErrors::of(refused(), Locale::Zh).unwrap().on("contact.phone"),
            "请填写数字"
        );
        assert!(FieldErrors::of(Status::unavailable(""), Locale::En).is_err());
    }

    #[test]
    fn a_service_that_is_away_costs_a_part_and_a_refusal_the_page() {
        let away = Part::<()>::of(Err(Status::unavailable("gone")));
        assert!(matches!(away, Ok(Part::Away)));
        let denied = Part::<()>::of(Err(Status::permission_denied("no"))).unwrap_err();
        assert_eq!(denied.status, StatusCode::FORBIDDEN);
        let reason = Problem::from(refused()).reason;
        assert_eq!(reason, "INVALID_ARGUMENT");
    }
}
