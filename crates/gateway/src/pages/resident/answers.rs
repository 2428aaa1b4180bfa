//! What a reporter does with a case of theirs: adds what was forgotten, rates what was done, opens it
//! again. Only in the browser that reported: the code alone shows, and changes nothing.

use api::{
    common::v1::Position,
    intake::v1::{AddInformationRequest, RateCaseRequest, ReopenCaseRequest},
};
use axum::{
    Router,
    extract::{DefaultBodyLimit, FromRequestParts, OptionalFromRequestParts, Path, Request, State},
    response::Response,
    routing::post,
};
use platform::http::Peer;

use super::{
    progress::{Tracked, again, track},
    qr::base,
    report::{MOST_PHOTOS, told},
    sent::{MAX_WITH_PHOTOS, Sent},
};
use crate::{
    gateway::{Gateway, request_id},
    pages::{problem::encode, see_at},
    problem::{FieldErrors, Problem},
    session::ResidentSession,
    visit::Visit,
};

pub(super) fn routes() -> Router<Gateway> {
    Router::new()
        .route("/t/{code}/add", post(add).layer(DefaultBodyLimit::max(MAX_WITH_PHOTOS)))
        .route("/t/{code}/rate", post(rate))
        .route("/t/{code}/reopen", post(reopen))
}

/// One form of the page, with what was typed into it.
#[derive(Clone, Debug, Default)]
pub(super) struct Form {
    pub(super) request_id: String,
    pub(super) text: String,
    pub(super) photos: Vec<String>,
    /// `1`, `0`, or empty for not answered.
    pub(super) contacted: String,
    pub(super) solved: String,
    /// 1 to 5; 0 for not answered.
    pub(super) satisfaction: i32,
    pub(super) errors: FieldErrors,
}

/// The three forms.
#[derive(Clone, Debug)]
pub(super) struct Forms {
    pub(super) add: Form,
    pub(super) rate: Form,
    pub(super) reopen: Form,
}

impl Forms {
    /// Empty, each a request of its own.
    pub(super) fn new() -> Self {
        let form = || Form { request_id: request_id(), ..Form::default() };
        Self { add: form(), rate: form(), reopen: form() }
    }
}

impl Form {
    fn of(sent: &Sent) -> Self {
        Self {
            request_id: sent.text("request_id"),
            text: sent.text("text"),
            photos: sent.all("photos"),
            contacted: sent.text("contacted"),
            solved: sent.text("solved"),
            satisfaction: sent.text("satisfaction").parse().unwrap_or_default(),
            errors: FieldErrors::none(),
        }
    }
}

/// What every answer begins with: who answers, to which case, and with what.
struct Answer {
    visit: Visit,
    /// None for who has only the code: their browser is not the one that reported, or has forgotten.
    session: Option<ResidentSession>,
    tracked: Tracked,
    base: String,
    sent: Sent,
    form: Form,
}

impl Answer {
    async fn read(gateway: &Gateway, code: &str, request: Request) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let session = <ResidentSession as OptionalFromRequestParts<Gateway>>::from_request_parts(
            &mut parts, gateway,
        )
        .await?;
        let visit = Visit::of(gateway, &parts.uri, &parts.headers, &parts.extensions);
        let Ok(peer) = Peer::from_request_parts(&mut parts, gateway).await;
        let base = base(gateway, &parts.headers, peer);
        let token = session.as_ref().map(ResidentSession::token);
        let tracked = track(&visit, peer, token, code).await?;
        let sent = Sent::in_turn(gateway, Request::from_parts(parts, body)).await?;
        let form = Form::of(&sent);
        Ok(Self { visit, session, tracked, base, sent, form })
    }

    /// The token to answer with.
    fn token(&self) -> Option<String> {
        self.session.as_ref().map(|session| session.token().to_owned())
    }

    fn case(&self) -> String {
        self.tracked.case.case_id.clone()
    }

    fn done(&self, position: Option<&Position>) -> Response {
        see_at(&format!("/t/{}", encode(&self.tracked.code)), position)
    }

    /// The page again, with this form as it was and why it was refused.
    async fn refused(self, status: tonic::Status, into: Which) -> Response {
        let errors = FieldErrors::of(status, self.visit.locale)
            .unwrap_or_else(|problem| FieldErrors::whole(told(&self.visit, &problem)));
        self.with(errors, into).await
    }

    /// The page again for who only has the code: what was typed is not lost.
    async fn not_theirs(self, into: Which) -> Response {
        let words = self.visit.locale.say("resident-not-yours");
        self.with(FieldErrors::whole(words), into).await
    }

    async fn with(mut self, errors: FieldErrors, into: Which) -> Response {
        self.form.errors = errors;
        let mut forms = Forms::new();
        *into(&mut forms) = self.form;
        again(&self.visit, self.session.as_ref(), self.tracked, forms, &self.base).await
    }
}

/// Which of the forms was sent.
type Which = fn(&mut Forms) -> &mut Form;

async fn add(
    State(gateway): State<Gateway>,
    Path(code): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let mut answer = Answer::read(&gateway, &code, request).await?;
    let Some(token) = answer.token() else {
        return Ok(answer.not_theirs(|forms| &mut forms.add).await);
    };
    let (photos, refused) = answer.sent.photos(&gateway, &token, MOST_PHOTOS).await;
    answer.form.photos = photos;
    if let Some(refused) = refused {
        return Ok(answer.refused(refused, |forms| &mut forms.add).await);
    }
    let request = AddInformationRequest {
        request_id: answer.form.request_id.clone(),
        case_id: answer.case(),
        text: answer.form.text.clone(),
        photos: answer.form.photos.clone(),
    };
    Ok(match gateway.clients.intake(token.as_str()).add_information(request).await {
        Ok(done) => answer.done(done.into_inner().position.as_ref()),
        Err(refused) => answer.refused(refused, |forms| &mut forms.add).await,
    })
}

async fn rate(
    State(gateway): State<Gateway>,
    Path(code): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let answer = Answer::read(&gateway, &code, request).await?;
    let Some(token) = answer.token() else {
        return Ok(answer.not_theirs(|forms| &mut forms.rate).await);
    };
    let request = RateCaseRequest {
        request_id: answer.form.request_id.clone(),
        case_id: answer.case(),
        contacted: answer.form.contacted == "1",
        solved: answer.form.solved == "1",
        satisfaction: answer.form.satisfaction,
        comment: answer.form.text.clone(),
        ..RateCaseRequest::default()
    };
    Ok(match gateway.clients.intake(token.as_str()).rate_case(request).await {
        Ok(done) => answer.done(done.into_inner().position.as_ref()),
        Err(refused) => answer.refused(refused, |forms| &mut forms.rate).await,
    })
}

async fn reopen(
    State(gateway): State<Gateway>,
    Path(code): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let answer = Answer::read(&gateway, &code, request).await?;
    let Some(token) = answer.token() else {
        return Ok(answer.not_theirs(|forms| &mut forms.reopen).await);
    };
    let request = ReopenCaseRequest {
        request_id: answer.form.request_id.clone(),
        case_id: answer.case(),
        text: answer.form.text.clone(),
    };
    Ok(match gateway.clients.intake(token.as_str()).reopen_case(request).await {
        Ok(done) => answer.done(done.into_inner().position.as_ref()),
        Err(refused) => answer.refused(refused, |forms| &mut forms.reopen).await,
    })
}
