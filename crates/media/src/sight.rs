//! Who may see a photo: those who handle the case that it is attached to.

use kernel::{Role, division::InvalidDivision};
use platform::auth::{Placement, Principal, Scope};

/// The case that a photo is attached to, as far as it matters who asks.
#[derive(Clone, Debug)]
pub struct AttachedCase {
    /// Where it is handled, and who reported it.
    pub case: Placement,
    /// Where its orders stand, and with whom.
    pub orders: Vec<Placement>,
    /// Whether only those who handle it may see it.
    pub confidential: bool,
}

impl AttachedCase {
    /// From rows as the tables have them.
    pub fn of(
        case: Result<Placement, InvalidDivision>,
        orders: impl IntoIterator<Item = Result<Placement, InvalidDivision>>,
        confidential: bool,
    ) -> Result<Self, InvalidDivision> {
        let orders = orders.into_iter().collect::<Result<_, _>>()?;
        Ok(Self { case: case?, orders, confidential })
    }

    /// Whether a caller may see the case's photos. The uploader of a photo may besides.
    pub fn is_seen_by(&self, caller: &Principal) -> bool {
        match caller.role {
            Role::Operator | Role::Supervisor => caller.covers(&self.case),
            Role::GridMember | Role::DepartmentClerk => self.is_handled_by(caller),
            // Who verifies sees what was done, wherever in their scope it is.
            Role::Verifier => {
                self.is_handled_by(caller) || (!self.confidential && caller.covers(&self.case))
            }
            Role::Resident => self.case.reporter.as_ref() == Some(&caller.person),
            Role::Integrator
            | Role::Administrator
            | Role::SecurityAdministrator
            | Role::AuditAdministrator => false,
        }
    }

    /// Whether an order of the case is with the caller, or with the organisation for which they act.
    fn is_handled_by(&self, caller: &Principal) -> bool {
        self.orders.iter().any(|order| {
            let for_organisation =
                matches!(caller.scope, Scope::Organisation { .. }) && caller.covers(order);
            order.assignee.as_ref() == Some(&caller.person) || for_organisation
        })
    }
}

#[cfg(test)]
mod tests {
    use kernel::Timestamp;

    use platform::auth::Basis;

    use super::*;

    const VILLAGE: &str = "620821101203";

    fn caller(role: Role, scope: Scope) -> Principal {
        let person = "620821000000-caller".parse().unwrap();
        Principal {
            person,
            role,
            scope,
            token_id: String::new(),
            expires_at: Timestamp(0),
            basis: Basis::default(),
        }
    }

    fn case(confidential: bool) -> AttachedCase {
        let grid = format!("{VILLAGE}001").parse().ok();
        let reporter = "620821000000-reporter".parse().ok();
        let case = Placement { grid, reporter, ..Placement::of_division(VILLAGE.parse().unwrap()) };
        let org = "620821101000-water".parse().ok();
        let orders = vec![Placement { org, ..Placement::of_division(VILLAGE.parse().unwrap()) }];
        AttachedCase { case, orders, confidential }
    }

    fn division(code: &str) -> Scope {
        Scope::Division(code.parse().unwrap())
    }

    fn organisation(id: &str) -> Scope {
        Scope::Organisation { org: id.parse().unwrap(), division: "620821".parse().unwrap() }
    }

    #[test]
    fn who_handles_a_case_sees_its_photos() {
        use Role::{
            Administrator, DepartmentClerk, GridMember, Integrator, Operator, Resident, Supervisor,
            Verifier,
        };
        let grid = |serial: &str| Scope::Grid(format!("{VILLAGE}{serial}").parse().unwrap());
        // The caller, whether they see it, and whether when it is confidential.
        for (role, scope, open, confidential) in [
            (Operator, division("620821"), true, true),
            (Operator, division("620821101"), true, true),
            (Operator, division("620821102"), false, false),
            (Supervisor, division("620821"), true, true),
            (GridMember, grid("001"), false, false),
            (GridMember, grid("002"), false, false),
            (DepartmentClerk, organisation("620821101000-water"), true, true),
            (DepartmentClerk, organisation("620821101000-roads"), false, false),
            (Verifier, division("620821101"), true, false),
            (Verifier, division("620821102"), false, false),
            (Verifier, Scope::Assigned, false, false),
            (Resident, Scope::Own, false, false),
            (Integrator, division("620821"), false, false),
            (Administrator, division("620821"), false, false),
        ] {
            let caller = caller(role, scope);
            assert_eq!(case(false).is_seen_by(&caller), open, "{caller:?}");
            assert_eq!(case(true).is_seen_by(&caller), confidential, "{caller:?}");
        }
    }

    #[test]
    fn a_reporter_sees_their_own_case_and_an_assignee_what_is_confidential() {
        let resident = caller(Role::Resident, Scope::Own);
        let mut case = case(true);
        case.case.reporter = Some(resident.person.clone());
        assert!(case.is_seen_by(&resident));
        let elsewhere = Scope::Grid(format!("{VILLAGE}009").parse().unwrap());
        let member = caller(Role::GridMember, elsewhere);
        assert!(!case.is_seen_by(&member));
        case.orders[0].assignee = Some(member.person.clone());
        assert!(case.is_seen_by(&member));
        assert!(case.is_seen_by(&caller(Role::Verifier, Scope::Assigned)));
    }
}
