//! A category of the catalogue: a group, or a leaf with the rules by which such a matter is handled.
//! What was in force stays in the log, so that a decision can be explained by the version that it
//! names. `category.rules.md` beside this file is the table of its rules, written by a test.

use contracts::intake::{
    CategoryDefined, CategoryEnded, CategoryEvent, CategoryPlanned, CategoryRules,
};
use kernel::{
    Aggregate, Timestamp,
    id::{CategoryCode, PersonId, RecordId},
};

/// The aggregate.
#[derive(Debug)]
pub enum Category {}

/// What is known of a category.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Nothing.
    #[default]
    Undefined,
    /// It will be in force, and never was.
    Planned(CategoryPlanned),
    /// It is in force, and how it will be later, if that is planned.
    InForce(CategoryDefined, Option<CategoryPlanned>),
    /// It has ended; it may come again.
    Ended(CategoryDefined, CategoryEnded, Option<CategoryPlanned>),
}

/// What may be asked of a category.
#[derive(Clone, Debug)]
pub enum Command {
    /// Put it in force, now or later.
    DefineCategory(Box<DefineCategory>),
    /// Put in force what was planned, if its time has come.
    PutInForce {
        /// Now.
        at: Timestamp,
        /// The version of the catalogue that this makes.
        catalogue_version: u32,
    },
    /// End it, now or later.
    EndCategory(EndCategory),
    /// End what has an end, if its time has come.
    EndDue {
        /// Now.
        at: Timestamp,
        /// The version of the catalogue that this makes.
        catalogue_version: u32,
    },
}

/// A definition, as a row of an imported document gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefineCategory {
    /// Now.
    pub at: Timestamp,
    /// The category.
    pub category: CategoryCode,
    /// The category above.
    pub parent: Option<CategoryCode>,
    /// The rules of a leaf; none for a group.
    pub rules: Option<CategoryRules>,
    /// The version of the catalogue that it comes with.
    pub catalogue_version: u32,
    /// The record that holds the document.
    pub document: RecordId,
    /// The row in it, from 1.
    pub row: u32,
    /// Whether its name there differs from the name in force, which only the documents know.
    pub renamed: bool,
    /// When it comes into force; none for now.
    pub from: Option<Timestamp>,
    /// When it ends, if that is known. What is past has ended.
    pub until: Option<Timestamp>,
    /// The category that takes its place then.
    pub successor: Option<CategoryCode>,
}

/// The end of a category.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndCategory {
    /// Now.
    pub at: Timestamp,
    /// The category.
    pub category: CategoryCode,
    /// When; what is past or now ends at once.
    pub ends_at: Timestamp,
    /// The category that takes its place.
    pub successor: Option<CategoryCode>,
    /// The version of the catalogue that this makes.
    pub catalogue_version: u32,
    /// Who ends it.
    pub by: PersonId,
}

/// Why a command is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Cases are filed under leaves, so a leaf stays one.
    #[error("{0} is a leaf with rules, under which cases are filed: give the group another code")]
    IsLeaf(CategoryCode),
    /// And a group stays one.
    #[error("{0} is a group, which has no rules of its own: give the leaf another code")]
    IsGroup(CategoryCode),
    /// What is not in force cannot end.
    #[error("{0} is not in force: take a code of ListCategories")]
    NotInForce(CategoryCode),
}

impl kernel::Rejection for Rejection {
    fn reason(&self) -> &'static str {
        match self {
            Self::IsLeaf(_) => "CATEGORY_IS_LEAF",
            Self::IsGroup(_) => "CATEGORY_IS_GROUP",
            Self::NotInForce(_) => "CATEGORY_NOT_IN_FORCE",
        }
    }

    fn message_zh(&self) -> String {
        match self {
            Self::IsLeaf(code) => format!("{code} 是末级类别，已有事项归入，请为大类另编代码"),
            Self::IsGroup(code) => format!("{code} 是大类，不能设处置规则，请为末级类别另编代码"),
            Self::NotInForce(code) => format!("类别 {code} 未生效，请从类别表中选择"),
        }
    }
}

impl Aggregate for Category {
    const CATEGORY: &'static str = CategoryEvent::CATEGORY;
    type State = State;
    type Command = Command;
    type Event = CategoryEvent;
    type Rejection = Rejection;

