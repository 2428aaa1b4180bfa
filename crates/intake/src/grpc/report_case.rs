//! `ReportCase`: takes a report, wherever it lies, and answers with its tracking code.

use std::{
    num::NonZeroUsize,
    sync::{Arc, Mutex, PoisonError},
};

use api::intake::v1::{
    CaseStatus, Contact, ReportCaseRequest, ReportCaseResponse, report_case_request,
};
use contracts::{
    intake::{CaseEvent, CaseReported, Channel, FormAnswers, Place},
    subject,
};
use kernel::{
    Division, Timestamp,
    id::{CaseId, CategoryCode, Key, MediaId, PersonId},
};
use lru::LruCache;
use platform::{
    auth::{Placement, Principal, Role},
    executor::{self, Target},
    grpc::{ServiceError, Violations, call::Call},
};
use tonic::Request;

use super::{Intake, answer, channels, disclose, facts, form};
use crate::{
    domain::case::{Command, texts_owner},
    projections::{
        cases,
        categories::{CategoryRow, catalogue_version},
    },
    tracking::TrackingCode,
};

/// Where the requests of late were filed. A place may be looked up differently when a request comes
/// again, after a boundary was drawn anew or with another body: it stays the same case.
#[derive(Clone)]
pub(crate) struct Recent(Arc<Mutex<LruCache<Key, Division>>>);

impl Default for Recent {
    fn default() -> Self {
        let many = NonZeroUsize::new(8_192).unwrap_or(NonZeroUsize::MIN);
        Self(Arc::new(Mutex::new(LruCache::new(many))))
    }
}

impl Recent {
    /// Where this request is filed: where it was before, or here.
    fn filed(&self, key: &Key, here: Division) -> Division {
        let mut recent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *recent.get_or_insert(key.clone(), || here)
    }
}

/// A request whose every field is good.
pub(super) struct Valid {
    request_id: String,
    on_behalf_of: Option<PersonId>,
    reference: String,
    channel: Channel,
    category: CategoryCode,
    rules: CategoryRow,
    place: Place,
    text: String,
    contact: Option<String>,
    photos: Vec<MediaId>,
    form: Option<form::Answers>,
}

pub(super) async fn report_case(
    intake: &Intake,
    request: Request<ReportCaseRequest>,
) -> Result<ReportCaseResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let valid = validate(intake, &call.principal, &message).await?;
    let request = call.request(valid.request_id.clone(), "ReportCase", &message);
    let Prepared { report, code, .. } = prepare(intake, &call, &request, &message, valid).await?;
    let case = report.case.clone();
    let target = Target { subject: subject::case(&case), id: case.to_string(), creates: true };
    let outcome = intake
        .case_executor
        .execute(target, request, move |now| {
            let report =
                CaseReported { occurred_at: now, first_reported_at: now, ..report.clone() };
            Command::ReportCase(Box::new(report))
        })
        .await?;
    // The same request again is answered with the place of the first time.
    let place = outcome.events.iter().find_map(|event| match event {
        CaseEvent::CaseReported(event) => Some(event.place.clone()),
        CaseEvent::InformationAdded(_)
        | CaseEvent::CaseAccepted(_)
        | CaseEvent::CaseRefused(_)
        | CaseEvent::CaseResolved(_)
        | CaseEvent::CaseRated(_)
        | CaseEvent::CaseReopened(_)
        | CaseEvent::CaseArchived(_)
        | CaseEvent::CaseJoined(_)
        | CaseEvent::CaseMerged(_)
        | CaseEvent::CaseUnmerged(_)
        | CaseEvent::CaseTransferred(_)
        | CaseEvent::CaseWithdrawn(_)
        | CaseEvent::InformationRequested(_)
        | CaseEvent::CaseLapsed(_)
        | CaseEvent::CaseAnswered(_)
        | CaseEvent::ConfidentialitySet(_)
        | CaseEvent::CaseHandledOnSite(_)
        | CaseEvent::SpotCheckDrawn(_)
        | CaseEvent::SpotCheckConfirmed(_)
        | CaseEvent::CaseCalledBack(_)
        | CaseEvent::AlarmCounted(_) => None,
    });
    let source = place.as_ref().map(|place| place.source.to_string()).unwrap_or_default();
    let division = place.as_ref().map(|place| place.division.to_string()).unwrap_or_default();
    let grid = place.and_then(|place| place.grid).map(|grid| grid.to_string()).unwrap_or_default();
    Ok(ReportCaseResponse {
        case_id: case.to_string(),
        tracking_code: code.to_string(),
        status: CaseStatus::Reported.into(),
        version: outcome.version,
        position: Some(outcome.position.into()),
        place_source: answer::place_source(&source).into(),
        division,
        grid,
    })
}

