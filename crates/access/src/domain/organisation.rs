//! An organisation: a department, a committee, a company with a duty. It is registered, takes
//! orders, and is closed.

use contracts::access::{OrganisationClosed, OrganisationEvent, OrganisationRegistered};
use kernel::{
    Aggregate, Division, Timestamp,
    id::{OrgKind, OrganisationId, RecordId},
};

/// The aggregate.
pub struct Organisation;

/// How an organisation stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Nobody has registered it.
    #[default]
    Unknown,
    /// It takes orders.
    Open,
    /// It takes no more.
    Closed,
}

/// What may be asked of an organisation.
#[derive(Clone, Debug)]
pub enum Command {
    /// Enter it into the register.
    RegisterOrganisation {
        /// The organisation.
        organisation: OrganisationId,
        /// What kind of body it is.
        kind: OrgKind,
        /// The division that it serves.
        division: Division,
        /// The record with its name.
        name: RecordId,
        /// Now.
        at: Timestamp,
    },
    /// Let it take no more orders.
    CloseOrganisation {
        /// The organisation.
        organisation: OrganisationId,
        /// Now.
        at: Timestamp,
    },
}

/// Why a command is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// It was never registered.
    #[error("no organisation {0} is registered: register it first")]
    UnknownOrganisation(OrganisationId),
    /// It was closed.
    #[error("the organisation {0} is closed: register a new one")]
    OrganisationClosed(OrganisationId),
}

impl kernel::Rejection for Rejection {
    fn reason(&self) -> &'static str {
        match self {
            Self::UnknownOrganisation(_) => "UNKNOWN_ORGANISATION",
            Self::OrganisationClosed(_) => "ORGANISATION_CLOSED",
        }
    }

    fn message_zh(&self) -> String {
        match self {
            Self::UnknownOrganisation(id) => format!("机构 {id} 未登记, 请先登记"),
            Self::OrganisationClosed(id) => format!("机构 {id} 已停用, 请另行登记新机构"),
        }
    }
}

impl Aggregate for Organisation {
    const CATEGORY: &'static str = OrganisationEvent::CATEGORY;
    type State = State;
    type Command = Command;
    type Event = OrganisationEvent;
    type Rejection = Rejection;

    fn decide(state: &State, command: Command) -> Result<Vec<OrganisationEvent>, Rejection> {
        use Command::{CloseOrganisation, RegisterOrganisation};
        match (state, command) {
            (State::Unknown, RegisterOrganisation { organisation, kind, division, name, at }) => {
                let occurred_at = at;
                Ok(vec![
                    OrganisationRegistered { occurred_at, organisation, kind, division, name }
                        .into(),
                ])
            }
            (State::Open, RegisterOrganisation { .. }) => Ok(vec![]),
            (State::Open, CloseOrganisation { organisation, at }) => {
                Ok(vec![OrganisationClosed { occurred_at: at, organisation }.into()])
            }
            (State::Closed, CloseOrganisation { .. }) => Ok(vec![]),

            (State::Unknown, CloseOrganisation { organisation, .. }) => {
                Err(Rejection::UnknownOrganisation(organisation))
            }
            (State::Closed, RegisterOrganisation { organisation, .. }) => {
                Err(Rejection::OrganisationClosed(organisation))
            }
        }
    }

    fn evolve(_: State, event: &OrganisationEvent) -> State {
        match event {
            OrganisationEvent::OrganisationRegistered(_) => State::Open,
            OrganisationEvent::OrganisationClosed(_) => State::Closed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use testkit::rules::table;

    fn commands() -> [(&'static str, Command); 2] {
        let organisation: OrganisationId = "620821101000-water".parse().unwrap();
        let at = Timestamp(1);
        let register = Command::RegisterOrganisation {
            organisation: organisation.clone(),
            kind: "d001".parse().unwrap(),
            division: "620821101".parse().unwrap(),
            name: "620821101000-name".parse().unwrap(),
            at,
        };
        [
            ("登记机构 RegisterOrganisation", register),
            ("停用机构 CloseOrganisation", Command::CloseOrganisation { organisation, at }),
        ]
    }

    #[test]
    fn the_rules_are_those_that_are_written_down() {
        let states = [
            ("未登记 unknown", State::Unknown),
            ("启用 open", State::Open),
            ("停用 closed", State::Closed),
        ];
        let said: fn(&OrganisationEvent) -> _ = |event| match event {
            OrganisationEvent::OrganisationRegistered(_) => "登记入册 is registered",
            OrganisationEvent::OrganisationClosed(_) => "停用 is closed",
        };
        let rules = table::<Organisation>("机构 Organisation", &states, &commands(), said);
        testkit::rules::check(
            concat!(env!("CARGO_MANIFEST_DIR"), "/src/domain/organisation.rules.md"),
            &rules,
        );
    }

    #[test]
    fn a_decider_has_its_three_properties() {
        let commands = commands().map(|(_, command)| command);
        testkit::properties::deciding_twice_changes_nothing::<Organisation>(&commands);
        testkit::properties::folding_equals_one_by_one::<Organisation>(&commands);
        testkit::properties::accepted_histories_never_panic::<Organisation>(&commands);
    }
}