    fn decide(state: &State, command: Command) -> Result<Vec<CategoryEvent>, Rejection> {
        use Command as C;
        use State as S;
        match (state, command) {
            (S::Undefined | S::Planned(_), C::DefineCategory(new)) => {
                same_kind(state, &new)?;
                Ok(first(state, *new))
            }
            (S::InForce(old, plan), C::DefineCategory(new)) => {
                same_kind(state, &new)?;
                Ok(changed(old, plan.as_ref(), *new))
            }
            (S::Ended(old, ended, plan), C::DefineCategory(new)) => {
                same_kind(state, &new)?;
                Ok(again(old, ended, plan.as_ref(), *new))
            }
            (
                S::Planned(plan) | S::InForce(_, Some(plan)) | S::Ended(_, _, Some(plan)),
                C::PutInForce { at, catalogue_version },
            ) if plan.from <= at => Ok(vec![put_in_force(plan, at, catalogue_version)]),
            (S::InForce(old, _), C::EndCategory(end)) if end.ends_at <= end.at => {
                Ok(vec![ended(old, end.at, end.successor, end.catalogue_version, Some(end.by))])
            }
            (S::InForce(old, _), C::EndCategory(end)) => Ok(to_end_later(old, end)),
            (S::Ended(old, before, _), C::EndCategory(end)) => {
                if before.successor == end.successor {
                    return Ok(vec![]);
                }
                Ok(vec![ended(old, end.at, end.successor, end.catalogue_version, Some(end.by))])
            }
            (S::InForce(old, _), C::EndDue { at, catalogue_version })
                if old.until.is_some_and(|until| until <= at) =>
            {
                Ok(vec![ended(old, at, old.successor.clone(), catalogue_version, None)])
            }
            // A timer that rings early, or again: nothing is due.
            (
                S::Undefined | S::Planned(_) | S::InForce(..) | S::Ended(..),
                C::PutInForce { .. } | C::EndDue { .. },
            ) => Ok(vec![]),

            // What is refused, state by state.
            (S::Undefined | S::Planned(_), C::EndCategory(end)) => {
                Err(Rejection::NotInForce(end.category))
            }
        }
    }

    fn evolve(state: State, event: &CategoryEvent) -> State {
        let plan = match &state {
            State::Undefined => None,
            State::Planned(plan) => Some(plan),
            State::InForce(_, plan) | State::Ended(_, _, plan) => plan.as_ref(),
        };
        match event {
            CategoryEvent::CategoryDefined(event) => {
                let later = plan.filter(|plan| plan.from > event.occurred_at).cloned();
                State::InForce(event.clone(), later)
            }
            CategoryEvent::CategoryPlanned(plan) => match state {
                State::Undefined | State::Planned(_) => State::Planned(plan.clone()),
                State::InForce(now, _) => State::InForce(now, Some(plan.clone())),
                State::Ended(last, end, _) => State::Ended(last, end, Some(plan.clone())),
            },
            CategoryEvent::CategoryEnded(event) => match state {
                State::InForce(last, plan) | State::Ended(last, _, plan) => {
                    State::Ended(last, event.clone(), plan)
                }
                State::Undefined | State::Planned(_) => state,
            },
        }
    }
}

/// Cases are filed under leaves: a leaf stays a leaf and a group a group.
fn same_kind(state: &State, new: &DefineCategory) -> Result<(), Rejection> {
    let was_leaf = match state {
        State::Undefined => return Ok(()),
        State::Planned(plan) => plan.rules.is_some(),
        State::InForce(old, _) | State::Ended(old, ..) => old.rules.is_some(),
    };
    match (was_leaf, new.rules.is_some()) {
        (true, true) | (false, false) => Ok(()),
        (true, false) => Err(Rejection::IsLeaf(new.category.clone())),
        (false, true) => Err(Rejection::IsGroup(new.category.clone())),
    }
}

/// A category that was never in force.
fn first(state: &State, new: DefineCategory) -> Vec<CategoryEvent> {
    let plan = match state {
        State::Planned(plan) => Some(plan),
        State::Undefined | State::InForce(..) | State::Ended(..) => None,
    };
    if is_later(&new) {
        return planned(plan, new);
    }
    defined_and_ended(new)
}