/// A report that is ready to be written.
pub(super) struct Prepared {
    /// The report, at a time that is still to be written.
    pub(super) report: CaseReported,
    /// Under whose key its texts are.
    pub(super) owner: String,
    /// What the reporter follows it with.
    pub(super) code: TrackingCode,
}

/// Files a report and seals what was written in it.
pub(super) async fn prepare(
    intake: &Intake,
    call: &Call,
    request: &executor::Request,
    message: &ReportCaseRequest,
    valid: Valid,
) -> Result<Prepared, ServiceError> {
    let key = request.key("case");
    let known = cases::reported_by(&intake.cases, &key).await?;
    let known = known.and_then(|(id, _)| id.parse::<CaseId>().ok());
    let here = known.map_or(valid.place.division, |case| case.division());
    let case = CaseId::new(intake.recent.filed(&key, here), key);

    let is_staff = !matches!(call.principal.role, Role::Resident | Role::Integrator);
    let entered_by = valid.on_behalf_of.as_ref().map(|_| call.principal.person.clone());
    // Who is known by an id is the reporter, whoever took it down.
    let by_staff = is_staff && valid.on_behalf_of.is_none();
    let reporter = valid.on_behalf_of.unwrap_or_else(|| call.principal.person.clone());
    let owner = texts_owner(&case, &reporter, by_staff, valid.channel);
    let contact = valid.contact.unwrap_or_default();
    let answers = valid.form.as_ref().map(|form| form.text.as_str()).unwrap_or_default();
    let (text, contact, reference, answers, ()) = futures::try_join!(
        intake.seal(&owner, request, "text", &valid.text),
        intake.seal(&owner, request, "contact", &contact),
        intake.seal(&owner, request, "reference", &valid.reference),
        intake.seal(&owner, request, "form", answers),
        intake.index_phone(&owner, message.contact.as_ref()),
    )?;
    let code = TrackingCode::of(&intake.context.tracking_secret, &case);
    let report = CaseReported {
        occurred_at: Timestamp::default(),
        case: case.clone(),
        channel: valid.channel,
        category: valid.category,
        catalogue_version: catalogue_version(&intake.categories),
        urgency: valid.rules.leaf_urgency(),
        place: valid.place,
        reporter,
        by_staff,
        text,
        contact,
        tracking: code.hash(),
        first_reported_at: Timestamp::default(),
        photos: valid.photos,
        form: answers.zip(valid.form).map(|(record, form)| FormAnswers {
            record,
            schema: form.schema,
            catalogue_version: valid.rules.version(),
        }),
        confidential: message.confidential,
        predecessor: None,
        texts_of: None,
        entered_by,
        reference,
    };
    Ok(Prepared { report, owner, code })
}

impl Intake {
    /// Notes in the vault's index whose number it is, so that a caller's cases are found by it.
    pub(super) async fn index_phone(
        &self,
        owner: &str,
        contact: Option<&Contact>,
    ) -> Result<(), platform::vault::VaultError> {
        match contact.and_then(|contact| kernel::phone::e164(&contact.phone)) {
            Some(number) => self.context.vault.index_put(disclose::PHONE, &number, owner).await,
            None => Ok(()),
        }
    }
}

