//! What a page offers to whom. It only spares a way that leads nowhere: whether something may be done
//! is for the service to say.

use api::dispatch::v1::{WorkOrder, WorkOrderStatus};
use kernel::Role;
use platform::auth::{Principal, Scope};

/// The buttons of an order's page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "a button or a note each")]
pub(super) struct Offers {
    pub(super) accept: bool,
    pub(super) give_back: bool,
    pub(super) feedback: bool,
    pub(super) verify: bool,
    pub(super) close: bool,
    /// It awaits verification by somebody else, for it was handled by who looks at it.
    pub(super) own: bool,
    /// It awaits verification by the grid's chief, a verifier or the reporter.
    pub(super) by_chief: bool,
}

impl Offers {
    /// What is offered to this person; `stands_by` says that they are the grid's chief or the reporter.
    pub(super) fn of(order: &WorkOrder, person: &Principal, stands_by: bool) -> Self {
        use WorkOrderStatus as S;
        let me = person.person.to_string();
        let assignee = order.assignee.clone().unwrap_or_default();
        let of_mine = match &person.scope {
            Scope::Organisation { org, .. } => assignee.organisation_id == org.to_string(),
            Scope::Division(_) | Scope::Grid(_) | Scope::Own | Scope::Assigned => false,
        };
        let mine = of_mine || assignee.person_id == me;
        let handles = matches!(person.role, Role::GridMember | Role::DepartmentClerk);
        let office = matches!(person.role, Role::Verifier | Role::Operator | Role::Supervisor);
        let none = Self::default();
        match order.status() {
            S::Routed if mine && handles => Self { accept: true, give_back: true, ..none },
            S::Accepted | S::Arrived if mine && handles => {
                Self { feedback: true, give_back: true, ..none }
            }
            S::Handled if order.handler_id == me => Self { own: true, ..none },
            S::Handled if office || (person.role == Role::GridMember && stands_by) => {
                Self { verify: true, ..none }
            }
            S::Handled => Self { by_chief: true, ..none },
            S::Verified if office => Self { close: true, ..none },
            S::Unspecified
            | S::Routed
            | S::Accepted
            | S::Arrived
            | S::Returned
            | S::Verified
            | S::Closed
            | S::Suspended
            | S::Split
            | S::Withdrawn => none,
        }
    }

    /// Whether there is any button.
    pub(super) fn any(self) -> bool {
        self.accept || self.give_back || self.feedback || self.verify || self.close
    }
}

#[cfg(test)]
mod tests {
    use api::dispatch::v1::Assignee;
    use kernel::Timestamp;
    use platform::auth::{Basis, scope::ScopeParts};

    use super::*;

    fn person(id: &str, role: Role) -> Principal {
        let member = role == Role::GridMember;
        let parts = ScopeParts {
            division: (!member).then(|| "620821".parse().unwrap()),
            grid: member.then(|| "620821101203001".parse().unwrap()),
            org: None,
        };
        Principal {
            person: format!("620821000000-{id}").parse().unwrap(),
            role,
            scope: Scope::for_role(role, parts).unwrap(),
            token_id: String::new(),
            expires_at: Timestamp(0),
            basis: Basis::default(),
        }
    }

    fn order(status: WorkOrderStatus) -> WorkOrder {
        let me = "620821000000-me".to_owned();
        WorkOrder {
            status: status.into(),
            assignee: Some(Assignee { organisation_id: String::new(), person_id: me.clone() }),
            handler_id: me,
            ..WorkOrder::default()
        }
    }

    #[test]
    fn who_handles_is_offered_the_next_step_and_never_the_verification() {
        let me = person("me", Role::GridMember);
        let offers = |status| Offers::of(&order(status), &me, true);
        assert!(
            offers(WorkOrderStatus::Routed).accept && !offers(WorkOrderStatus::Routed).feedback
        );
        assert!(offers(WorkOrderStatus::Accepted).feedback);
        assert!(offers(WorkOrderStatus::Handled).own && !offers(WorkOrderStatus::Handled).any());
    }

    #[test]
    fn who_does_not_handle_may_look_at_it_and_a_chief_may_verify() {
        let other = person("other", Role::GridMember);
        assert!(!Offers::of(&order(WorkOrderStatus::Routed), &other, true).any());
        assert!(Offers::of(&order(WorkOrderStatus::Handled), &other, true).verify);
        assert!(Offers::of(&order(WorkOrderStatus::Handled), &other, false).by_chief);
        let verifier = person("v", Role::Verifier);
        assert!(Offers::of(&order(WorkOrderStatus::Handled), &verifier, false).verify);
        assert!(Offers::of(&order(WorkOrderStatus::Verified), &verifier, false).close);
    }
}