/// Another definition of what is in force.
fn changed(
    old: &CategoryDefined,
    plan: Option<&CategoryPlanned>,
    new: DefineCategory,
) -> Vec<CategoryEvent> {
    if is_later(&new) {
        return planned(plan, new);
    }
    let over = is_over(&new);
    let same = already_so(old, &new) && (over || old.until == new.until);
    match (same, over) {
        (true, false) => vec![],
        (true, true) => vec![ended(old, new.at, new.successor, new.catalogue_version, None)],
        (false, _) => defined_and_ended(new),
    }
}

/// A definition of what has ended: in force again, unless it says itself that it is over.
fn again(
    old: &CategoryDefined,
    end: &CategoryEnded,
    plan: Option<&CategoryPlanned>,
    new: DefineCategory,
) -> Vec<CategoryEvent> {
    if is_later(&new) {
        return planned(plan, new);
    }
    if is_over(&new) && already_so(old, &new) && end.successor == new.successor {
        return vec![];
    }
    defined_and_ended(new)
}

fn is_later(new: &DefineCategory) -> bool {
    new.from.is_some_and(|from| from > new.at)
}

fn is_over(new: &DefineCategory) -> bool {
    new.until.is_some_and(|until| until <= new.at)
}

/// The same rules at the same place in the tree, and no other name. A document that was taken over
/// before has no new name. The successor of what is in force counts, of what has ended its end says.
fn already_so(old: &CategoryDefined, new: &DefineCategory) -> bool {
    let same_row = (&old.document, old.row) == (&new.document, new.row);
    let same_end = is_over(new) || old.successor == new.successor;
    (&old.parent, &old.rules) == (&new.parent, &new.rules) && same_end && (same_row || !new.renamed)
}

fn planned(plan: Option<&CategoryPlanned>, new: DefineCategory) -> Vec<CategoryEvent> {
    let (at, from) = (new.at, new.from.unwrap_or(new.at));
    let planned = CategoryPlanned {
        occurred_at: at,
        category: new.category,
        parent: new.parent,
        rules: new.rules,
        catalogue_version: new.catalogue_version,
        document: new.document,
        row: new.row,
        from,
        until: new.until,
        successor: new.successor,
    };
    let same = plan.is_some_and(|plan| {
        let alike = CategoryPlanned {
            occurred_at: plan.occurred_at,
            catalogue_version: plan.catalogue_version,
            document: plan.document.clone(),
            row: plan.row,
            ..planned.clone()
        };
        *plan == alike && (plan.document == planned.document || !new.renamed)
    });
    if same { vec![] } else { vec![planned.into()] }
}

fn defined_and_ended(new: DefineCategory) -> Vec<CategoryEvent> {
    let (over, at) = (is_over(&new), new.at);
    let defined = CategoryDefined {
        occurred_at: at,
        category: new.category,
        parent: new.parent,
        rules: new.rules,
        catalogue_version: new.catalogue_version,
        document: new.document,
        row: new.row,
        until: new.until,
        successor: new.successor,
    };
    let end = ended(&defined, at, defined.successor.clone(), defined.catalogue_version, None);
    let mut events = vec![defined.into()];
    events.extend(over.then_some(end));
    events
}

fn put_in_force(plan: &CategoryPlanned, at: Timestamp, catalogue_version: u32) -> CategoryEvent {
    CategoryDefined {
        occurred_at: at,
        category: plan.category.clone(),
        parent: plan.parent.clone(),
        rules: plan.rules.clone(),
        catalogue_version,
        document: plan.document.clone(),
        row: plan.row,
        until: plan.until,
        successor: plan.successor.clone(),
    }
    .into()
}

fn to_end_later(old: &CategoryDefined, end: EndCategory) -> Vec<CategoryEvent> {
    if (old.until, &old.successor) == (Some(end.ends_at), &end.successor) {
        return vec![];
    }
    let until = CategoryDefined {
        occurred_at: end.at,
        catalogue_version: end.catalogue_version,
        until: Some(end.ends_at),
        successor: end.successor,
        ..old.clone()
    };
    vec![until.into()]
}

fn ended(
    old: &CategoryDefined,
    at: Timestamp,
    successor: Option<CategoryCode>,
    catalogue_version: u32,
    by: Option<PersonId>,
) -> CategoryEvent {
    CategoryEnded {
        occurred_at: at,
        category: old.category.clone(),
        successor,
        catalogue_version,
        by,
    }
    .into()
}

#[cfg(test)]
mod tests;
