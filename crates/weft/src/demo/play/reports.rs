//! Who reports what, and when.

use api::{
    common::v1::{Crs, GeoPosition},
    dispatch::v1::ListWorkOrdersRequest,
    intake::v1::{Channel, Contact, ReportCaseRequest, report_case_request},
};
use platform::grpc::Bearer;

use super::{Player, now};
use crate::{
    demo::{
        lots, names,
        people::RESIDENTS,
        photo::Scene,
        texts::Matter,
        world::{Job, Place},
    },
    simulate::random::Chance,
};

/// The scenes that are told: in the table of matters they come first.
const TOLD: usize = 7;

/// Of them, what a member finds on patrol, and what a chief hears on a visit.
const ON_PATROL: usize = 0;
const ON_A_VISIT: usize = 5;

/// What is left to the visitor at first, by category: for the member, the clerk, and the member.
const FOR_YOU: [&str; 3] = ["0301", "0101", "1102"];

/// How many orders may wait for the visitor before nobody reports there any more.
const MOST_FOR_YOU: usize = 8;

/// How much faster than usual the first reports come.
const HURRY: u32 = 5;

/// A report that is about to be made.
struct Told<'a> {
    matter: &'a Matter,
    place: &'a Place,
    by: Bearer,
    channel: Channel,
}

impl Player<'_> {
    /// Reports for ever, more by day than by night.
    pub(super) async fn report_on_and_on(&self, is_new: bool) {
        let begun = now();
        for number in 0_usize.. {
            let name = format!("demo-{}-{begun}-{number}", self.seed());
            let mut chance = lots::of(self.seed(), &name);
            let opening = is_new && number < TOLD + FOR_YOU.len();
            let pause = lots::until_next_report(self.pace, hour(now()), &mut chance);
            tokio::time::sleep(if opening { pause / HURRY } else { pause }).await;
            let told = if opening {
                self.opening(number, &mut chance)
            } else {
                self.usual(&mut chance).await
            };
            if let Some(told) = told {
                self.report(told, name, opening, &mut chance).await;
            }
        }
    }

    /// One of the scenes that are told, or something for the visitor.
    fn opening(&self, number: usize, chance: &mut Chance) -> Option<Told<'_>> {
        let Some(category) = number.checked_sub(TOLD).and_then(|at| FOR_YOU.get(at)) else {
            let matter = self.matters.get(number)?;
            let place = self.place_of(matter, chance)?;
            return match number {
                ON_PATROL => self.by_staff(matter, place, Job::Member, Channel::Patrol),
                ON_A_VISIT => self.by_staff(matter, place, Job::Chief, Channel::Visit),
                _ => self.by_resident(matter, place, chance),
            };
        };
        let matter = self.matters.iter().find(|matter| matter.category == *category)?;
        self.by_resident(matter, self.your_place()?, chance)
    }

    async fn usual(&self, chance: &mut Chance) -> Option<Told<'_>> {
        let matter = chance.pick(&self.matters);
        if chance.percent(8) && matter.village.is_none() && self.have_you_time().await {
            return self.by_resident(matter, self.your_place()?, chance);
        }
        let place = self.place_of(matter, chance)?;
        if chance.percent(12) {
            return self.by_staff(matter, place, Job::Member, Channel::Patrol);
        }
        self.by_resident(matter, place, chance)
    }

    fn by_staff<'a>(
        &self,
        matter: &'a Matter,
        place: &'a Place,
        job: Job,
        channel: Channel,
    ) -> Option<Told<'a>> {
        let staff = self.people.world.at(job, &place.grid.to_string())?;
        let by = self.people.staff(staff, Some(place.grid)).ok()?;
        Some(Told { matter, place, by, channel })
    }

    fn by_resident<'a>(
        &self,
        matter: &'a Matter,
        place: &'a Place,
        chance: &mut Chance,
    ) -> Option<Told<'a>> {
        let by = self.people.resident(chance.below(RESIDENTS)).ok()?;
        let channel = if chance.percent(85) { Channel::QrPage } else { Channel::Snap };
        Some(Told { matter, place, by, channel })
    }

    /// A grid of the matter's village, or any but the visitor's.
    fn place_of(&self, matter: &Matter, chance: &mut Chance) -> Option<&Place> {
        let places = &self.people.world.places;
        let fits = |place: &&Place| {
            place.grid != self.yours()
                && matter.village.is_none_or(|village| place.grid.village() == village)
        };
        let fitting: Vec<&Place> = places.iter().filter(fits).collect();
        (!fitting.is_empty()).then(|| *chance.pick(&fitting))
    }

    fn your_place(&self) -> Option<&Place> {
        self.people.world.places.iter().find(|place| place.grid == self.yours())
    }

    /// Whether not too much waits for the visitor already.
    async fn have_you_time(&self) -> bool {
        let yours = self.yours();
        let world = &self.people.world;
        let member = world.at(Job::Member, &yours.to_string());
        let Some(Ok(bearer)) = member.map(|member| self.people.staff(member, Some(yours))) else {
            return false;
        };
        let request = ListWorkOrdersRequest { page_size: 50, open: true, ..Default::default() };
        let found = self.listed(self.people.dispatch(bearer).list_work_orders(request).await);
        found.work_orders.len() < MOST_FOR_YOU
    }

    async fn report(&self, told: Told<'_>, name: String, opening: bool, chance: &mut Chance) {
        let Told { matter, place, by, channel } = told;
        let taken = matter.scene != Scene::None && (opening || chance.percent(55));
        let photos = if taken {
            self.photo(by.clone(), format!("{name}-p"), (matter.scene, false)).await
        } else {
            Vec::new()
        };
        // Who scans a plate names the grid; a phone names the position.
        let place = if place.grid == self.yours() || chance.percent(40) {
            report_case_request::Place::Grid(place.grid.to_string())
        } else {
            let mut near = |degrees: f64| {
                let metres = i32::try_from(chance.below(300)).unwrap_or_default() - 150;
                degrees + f64::from(metres) / 100_000.0
            };
            report_case_request::Place::Position(GeoPosition {
                longitude: near(place.longitude),
                latitude: near(place.latitude),
                crs: Crs::Cgcs2000.into(),
            })
        };
        let contact = chance.percent(40).then(|| Contact {
            name: names::person(chance),
            phone: names::phone(chance),
            address: String::new(),
        });
        let request = ReportCaseRequest {
            request_id: name.clone(),
            channel: channel.into(),
            category: matter.category.clone(),
            place: Some(place),
            text: matter.report.clone(),
            contact,
            photos,
            ..ReportCaseRequest::default()
        };
        self.heard(&name, self.people.intake(by).report_case(request).await);
    }
}

/// The hour of the day in China, 0 to 23.
fn hour(at: i64) -> u8 {
    u8::try_from((at.div_euclid(3_600_000) + 8).rem_euclid(24)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_is_eight_hours_ahead() {
        assert_eq!(hour(0), 8);
        assert_eq!(hour(15 * 3_600_000 + 59 * 60_000), 23);
        assert_eq!(hour(16 * 3_600_000), 0);
    }
}
