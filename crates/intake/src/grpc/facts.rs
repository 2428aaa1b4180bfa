//! What handlers look up before a command: the case as the log has it now, a leaf of the catalogue;
//! and where its texts go.

use contracts::subject;
use kernel::{
    ErrorCode,
    hash::Sha256,
    id::{CaseId, CategoryCode, RecordId},
};
use platform::{
    auth::{Placement, Principal, Role, Scope},
    executor::{Request, Target},
    grpc::{ServiceError, Violations},
    vault::VaultError,
};

use super::Intake;
use crate::{
    catalogue::nearest, domain::case::Report, projections::categories::CategoryRow,
    tracking::TrackingCode,
};

/// The answer to an id or a code that leads to no case. It is the same for both, whatever is wrong.
pub(super) fn no_such_case() -> ServiceError {
    ServiceError::new(
        ErrorCode::NotFound,
        "CASE_NOT_FOUND",
        "there is no such case: check the id or the code",
        "没有找到该事项，请核对编号或查询码",
    )
}

/// Whether the caller may know that a case is not there: an id alone says the division.
pub(super) fn knows(caller: &Principal, case: &CaseId) -> bool {
    let grid = match &caller.scope {
        Scope::Grid(grid) => Some(*grid).filter(|grid| grid.village() == case.division()),
        Scope::Division(_) | Scope::Organisation { .. } | Scope::Own | Scope::Assigned => None,
    };
    let org = match &caller.scope {
        Scope::Organisation { org, .. } => Some(org.clone()),
        Scope::Division(_) | Scope::Grid(_) | Scope::Own | Scope::Assigned => None,
    };
    caller.covers(&Placement { grid, org, ..Placement::of_division(case.division()) })
}

/// The answer to an id that leads to no case, and to one whose case lies outside of the caller's
/// scope: it is the same, so that nobody learns by asking which cases there are.
pub(super) fn unknown(caller: &Principal, case: &CaseId) -> ServiceError {
    if knows(caller, case) {
        return no_such_case();
    }
    let nowhere = Placement::of_division(case.division());
    caller.require(&nowhere).err().unwrap_or_else(no_such_case)
}

/// How a command reaches a case that exists.
pub(super) fn target(case: &CaseId) -> Target {
    Target { subject: subject::case(case), id: case.to_string(), creates: false }
}

/// The answer to a field whose word is missing or unknown.
pub(super) fn word<T>(v: &mut Violations, field: &str, word: Option<T>) -> Option<T> {
    if word.is_none() {
        v.push(field, "choose one of the listed values", "请从列出的值中选择");
    }
    word
}

impl Intake {
    /// What stays with a case, as the log has it now: so a case can be acted on right after its
    /// report. None if it is not there.
    pub(super) async fn found(&self, case: &CaseId) -> Result<Option<Report>, ServiceError> {
        if !self.context.county.contains(case.division()) {
            return Ok(None);
        }
        let (state, _) = self.case_executor.load(&subject::case(case)).await?;
        Ok(state.report().cloned())
    }

    /// The same, for a caller whose scope must cover the case.
    pub(super) async fn report_in_scope(
        &self,
        caller: &Principal,
        case: &CaseId,
    ) -> Result<Report, ServiceError> {
        let report = self.found(case).await?.ok_or_else(|| unknown(caller, case))?;
        if caller.covers(&report.placement()) { Ok(report) } else { Err(unknown(caller, case)) }
    }

    /// The same, for who reported the case, or the desk within its scope.
    pub(super) async fn report_for_reporter_or_desk(
        &self,
        caller: &Principal,
        case: &CaseId,
    ) -> Result<Report, ServiceError> {
        let desk = match caller.role {
            Role::Operator | Role::Supervisor => true,
            Role::Resident
            | Role::GridMember
            | Role::DepartmentClerk
            | Role::Verifier
            | Role::Administrator
            | Role::SecurityAdministrator
            | Role::AuditAdministrator
            | Role::Integrator => false,
        };
        let found = self.found(case).await?;
        let covered = found.as_ref().is_some_and(|report| caller.covers(&report.placement()));
        match found {
            Some(report) if caller.person == report.reporter => Ok(report),
            Some(report) if desk && covered => Ok(report),
            // Who sees the case is told why not; to all others it is as if there were none.
            Some(_) | None if desk || (knows(caller, case) && !covered) => {
                Err(unknown(caller, case))
            }
            Some(_) | None => Err(ServiceError::new(
                ErrorCode::PermissionDenied,
                "NOT_THE_REPORTER",
                "only who reported this case and the desk can do this: call the desk",
                "只有反映人本人和调度岗可以这样做，请联系调度岗",
            )),
        }
    }

