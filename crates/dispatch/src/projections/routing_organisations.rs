//! Which organisations take orders, of which kind and for which division.

use contracts::access::OrganisationEvent;
use kernel::{
    DecodeError, Division,
    id::{OrgKind, OrganisationId},
};
use platform::{
    log::Recorded,
    projection::{Projection, View},
};

platform::row! {
    /// An organisation; the key is its id.
    pub struct OrganisationRow in "routing_organisations" version 1 {
        /// The kind of body that it is.
        pub kind: String,
        /// The code of the division that it serves.
        pub division: String,
    }
    indexes []
}

/// The table, kept in memory.
#[derive(Debug)]
pub struct RoutingOrganisations;

/// An organisation that takes orders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organisation {
    /// Its id.
    pub id: OrganisationId,
    /// The kind of body that it is.
    pub kind: OrgKind,
    /// The division that it serves.
    pub division: Division,
}

impl Projection for RoutingOrganisations {
    type Row = OrganisationRow;
    type Event = OrganisationEvent;
    const CACHED: bool = true;

    fn read(&self, event: &Recorded) -> Result<Option<OrganisationEvent>, DecodeError> {
        super::read(OrganisationEvent::CATEGORY, event)
    }

    fn keys(&self, event: &OrganisationEvent) -> Vec<String> {
        vec![match event {
            OrganisationEvent::OrganisationRegistered(event) => event.organisation.to_string(),
            OrganisationEvent::OrganisationClosed(event) => event.organisation.to_string(),
        }]
    }

    fn fold(
        &self,
        _key: &str,
        _row: Option<OrganisationRow>,
        event: &OrganisationEvent,
        _recorded: &Recorded,
    ) -> Option<OrganisationRow> {
        match event {
            OrganisationEvent::OrganisationRegistered(event) => Some(OrganisationRow {
                kind: event.kind.to_string(),
                division: event.division.to_string(),
            }),
            OrganisationEvent::OrganisationClosed(_) => None,
        }
    }
}

/// The organisations of these kinds that serve a division around the place, in no order.
pub fn around(
    view: &View<OrganisationRow>,
    place: Division,
    kinds: &[&OrgKind],
) -> Vec<Organisation> {
    let place = place.to_string();
    view.cached(|rows| {
        rows.iter()
            .filter(|(_, row)| {
                place.starts_with(&row.division)
                    && kinds.iter().any(|kind| kind.as_str() == row.kind)
            })
            .filter_map(|(id, row)| {
                Some(Organisation {
                    id: id.parse().ok()?,
                    kind: row.kind.parse().ok()?,
                    division: row.division.parse().ok()?,
                })
            })
            .collect()
    })
}

/// An organisation that takes orders.
pub fn find(view: &View<OrganisationRow>, id: &OrganisationId) -> Option<Organisation> {
    let row = view.cached(|rows| rows.get(&id.to_string()).cloned())?;
    let (kind, division) = (row.kind.parse().ok()?, row.division.parse().ok()?);
    Some(Organisation { id: id.clone(), kind, division })
}

/// Whether an organisation takes orders.
pub fn takes_orders(view: &View<OrganisationRow>, id: &OrganisationId) -> bool {
    view.cached(|rows| rows.contains_key(&id.to_string()))
}
