//! `RevealContact` and `FindByPhone`: what names a person is answered to whoever may know it, says what for,
//! and is written down with that first.

use api::intake::v1::{
    Contact, DisclosurePurpose as ProtoPurpose, FindByPhoneRequest, FindByPhoneResponse,
    RevealContactRequest, RevealContactResponse,
};
use contracts::{
    intake::{CasesLookedUp, ContactRevealed, DisclosurePurpose},
    subject,
};
use futures::future::try_join_all;
use kernel::{
    ErrorCode, Timestamp,
    id::{CaseId, OrganisationId, RecordId},
    mask, phone,
};
use platform::{
    audit::Object,
    auth::{Principal, Role, Scope},
    executor::Target,
    grpc::{ServiceError, Violations, call::Call},
    vault::{RESTRICTED, Standing, VaultError},
};
use serde::Deserialize;
use tonic::Request;

use super::{Intake, facts};
use crate::{
    domain::{case::Report, disclosure::Command},
    projections::{case_orders, cases},
};

/// The kind under which the vault's index has phone numbers.
pub(super) const PHONE: &str = "phone";

/// The most cases that a number is answered with.
const MOST_FOUND: i64 = 100;

/// The contact as the vault keeps it.
#[derive(Deserialize)]
struct Kept {
    name: String,
    phone: String,
    address: String,
}

pub(super) async fn reveal_contact(
    intake: &Intake,
    request: Request<RevealContactRequest>,
) -> Result<RevealContactResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let mut v = Violations::new();
    let request_id = v.request_id(&message.request_id);
    let case = v.parse::<CaseId>("case_id", &message.case_id);
    let purpose = purpose(&mut v, message.purpose());
    let note = v.text("note", &message.note, intake.config.max_note_chars);
    v.finish()?;
    let (Some(request_id), Some(case), Some(purpose), Some(note)) =
        (request_id, case, purpose, note)
    else {
        unreachable!("what is missing was noted, and finish has answered with it")
    };

    let caller = &call.principal;
    let report = intake.found(&case).await?.ok_or_else(|| facts::unknown(caller, &case))?;
    let desk = matches!(caller.role, Role::Operator | Role::Supervisor);
    if desk || !intake.handles(caller, &case).await? {
        // The desk within its scope; of the others only who handles it.
        if !caller.covers(&report.placement()) {
            return Err(facts::unknown(caller, &case));
        }
        let of_village = matches!(caller.scope, Scope::Division(of) if of.village().is_some());
        if !desk || (of_village && intake.is_confidential_case(&report)) {
            return Err(not_the_handler());
        }
    }
    let record = report.contact.clone().ok_or_else(no_contact)?;
    // Opened first, so that nothing is written down which was not shown; answered last.
    let contact = intake.contact(&record).await?.ok_or_else(no_contact)?;

    let request = call.request(request_id, "RevealContact", &message);
    let note = intake.seal(&report.texts_owner(), &request, "note", &note).await?;
    let (by, unit, most) = (caller.person.clone(), unit(caller), intake.config.max_reveals_an_hour);
    let outcome = intake
        .disclosure_executor
        .execute(account(caller), request, move |now| {
            let (case, by, unit) = (case.clone(), by.clone(), unit.clone());
            let (note, record) = (note.clone(), record.clone());
            let event = ContactRevealed { occurred_at: now, case, by, unit, purpose, note, record };
            Command::RevealContact { event, most }
        })
        .await?;
    call.reads("reveal_contact", Object::one("case", &message.case_id));
    Ok(RevealContactResponse {
        contact: Some(contact),
        version: outcome.version,
        position: Some(outcome.position.into()),
    })
}

pub(super) async fn find_by_phone(
    intake: &Intake,
    request: Request<FindByPhoneRequest>,
) -> Result<FindByPhoneResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let mut v = Violations::new();
    let request_id = v.request_id(&message.request_id);
    let number = phone::e164(&message.phone);
    if number.is_none() {
        v.push(
            "phone",
            "write a mobile number, a landline with its area code, or + and a country code",
            "请填写手机号、带区号的座机号，或以+开头的国际号码",
        );
    }
    let purpose = purpose(&mut v, message.purpose());
    let note = v.text("note", &message.note, intake.config.max_note_chars);
    v.finish()?;
    let (Some(request_id), Some(number), Some(purpose), Some(note)) =
        (request_id, number, purpose, note)
    else {
        unreachable!("what is missing was noted, and finish has answered with it")
    };

    let caller = &call.principal;
    let case_ids = intake.cases_of_phone(caller, &number).await?;
    let found = u32::try_from(case_ids.len()).unwrap_or(u32::MAX);
    let request = call.request(request_id, "FindByPhone", &message);
    let note = intake.seal(&caller.person.to_string(), &request, "note", &note).await?;
    let (by, unit, most) = (caller.person.clone(), unit(caller), intake.config.max_lookups_an_hour);
    let outcome = intake
        .disclosure_executor
        .execute(account(caller), request, move |now: Timestamp| {
            let (by, unit, note) = (by.clone(), unit.clone(), note.clone());
            let event = CasesLookedUp { occurred_at: now, by, unit, purpose, note, found };
            Command::FindByPhone { event, most }
        })
        .await?;
    call.reads("find_by_phone", Object::list("case", case_ids.len()));
    Ok(FindByPhoneResponse {
        case_ids,
        version: outcome.version,
        position: Some(outcome.position.into()),
    })
}