    /// A leaf of the catalogue in force; notes what is wrong with the code otherwise.
    pub(super) fn leaf(
        &self,
        v: &mut Violations,
        field: &str,
        code: &CategoryCode,
    ) -> Option<CategoryRow> {
        let row = self.leaf_or_ended(v, field, code)?;
        if row.is_in_force() {
            return Some(row);
        }
        let (en, zh) = match self.categories.cached(|rows| nearest::successor(rows, &row)) {
            Some(next) => (format!("report it under {next}"), format!("请改用 {next}")),
            None => ("take a code of ListCategories".to_owned(), "请从类别表中选择".to_owned()),
        };
        v.push(field, format!("{code} has ended: {en}"), format!("类别 {code} 已终止，{zh}"));
        None
    }

    /// A leaf of the catalogue, also one that has ended: what was reported under it before is handled
    /// by its rules.
    pub(super) fn leaf_or_ended(
        &self,
        v: &mut Violations,
        field: &str,
        code: &CategoryCode,
    ) -> Option<CategoryRow> {
        let row = self.categories.cached(|rows| rows.get(code.as_str()).cloned());
        match row.filter(|row| row.is_in_force() || row.has_ended()) {
            None => {
                let near = self.categories.cached(|rows| nearest::leaves(rows, code));
                let (en, zh) = if near.is_empty() {
                    (
                        "take a code of ListCategories, or import the catalogue first".to_owned(),
                        "请从类别表中选择；如尚未导入类别表，请先导入".to_owned(),
                    )
                } else {
                    (
                        format!("take a code of ListCategories, such as {}", near.join(", ")),
                        format!("请从类别表中选择，例如 {}", near.join("、")),
                    )
                };
                v.push(
                    field,
                    format!("the catalogue has no {code}: {en}"),
                    format!("类别表中没有 {code}，{zh}"),
                );
                None
            }
            Some(row) if row.leaf_kind().is_none() => {
                v.push(
                    field,
                    format!("{code} is a group: choose one of its leaves"),
                    format!("{code} 是大类，请选择其下的末级类别"),
                );
                None
            }
            leaf @ Some(_) => leaf,
        }
    }

    /// Whether only the desk may read what was written in cases of this category; also while the
    /// category is not known here.
    pub(super) fn is_confidential(&self, category: &str) -> bool {
        self.categories.cached(|rows| rows.get(category).is_none_or(|row| row.confidential != 0))
    }

    /// Whether only the desk and who handles this case may read what was written in it.
    pub(super) fn is_confidential_case(&self, report: &Report) -> bool {
        report.confidential || self.is_confidential(report.category.as_str())
    }

    /// The case that a request names by its id or by a tracking code, and the hash of the code by which
    /// its rules know who holds it. A code leads past transfers.
    pub(super) async fn named(
        &self,
        case: Option<CaseId>,
        code: &str,
    ) -> Result<(CaseId, Option<Sha256>), ServiceError> {
        if let Some(case) = case {
            return Ok((case, None));
        }
        let code = TrackingCode::read(code).ok_or_else(no_such_case)?;
        let found = self.tracked(code.hash()).await?.ok_or_else(no_such_case)?;
        let case = found.id.parse::<CaseId>().map_err(ServiceError::corrupt)?;
        let tracking = match found.joiner {
            Some(_) => code.hash(),
            None => TrackingCode::of(&self.context.tracking_secret, &case).hash(),
        };
        Ok((case, Some(tracking)))
    }

    /// Seals a text under its owner's key, so that erasing the owner erases it, and answers with its
    /// record; none for an empty text. Whose it is says `domain::case::texts_owner`.
    pub(super) async fn seal(
        &self,
        owner: &str,
        request: &Request,
        what: &str,
        text: &str,
    ) -> Result<Option<RecordId>, VaultError> {
        if text.trim().is_empty() {
            return Ok(None);
        }
        let record = RecordId::new(self.context.county, request.record(what));
        self.context.vault.seal(owner, &record, text.as_bytes()).await?;
        Ok(Some(record))
    }
}
