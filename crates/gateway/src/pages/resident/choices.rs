//! What a report's form lets choose from: the categories in their groups, and the villages in their
//! townships. Asked for now and then, and kept; what is away stays as it was.

use std::sync::{Arc, Mutex, PoisonError};

use api::{
    grid::v1::ListDivisionsRequest,
    intake::v1::{ListCategoriesRequest, Urgency},
};
use kernel::Timestamp;

use super::known;
use crate::{gateway::Gateway, problem::Problem, words::Locale};

/// The groups that have a tile, the commonest first, with their icons.
const TILES: [(&str, &str); 8] = [
    ("03", "waste"),
    ("02", "road"),
    ("01", "lamp"),
    ("06", "alert"),
    ("05", "shop"),
    ("09", "people"),
    ("10", "service"),
    ("04", "tree"),
];

/// What one page of a list holds at most.
const PAGE: i32 = 1000;

/// A category that can be reported.
#[derive(Clone, Debug)]
pub(super) struct Leaf {
    pub(super) code: String,
    zh: String,
    en: String,
    /// Whether to call for help comes first.
    pub(super) emergency: bool,
}

/// A group of categories.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) code: String,
    zh: String,
    en: String,
    pub(super) leaves: Vec<Leaf>,
}

/// A division to choose.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) code: String,
    pub(super) name: String,
    /// Its villages; none of a village.
    pub(super) villages: Vec<Place>,
}

/// All there is to choose from.
#[derive(Debug, Default)]
pub(super) struct Choices {
    pub(super) groups: Vec<Group>,
    pub(super) townships: Vec<Place>,
}

macro_rules! named {
    ($($named:ident)*) => {$(
        impl $named {
            /// The name in this language.
            pub(super) fn name(&self, locale: Locale) -> &str {
                match locale {
                    Locale::En if !self.en.is_empty() => &self.en,
                    Locale::Zh | Locale::En => &self.zh,
                }
            }
        }
    )*};
}

named! { Leaf Group }

impl Choices {
    /// The groups with a tile, each with its icon.
    pub(super) fn tiles(&self) -> Vec<(&'static str, &Group)> {
        let group = |code: &str| self.groups.iter().find(|group| group.code == code);
        TILES.iter().filter_map(|(code, icon)| group(code).map(|group| (*icon, group))).collect()
    }
}

/// What was asked for last, and when.
#[derive(Default)]
pub(super) struct Kept(Mutex<Option<(Timestamp, Arc<Choices>)>>);

/// What there is to choose from now.
pub(super) async fn choices(gateway: &Gateway) -> Result<Arc<Choices>, Problem> {
    let kept = || gateway.residents.choices.0.lock().unwrap_or_else(PoisonError::into_inner);
    let keep = i64::from(gateway.config.names_seconds) * 1000;
    let before = kept().clone();
    if let Some((asked, choices)) = &before
        && gateway.now().0.saturating_sub(asked.0) < keep
    {
        return Ok(Arc::clone(choices));
    }
    match ask(gateway).await {
        Ok(choices) => {
            let choices = Arc::new(choices);
            // A register that is still empty is asked for again at once.
            if !choices.groups.is_empty() && !choices.townships.is_empty() {
                *kept() = Some((gateway.now(), Arc::clone(&choices)));
            }
            Ok(choices)
        }
        Err(problem) => before.map(|(_, choices)| choices).ok_or(problem),
    }
}

async fn ask(gateway: &Gateway) -> Result<Choices, Problem> {
    let who = known::own(gateway).await?;
    gateway.names.refresh(gateway, &who.token, &who.principal).await;
    let mut intake = gateway.clients.intake(who.token.as_str());
    let (categories, townships) = tokio::join!(
        intake.list_categories(ListCategoriesRequest::default()),
        townships(gateway, &who.token),
    );
    let rows = categories?.into_inner().categories;
    let mut groups: Vec<Group> = Vec::new();
    for row in rows.iter().filter(|row| row.kind.is_empty()) {
        let leaves = rows.iter().filter(|leaf| !leaf.kind.is_empty() && leaf.parent == row.code);
        groups.push(Group {
            code: row.code.clone(),
            zh: row.name_zh.clone(),
            en: row.name_en.clone(),
            leaves: leaves
                .map(|leaf| Leaf {
                    code: leaf.code.clone(),
                    zh: leaf.name_zh.clone(),
                    en: leaf.name_en.clone(),
                    emergency: leaf.urgency() == Urgency::Emergency,
                })
                .collect(),
        });
    }
    groups.retain(|group| !group.leaves.is_empty());
    Ok(Choices { groups, townships: townships? })
}

async fn townships(gateway: &Gateway, token: &str) -> Result<Vec<Place>, Problem> {
    let mut grid = gateway.clients.grid(token);
    let (mut rows, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = ListDivisionsRequest { page_size: PAGE, page_token, ..Default::default() };
        let answer = grid.list_divisions(request).await?.into_inner();
        rows.extend(answer.divisions);
        page_token = answer.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    gateway.names.learn_places(gateway, rows.iter().map(|row| row.code.as_str())).await;
    let place = |code: &str| Place {
        code: code.to_owned(),
        name: gateway.names.place(code),
        villages: Vec::new(),
    };
    let of = |level: &'static str| rows.iter().filter(move |row| row.level == level);
    Ok(of("township")
        .map(|township| Place {
            villages: of("village")
                .filter(|village| village.parent == township.code)
                .map(|village| place(&village.code))
                .collect(),
            ..place(&township.code)
        })
        .collect())
}