impl Intake {
    /// Whether an order of the case is with the caller, or with the organisation for which they act.
    pub(super) async fn handles(
        &self,
        caller: &Principal,
        case: &CaseId,
    ) -> Result<bool, ServiceError> {
        if !matches!(caller.role, Role::GridMember | Role::DepartmentClerk | Role::Verifier) {
            return Ok(false);
        }
        let orders = case_orders::of_case(&self.case_orders, &case.to_string()).await?;
        Ok(orders.iter().any(|order| {
            let placement = order.placement();
            let for_organisation = matches!(caller.scope, Scope::Organisation { .. })
                && placement.is_ok_and(|placement| caller.covers(&placement));
            order.assignee == caller.person.to_string() || for_organisation
        }))
    }

    /// How a reporter can be reached; none where that is not kept any more.
    async fn contact(&self, record: &RecordId) -> Result<Option<Contact>, ServiceError> {
        let Some(plain) = self.context.vault.open_record(record).await? else { return Ok(None) };
        let Kept { name, phone, address } =
            serde_json::from_slice(&plain).map_err(ServiceError::corrupt)?;
        Ok(Some(Contact { name, phone, address }))
    }

    /// The same, masked; where it may not be used, the words for that.
    pub(super) async fn masked_contact(
        &self,
        report: &Report,
    ) -> Result<Option<Contact>, ServiceError> {
        let Some(record) = &report.contact else { return Ok(None) };
        let plain = match self.context.vault.open_record(record).await {
            Ok(Some(plain)) => plain,
            Ok(None) | Err(VaultError::Erased(_)) => return Ok(None),
            Err(VaultError::Restricted(_)) => {
                return Ok(Some(Contact { name: RESTRICTED.to_owned(), ..Contact::default() }));
            }
            Err(error) => return Err(error.into()),
        };
        let kept: Kept = serde_json::from_slice(&plain).map_err(ServiceError::corrupt)?;
        Ok(Some(Contact {
            name: mask::name(&kept.name),
            phone: mask::phone(&kept.phone),
            address: kept.address.chars().map(|_| '*').collect(),
        }))
    }

    /// The number under which the hotline or the upper tier has a case; empty where none is kept.
    pub(super) async fn reference(&self, report: &Report) -> Result<String, ServiceError> {
        let Some(record) = &report.reported.reference else { return Ok(String::new()) };
        Ok(self.context.vault.text(record).await?.unwrap_or_default())
    }

    /// The cases that were reported with a number, as far as the caller's scope goes, newest first.
    async fn cases_of_phone(
        &self,
        caller: &Principal,
        number: &str,
    ) -> Result<Vec<String>, ServiceError> {
        let vault = &self.context.vault;
        let owners = vault.index_find(PHONE, number).await?;
        // What may be kept but not used is not found.
        let usable = try_join_all(owners.iter().map(|owner| async move {
            Ok::<_, VaultError>((vault.standing(owner).await? == Standing::Active).then_some(owner))
        }));
        let scope = caller.predicate(self.context.county);
        let mut found = Vec::new();
        for owner in usable.await?.into_iter().flatten() {
            found.extend(cases::of_owner(&self.cases, owner, &scope, MOST_FOUND).await?);
        }
        found.sort_by(|(id, row), (other, another)| {
            (another.reported_at, other).cmp(&(row.reported_at, id))
        });
        found.dedup_by(|(id, _), (other, _)| id == other);
        let most = usize::try_from(MOST_FOUND).unwrap_or(usize::MAX);
        Ok(found.into_iter().take(most).map(|(id, _)| id).collect())
    }
}

/// Where it is written what the caller was shown.
fn account(caller: &Principal) -> Target {
    let subject = subject::disclosure(&caller.person);
    Target { subject, id: caller.person.to_string(), creates: false }
}

/// The organisation for which the caller acts.
pub(super) fn unit(caller: &Principal) -> Option<OrganisationId> {
    match &caller.scope {
        Scope::Organisation { org, .. } => Some(org.clone()),
        Scope::Division(_) | Scope::Grid(_) | Scope::Own | Scope::Assigned => None,
    }
}

fn purpose(v: &mut Violations, purpose: ProtoPurpose) -> Option<DisclosurePurpose> {
    let word = api::word(purpose.as_str_name(), "DISCLOSURE_PURPOSE_");
    facts::word(v, "purpose", word)
}

fn not_the_handler() -> ServiceError {
    ServiceError::new(
        ErrorCode::PermissionDenied,
        "NOT_THE_HANDLER",
        "only who handles this case and the desk are told how to reach its reporter: ask the desk",
        "只有承办人和调度岗可以查看反映人联系方式，请联系调度岗",
    )
}

fn no_contact() -> ServiceError {
    ServiceError::new(
        ErrorCode::NotFound,
        "CASE_HAS_NO_CONTACT",
        "this case has no contact, or has it no more: write to its reporter through the case",
        "该事项没有联系方式，或已删除，请通过事项与反映人沟通",
    )
}
