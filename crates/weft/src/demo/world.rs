//! The county of the demo, drawn from its seed: its grids, bodies and staff, with their ids as the
//! services derive them. It is the same before and after it is entered, and on every start.

mod staff;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt::Write as _,
};

use anyhow::Context as _;
use kernel::{
    Division, GridCode, Level,
    id::{Key, OrganisationId, PersonId},
};
use platform::{auth::scope::ScopeParts, executor::derived_key};

use super::{kept::Kept, texts};
use crate::{client::Signer, generate};
pub(super) use staff::{Job, Staff};

/// The villages and townships of 泾川县, which are real.
pub(super) const DIVISIONS: &str = include_str!("../../../../resources/divisions/620821.csv");

/// The shipped kinds of organisations with their tier.
const DEPARTMENTS: &str = include_str!("../../../../resources/departments.csv");

/// The village whose first grid is left to the visitor: 党原镇 城刘村.
const VISITORS_VILLAGE: u64 = 620_821_108_206;

/// A grid of the demo.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) grid: GridCode,
    pub(super) name: String,
    /// The middle of its outer ring, in degrees of CGCS2000.
    pub(super) longitude: f64,
    pub(super) latitude: f64,
}

/// A body that orders go to.
#[derive(Clone, Debug)]
pub(super) struct Body {
    pub(super) id: OrganisationId,
    pub(super) request_id: String,
    pub(super) kind: String,
    pub(super) division: Division,
    pub(super) name: String,
}

pub(super) struct World {
    pub(super) seed: u64,
    pub(super) county: Division,
    /// Who enters everything.
    pub(super) administrator: PersonId,
    /// What is imported, as `weft generate grids` writes it.
    pub(super) geojson: String,
    pub(super) places: Vec<Place>,
    pub(super) townships: Vec<Division>,
    pub(super) bodies: Vec<Body>,
    pub(super) staff: Vec<Staff>,
    /// The grid that is left to the visitor.
    pub(super) yours: GridCode,
    by_person: HashMap<PersonId, usize>,
    by_job: HashMap<(Job, String), usize>,
}

impl World {
    pub(super) fn of(signer: &Signer, kept: &Kept) -> anyhow::Result<Self> {
        let county = signer.county();
        let divisions = divisions()?;
        anyhow::ensure!(
            divisions.iter().any(|(division, _)| *division == county),
            "the demo plays in 泾川县 620821, not in {county}: leave `county` out of the configuration"
        );
        let administrator = signer.person("demo administrator");
        let table = chosen(&divisions, kept.grids)?;
        let geojson = generate::grids_geojson(&table, kept.grids, kept.seed)?;
        let places = places(&geojson)?;
        let townships: BTreeSet<Division> =
            places.iter().filter_map(|place| place.grid.village().township()).collect();
        let mut world = Self {
            seed: kept.seed,
            county,
            administrator,
            geojson,
            yours: GridCode::new(VISITORS_VILLAGE.to_string().parse()?, 1)?,
            places,
            townships: townships.into_iter().collect(),
            bodies: Vec::new(),
            staff: Vec::new(),
            by_person: HashMap::new(),
            by_job: HashMap::new(),
        };
        let names: BTreeMap<Division, String> = divisions.into_iter().collect();
        world.bodies = world.bodies(&names);
        world.staff = staff::of(&world);
        for (number, one) in world.staff.iter().enumerate() {
            world.by_person.insert(one.person.clone(), number);
            for place in one.places() {
                world.by_job.insert((one.job, place), number);
            }
        }
        Ok(world)
    }

    /// The key of what the administrator creates by a request, as the services derive it.
    fn key(&self, what: &str, request_id: &str) -> Key {
        let caller = format!("person:{}", self.administrator);
        derived_key(&[b"key", what.as_bytes(), caller.as_bytes(), request_id.as_bytes()])
    }