/// The request, if every field of it is good.
pub(super) async fn validate(
    intake: &Intake,
    caller: &Principal,
    message: &ReportCaseRequest,
) -> Result<Valid, ServiceError> {
    let mut v = Violations::new();
    let request_id = v.request_id(&message.request_id);
    let channel = api::word(message.channel().as_str_name(), "CHANNEL_");
    let channel = facts::word(&mut v, "channel", channel);
    if let Some(channel) = channel {
        channels::check(&mut v, caller.role, channel);
    }
    let on_behalf_of = v.parse_optional::<PersonId>("on_behalf_of", &message.on_behalf_of);
    if !message.on_behalf_of.is_empty() && !channels::may_speak_for_others(caller.role) {
        v.push(
            "on_behalf_of",
            "only staff report for others: leave it out",
            "只有工作人员可以代他人反映，请勿填写",
        );
    }
    let reference = channels::reference(&mut v, &message.reference);
    let category = v.parse("category", &message.category);
    let rules = category.as_ref().and_then(|code| intake.leaf(&mut v, "category", code));
    let form = match &rules {
        Some(rules) => form::answers(intake, &mut v, rules, &message.form_answers).await?,
        None => None,
    };
    let place = v.required("place", message.place.as_ref());
    let place = place.and_then(|place| locate(intake, &mut v, place));
    let text = v.text("text", &message.text, intake.config.max_report_chars);
    let contact = message.contact.as_ref().and_then(|contact| reachable(intake, &mut v, contact));
    let photos = v.parse_each("photos", &message.photos, intake.config.max_photos);
    v.finish()?;
    let (
        (Some(request_id), Some(channel), Some(category)),
        (Some(rules), Some(place), Some(text), Some(photos), Some(reference)),
    ) = ((request_id, channel, category), (rules, place, text, photos, reference))
    else {
        unreachable!("what is missing was noted, and finish has answered with it")
    };
    Ok(Valid {
        request_id,
        on_behalf_of,
        reference,
        channel,
        category,
        rules,
        place,
        text,
        contact,
        photos,
        form,
    })
}

impl Valid {
    /// Where the case will be filed.
    pub(super) fn placement(&self) -> Placement {
        Placement { grid: self.place.grid, ..Placement::of_division(self.place.division) }
    }
}

/// The place that is given, as the case is filed; notes what is wrong with it.
pub(super) fn locate(
    intake: &Intake,
    v: &mut Violations,
    place: &report_case_request::Place,
) -> Option<Place> {
    use report_case_request::Place as Given;
    match place {
        Given::Position(position) => match position.to_kernel() {
            Ok(position) => Some(intake.places.at(position)),
            Err(reason) => {
                v.push(
                    "position",
                    reason.to_string(),
                    "坐标不正确：经度在±180、纬度在±90度以内，请勿颠倒",
                );
                None
            }
        },
        Given::Grid(code) => {
            let grid = v.parse("grid", code)?;
            let place = intake.places.of_grid(grid);
            if place.is_none() {
                v.push(
                    "grid",
                    format!(
                        "{grid} is no grid of this county: send the position or the village instead"
                    ),
                    format!("本县没有网格 {grid}，请改填位置或所在村"),
                );
            }
            place
        }
        Given::Division(code) => {
            let division = v.parse("division", code)?;
            let place = intake.places.of_division(division);
            if place.is_none() {
                let county = intake.context.county;
                v.push(
                    "division",
                    format!("{division} is no division of this county: choose one below {county}, or {county} itself"),
                    format!("{division} 不是本县的区划，请选择 {county} 或其下属区划"),
                );
            }
            place
        }
    }
}

/// The contact as the vault keeps it, JSON; none where nothing was given.
pub(super) fn reachable(intake: &Intake, v: &mut Violations, contact: &Contact) -> Option<String> {
    let max = intake.config.max_contact_chars;
    let name = v.text("contact.name", &contact.name, max);
    let phone = match contact.phone.as_str() {
        "" => Some(String::new()),
        phone => v.phone("contact.phone", phone),
    };
    let address = v.text("contact.address", &contact.address, max);
    let (name, phone, address) = (name?, phone?, address?);
    if [&name, &phone, &address].into_iter().all(|part| part.trim().is_empty()) {
        return None;
    }
    Some(serde_json::json!({ "name": name, "phone": phone, "address": address }).to_string())
}
