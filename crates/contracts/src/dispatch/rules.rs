//! The routing rules of a county: an ordered list, put as a whole and numbered from 1. Of the rules
//! that apply to a matter the first that finds somebody decides.

use kernel::{
    Division,
    id::{CategoryCode, OrgKind, OrganisationId, PersonId, RoutingRulesId},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    codec::{event_set, payloads, words},
    grid::GridKind,
    intake::{Admission, CategoryKind, Urgency},
};

words! {
    /// To whom a rule gives a matter.
    pub enum RuleAction {
        /// A member of the grid at the place, by duty and then by load.
        GridMember,
        /// The nearest member of the grids of the village who can be asked.
        NearestMember,
        /// The body in charge by the category that serves the narrowest division around the place.
        BodyInCharge,
        /// The same of the kind that the rule names.
        BodyOfKind,
        /// The organisation that the rule names.
        Organisation,
        /// A desk: of the tier that the rule names, or the narrowest.
        Desk,
    }

    /// A tier with a desk.
    pub enum DeskTier {
        /// 乡镇.
        Township,
        /// 县.
        County,
    }
}

/// A part of the day, in minutes after midnight at +08:00; from may be later than to: it then spans
/// midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DayPart {
    /// The first minute.
    pub from_minute: u32,
    /// The minute after the last.
    pub to_minute: u32,
}

/// When a rule applies: whatever is named must hold; of a list, one of its entries. What is empty
/// asks nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Condition {
    /// The category, or a group above it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<CategoryCode>,
    /// The division, or one around it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub divisions: Vec<Division>,
    /// What the grid at the place is for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grid_kinds: Vec<GridKind>,
    /// What the category is about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub category_kinds: Vec<CategoryKind>,
    /// Whether the category may enter the grids.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub admission: Option<Admission>,
    /// The kind of body in charge of the category.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub handlers: Vec<OrgKind>,
    /// How pressing it is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub urgencies: Vec<Urgency>,
    /// The day of the week, 1 for Monday to 7 for Sunday.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weekdays: Vec<u32>,
    /// The time of day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day_part: Option<DayPart>,
    /// Whether people work at that moment, by the working calendar.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub working_time: Option<bool>,
    /// The kind of a body that returned the order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub returned_by: Vec<OrgKind>,
}

/// A rule of the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Rule {
    /// When it applies.
    pub when: Condition,
    /// To whom it gives the matter.
    pub action: RuleAction,
    /// The kind of body, where the action names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<OrgKind>,
    /// The organisation, where the action names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation: Option<OrganisationId>,
    /// The tier of the desk, where the action names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<DeskTier>,
    /// Whoever has more open orders is passed over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_open_orders: Option<u32>,
    /// The rule that goes on where this one finds nobody, from 1; the next of the list if none. It
    /// stands later in the list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<u32>,
}

payloads! {
    /// A version of the rules is in force, as soon as its last part is there. All parts of a version
    /// are written at once.
    pub struct RoutingRulesPut {
        /// The list.
        pub routing_rules: RoutingRulesId,
        /// The number that decisions made by this version carry.
        pub version: u32,
        /// Which part of the list this is, from 1.
        pub part: u32,
        /// How many parts it has.
        pub parts: u32,
        /// The rules of this part, in order.
        pub rules: Vec<Rule>,
        /// Who put them.
        pub by: PersonId,
    }
}

event_set! {
    /// What may happen to routing rules.
    "dispatch" "routing_rules"
    pub enum RoutingRulesEvent {
        /// A version put.
        RoutingRulesPut "routing_rules_put" 1 [];
    }
}
