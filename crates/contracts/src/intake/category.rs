//! The catalogue: what a category is, how such a matter is handled, and since when. What was decided
//! by an earlier version stays decided: each decision names the version that it was made by.

use kernel::{
    Timestamp,
    hash::Sha256,
    id::{CategoryCode, LegalCode, OrgKind, PersonId, RecordId},
    limit::Limit,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Admission, CategoryKind, Urgency};
use crate::codec::{event_set, payloads, words};

words! {
    /// At which tier a matter is handled.
    pub enum Tier {
        /// 村/社区.
        Village,
        /// 乡镇/街道.
        Township,
        /// 县.
        County,
    }
}

/// The rules of a leaf of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CategoryRules {
    /// What it is about.
    pub kind: CategoryKind,
    /// The kind of body that handles it.
    pub handler: OrgKind,
    /// How long handling may take, from dispatch.
    pub limit: Limit,
    /// How pressing it is.
    pub urgency: Urgency,
    /// Whether it may enter the grids.
    pub admission: Admission,
    /// Whether only those who handle it may see it.
    pub confidential: bool,
    /// Whether the person concerned must have consented.
    pub consent_needed: bool,
    /// Whether a report verified as true may earn points.
    pub report_earns_points: bool,
    /// What holds besides, where something does.
    #[serde(default, skip_serializing_if = "CategoryDetails::is_plain")]
    pub details: CategoryDetails,
}

/// What the rules of a leaf say beyond what every leaf has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CategoryDetails {
    /// The kinds of bodies at the tiers that have one of their own; elsewhere the rules' handler.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub handlers: Vec<TierHandler>,
    /// The limits that differ from the rules' limit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<TierLimit>,
    /// Within how many metres another report may be of the same matter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duplicate_radius_m: Option<u32>,
    /// Within how many days another report may be of the same matter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duplicate_window_days: Option<u32>,
    /// The laws and rules on which handling rests.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub legal_basis: Vec<LegalCode>,
    /// The hash of the JSON Schema of what is asked besides; the schema itself is in the vault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<Sha256>,
}

/// Who handles a category at one tier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TierHandler {
    /// The tier.
    pub tier: Tier,
    /// The kind of body.
    pub handler: OrgKind,
}

/// A limit for one tier, one urgency, or both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TierLimit {
    /// At this tier only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<Tier>,
    /// For what is so pressing only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub urgency: Option<Urgency>,
    /// How long handling may take, from dispatch.
    pub limit: Limit,
}

impl CategoryDetails {
    /// Whether they say nothing.
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }
}

impl CategoryRules {
    /// The kind of body that handles the matter at this tier.
    pub fn handler_at(&self, tier: Tier) -> &OrgKind {
        let own = self.details.handlers.iter().find(|own| own.tier == tier);
        own.map_or(&self.handler, |own| &own.handler)
    }

    /// How long handling may take at this tier for what is so pressing: by the row that names both,
    /// else the tier, else the urgency, else the limit of all.
    pub fn limit_for(&self, tier: Tier, urgency: Urgency) -> Limit {
        let fits = |row: &&TierLimit| {
            row.tier.is_none_or(|own| own == tier) && row.urgency.is_none_or(|own| own == urgency)
        };
        let rows = self.details.limits.iter().filter(fits);
        let closest = rows.max_by_key(|row| (row.tier.is_some(), row.urgency.is_some()));
        closest.map_or(self.limit, |row| row.limit)
    }
}

/// What was answered to the form of a category.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FormAnswers {
    /// The record that holds the answers.
    pub record: RecordId,
    /// The hash of the JSON Schema by which they were checked.
    pub schema: Sha256,
    /// The version of the catalogue that the schema came with.
    pub catalogue_version: u32,
}

payloads! {
    /// A category is in force, or its rules changed. Its names stand in the imported document.
    pub struct CategoryDefined {
        /// The category.
        pub category: CategoryCode,
        /// The category above.
        pub parent: Option<CategoryCode>,
        /// The rules of a leaf; none for a group.
        pub rules: Option<CategoryRules>,
        /// The version of the catalogue that this came with.
        pub catalogue_version: u32,
        /// The record that holds the document.
        pub document: RecordId,
        /// The row in it, from 1, the header not counted.
        pub row: u32,
        /// When it will end, if that is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub until: Option<Timestamp>,
        /// The category that takes its place then.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub successor: Option<CategoryCode>,
    }

    /// A definition that will come into force. Until then nothing changes; when its time has come, it
    /// is defined.
    pub struct CategoryPlanned {
        /// The category.
        pub category: CategoryCode,
        /// The category above.
        pub parent: Option<CategoryCode>,
        /// The rules of a leaf; none for a group.
        pub rules: Option<CategoryRules>,
        /// The version of the catalogue that this came with; it comes into force with a later one.
        pub catalogue_version: u32,
        /// The record that holds the document.
        pub document: RecordId,
        /// The row in it, from 1, the header not counted.
        pub row: u32,
        /// When it will come into force.
        pub from: Timestamp,
        /// When it will end, if that is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub until: Option<Timestamp>,
        /// The category that takes its place then.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub successor: Option<CategoryCode>,
    }

    /// A category has ended: nothing is reported under it any more. What was reported before is
    /// handled to its end by the rules that it has.
    pub struct CategoryEnded {
        /// The category.
        pub category: CategoryCode,
        /// The category that takes its place.
        pub successor: Option<CategoryCode>,
        /// The version of the catalogue without it.
        pub catalogue_version: u32,
        /// Who ended it; none where its time was over.
        pub by: Option<PersonId>,
    }
}

event_set! {
    /// What may happen to a category.
    "intake" "category"
    pub enum CategoryEvent {
        /// Defined.
        CategoryDefined "category_defined" 1 [];
        /// To be defined.
        CategoryPlanned "category_planned" 1 [];
        /// Ended.
        CategoryEnded "category_ended" 1 [];
    }
}
