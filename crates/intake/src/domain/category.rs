//! A category of the catalogue: a group, or a leaf with the rules by which such a matter is handled.
//! `category.rules.md` beside this file is the table of its rules, written by a test.

use contracts::intake::{CategoryDefined, CategoryEvent, CategoryRules};
use kernel::{
    Aggregate, Timestamp,
    id::{CategoryCode, RecordId},
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
    /// What was defined last.
    Defined(CategoryDefined),
}

/// What may be asked of a category.
#[derive(Clone, Debug)]
pub enum Command {
    /// Put it in force.
    DefineCategory(DefineCategory),
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
}

/// Why a definition is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Cases are filed under leaves, so a leaf stays one.
    #[error("{0} is a leaf with rules, under which cases are filed: give the group another code")]
    IsLeaf(CategoryCode),
    /// And a group stays one.
    #[error("{0} is a group, which has no rules of its own: give the leaf another code")]
    IsGroup(CategoryCode),
}

impl kernel::Rejection for Rejection {
    fn reason(&self) -> &'static str {
        match self {
            Self::IsLeaf(_) => "CATEGORY_IS_LEAF",
            Self::IsGroup(_) => "CATEGORY_IS_GROUP",
        }
    }

    fn message_zh(&self) -> String {
        match self {
            Self::IsLeaf(code) => format!("{code} 是末级类别，已有事项归入，请为大类另编代码"),
            Self::IsGroup(code) => format!("{code} 是大类，不能设处置规则，请为末级类别另编代码"),
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
        match (state, command) {
            (State::Undefined, Command::DefineCategory(new)) => Ok(vec![defined(new)]),
            (State::Defined(old), Command::DefineCategory(new)) if already_so(old, &new) => {
                Ok(vec![])
            }
            (State::Defined(old), Command::DefineCategory(new)) => match (&old.rules, &new.rules) {
                (Some(_), Some(_)) | (None, None) => Ok(vec![defined(new)]),
                (Some(_), None) => Err(Rejection::IsLeaf(new.category)),
                (None, Some(_)) => Err(Rejection::IsGroup(new.category)),
            },
        }
    }

    fn evolve(_: State, event: &CategoryEvent) -> State {
        match event {
            CategoryEvent::CategoryDefined(event) => State::Defined(event.clone()),
        }
    }
}

/// The same rules at the same place in the tree, and no other name. A document that was taken over
/// before has no new name.
fn already_so(old: &CategoryDefined, new: &DefineCategory) -> bool {
    let same_row = (&old.document, old.row) == (&new.document, new.row);
    (&old.parent, &old.rules) == (&new.parent, &new.rules) && (same_row || !new.renamed)
}

fn defined(new: DefineCategory) -> CategoryEvent {
    CategoryEvent::CategoryDefined(CategoryDefined {
        occurred_at: new.at,
        category: new.category,
        parent: new.parent,
        rules: new.rules,
        catalogue_version: new.catalogue_version,
        document: new.document,
        row: new.row,
    })
}

#[cfg(test)]
mod tests;
