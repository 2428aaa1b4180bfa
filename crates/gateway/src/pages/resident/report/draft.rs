//! What was typed into the form, kept as it was until it is sent.

use api::{
    common::v1::{Crs, GeoPosition},
    intake::v1::{Channel, Contact, ReportCaseRequest, report_case_request::Place},
};

use super::super::sent::Sent;

/// A report that is not sent yet.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    pub(super) request_id: String,
    /// The tile: a group's code, or `more` for the whole catalogue.
    pub(super) group: String,
    /// The category that is chosen under that tile.
    pub(super) category: String,
    pub(super) text: String,
    /// The place that a code named; empty where it is chosen in the form.
    pub(super) place: String,
    /// The village or the township that is chosen.
    pub(super) village: String,
    /// Degrees, WGS-84, as the browser wrote them; empty for none.
    pub(super) longitude: String,
    pub(super) latitude: String,
    pub(super) name: String,
    pub(super) phone: String,
    /// The ids of photos.
    pub(super) photos: Vec<String>,
}

impl Draft {
    /// What was sent. Each tile has its own choice, so that one that was left again does not count.
    pub(super) fn of(sent: &Sent) -> Self {
        let group = sent.text("group");
        Self {
            request_id: sent.text("request_id"),
            category: sent.text(&format!("category-{group}")),
            text: sent.text("text"),
            place: sent.text("place"),
            village: sent.text("village"),
            longitude: sent.text("longitude"),
            latitude: sent.text("latitude"),
            name: sent.text("name"),
            phone: sent.text("phone"),
            photos: sent.all("photos"),
            group,
        }
    }

    /// Whether a position is given.
    pub(super) fn has_position(&self) -> bool {
        !self.longitude.is_empty() && !self.latitude.is_empty()
    }

    /// Whether a contact is given: the part of the form stands open then.
    pub(super) fn has_contact(&self) -> bool {
        !self.name.is_empty() || !self.phone.is_empty()
    }

    /// The command. Where a code named the place, it counts; else the position; else what is chosen.
    pub(super) fn request(&self) -> ReportCaseRequest {
        ReportCaseRequest {
            request_id: self.request_id.clone(),
            channel: Channel::QrPage.into(),
            category: self.category.clone(),
            text: self.text.clone(),
            contact: self.has_contact().then(|| Contact {
                name: self.name.trim().to_owned(),
                phone: self.phone.trim().to_owned(),
                address: String::new(),
            }),
            photos: self.photos.clone(),
            place: self.where_it_is(),
            ..ReportCaseRequest::default()
        }
    }

    fn where_it_is(&self) -> Option<Place> {
        let code = [&self.place, &self.village].into_iter().find(|code| !code.is_empty());
        if self.place.is_empty() && self.has_position() {
            // What is no number is no place on earth: the service says so beside the field.
            let degrees = |text: &str| text.trim().parse().unwrap_or(f64::NAN);
            return Some(Place::Position(GeoPosition {
                longitude: degrees(&self.longitude),
                latitude: degrees(&self.latitude),
                crs: Crs::Wgs84.into(),
            }));
        }
        let code = code?.clone();
        Some(if code.len() == 15 { Place::Grid(code) } else { Place::Division(code) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_a_code_counts_before_a_position_and_that_before_a_choice() {
        let at = |place: &str, longitude: &str, village: &str| {
            let draft = Draft {
                place: place.into(),
                longitude: longitude.into(),
                latitude: longitude.into(),
                village: village.into(),
                ..Draft::default()
            };
            draft.request().place
        };
        assert_eq!(at("", "", ""), None);
        let village = || Place::Division("620821101203".into());
        assert_eq!(at("", "", "620821101203"), Some(village()));
        assert!(matches!(at("", "35.3", "620821101203"), Some(Place::Position(_))));
        let grid = "620821101203001";
        assert_eq!(at(grid, "35.3", "620821101203"), Some(Place::Grid(grid.into())));
    }
}