    fn bodies(&self, names: &BTreeMap<Division, String>) -> Vec<Body> {
        let mut bodies = Vec::new();
        for line in DEPARTMENTS.lines().skip(1) {
            let fields: Vec<&str> = line.split(',').collect();
            let (Some(kind), Some(name), Some(tier)) =
                (fields.first(), fields.get(1), fields.last())
            else {
                continue;
            };
            let served = match *tier {
                "county" => std::slice::from_ref(&self.county),
                "township" => self.townships.as_slice(),
                _ => &[],
            };
            for division in served {
                let of = names.get(division).map_or("", String::as_str);
                let short = name.trim_start_matches("乡镇").trim_start_matches('县');
                let request_id = format!("demo-{}-org-{kind}-{division}", self.seed);
                bodies.push(Body {
                    id: OrganisationId::new(*division, self.key("organisation", &request_id)),
                    request_id,
                    kind: (*kind).to_owned(),
                    division: *division,
                    name: format!("{of}{short}"),
                });
            }
        }
        bodies
    }

    /// The person who has a job at a place: a grid, a division or an organisation.
    pub(super) fn at(&self, job: Job, place: &str) -> Option<&Staff> {
        let number = self.by_job.get(&(job, place.to_owned()))?;
        self.staff.get(*number)
    }

    pub(super) fn person(&self, person: &PersonId) -> Option<&Staff> {
        self.staff.get(*self.by_person.get(person)?)
    }

    /// The township's or, where there is none, the county's.
    pub(super) fn office(&self, job: Job, division: Division) -> Option<&Staff> {
        let township = division.township().and_then(|at| self.at(job, &at.to_string()));
        township.or_else(|| self.at(job, &self.county.to_string()))
    }

    pub(super) fn in_county(&self) -> ScopeParts {
        ScopeParts { division: Some(self.county), ..ScopeParts::default() }
    }
}

fn divisions() -> anyhow::Result<Vec<(Division, String)>> {
    let mut table = csv::Reader::from_reader(DIVISIONS.as_bytes());
    let mut found = Vec::new();
    for row in table.deserialize() {
        let (code, name, _, _): (Division, String, String, String) =
            row.context("the shipped table of divisions has other columns")?;
        found.push((code, name));
    }
    Ok(found)
}

/// The villages to draw, as a table: all, or where the grids do not suffice those of the scenarios and
/// some more.
fn chosen(divisions: &[(Division, String)], grids: usize) -> anyhow::Result<String> {
    let visitors: Division = VISITORS_VILLAGE.to_string().parse()?;
    let mut named: BTreeSet<Division> = texts::villages()?;
    named.insert(visitors);
    anyhow::ensure!(grids >= named.len(), "the demo has at least {} grids", named.len());
    let villages = divisions.iter().filter(|(code, _)| code.level() == Level::Village);
    let (told, mut others): (Vec<_>, Vec<_>) = villages.partition(|(code, _)| named.contains(code));
    others.truncate(grids - told.len());
    let mut text = String::from("code,name,level,parent\n");
    for (code, name) in told.into_iter().chain(others) {
        let parent = code.parent().context("a village lies in a township")?;
        writeln!(text, "{code},{name},village,{parent}")?;
    }
    Ok(text)
}

fn places(geojson: &str) -> anyhow::Result<Vec<Place>> {
    let file: serde_json::Value = serde_json::from_str(geojson)?;
    let features = file["features"].as_array().context("the drawing has grids")?;
    let place = |feature: &serde_json::Value| {
        let ring = feature["geometry"]["coordinates"][0].as_array().context("a grid has a ring")?;
        // The last point is the first.
        let points = &ring[1..];
        #[expect(clippy::cast_precision_loss, reason = "a ring has a few points")]
        let count = points.len() as f64;
        let mean =
            |axis: usize| points.iter().filter_map(|p| p[axis].as_f64()).sum::<f64>() / count;
        let text = |field: &str| feature["properties"][field].as_str().unwrap_or_default();
        let grid = text("code").parse()?;
        Ok(Place { grid, name: text("name").to_owned(), longitude: mean(0), latitude: mean(1) })
    };
    features.iter().map(place).collect()
}
