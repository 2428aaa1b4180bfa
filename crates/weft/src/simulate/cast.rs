//! Who plays: residents, members, clerks, verifiers and operators, each with a token of their own;
//! and the county that they play in, as the suite tells it.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::Context as _;
use api::{
    access::v1::{
        ListOrganisationsRequest, RegisterOrganisationRequest, RegisterPersonRequest,
        access_service_client::AccessServiceClient,
    },
    dispatch::v1::Assignee,
    grid::v1::{
        AssignMemberRequest, GetGridRequest, Grid, ListDivisionsRequest, ListGridsRequest,
        MemberDuty, grid_service_client::GridServiceClient,
    },
    intake::v1::{Category, ListCategoriesRequest, intake_service_client::IntakeServiceClient},
};
use futures::StreamExt as _;
use kernel::{Clock as _, Division, GridCode, Level, Role, id::PersonId};
use platform::{auth::scope::ScopeParts, grpc::Bearer};
use tonic::transport::Channel;

use super::retry::answered;
use crate::client::{Authorised, Signer, refusal};

/// The shipped kinds of organisations with their tier.
const DEPARTMENTS: &str = include_str!("../../../../resources/departments.csv");

/// A grid to report from.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) grid: GridCode,
    /// The middle of its outer ring, in degrees.
    pub(super) longitude: f64,
    pub(super) latitude: f64,
}

pub(super) struct Cast {
    signer: Signer,
    channels: Vec<Channel>,
    pub(super) seed: u64,
    pub(super) patience: Duration,
    pub(super) places: Vec<Place>,
    pub(super) categories: Vec<Category>,
    bearers: Mutex<HashMap<String, Bearer>>,
    /// Tells this run's requests apart from an earlier run's with the same seed.
    run: String,
}

impl Cast {
    /// Asks the suite for its grids and categories, and sees to it that each grid has a member and
    /// each kind of department an organisation. Done twice it changes nothing.
    pub(super) async fn gather(
        signer: Signer,
        channels: Vec<Channel>,
        seed: u64,
        patience: Duration,
    ) -> anyhow::Result<Self> {
        // The moment is part of the name, so that a second run with the same seed reports anew.
        let run = format!("{seed}-{}", crate::clock::SystemClock.now().0);
        let mut cast = Self {
            signer,
            channels,
            seed,
            patience,
            places: Vec::new(),
            categories: Vec::new(),
            bearers: Mutex::default(),
            run,
        };
        cast.categories = cast.leaves().await?;
        let grids = cast.grids().await?;
        let places =
            futures::stream::iter(&grids).map(|grid| cast.place(grid)).buffer_unordered(32);
        let mut places: Vec<Place> =
            places.collect::<Vec<_>>().await.into_iter().collect::<anyhow::Result<_>>()?;
        places.sort_by_key(|place| place.grid);
        cast.staff(&grids).await?;
        cast.organise().await?;
        cast.places = places;
        Ok(cast)
    }

    pub(super) fn channel(&self, number: usize) -> Channel {
        self.channels[number % self.channels.len()].clone()
    }

    pub(super) fn county(&self) -> Division {
        self.signer.county()
    }

    /// A resident of this run: the same number is the same person.
    pub(super) fn resident(&self, number: usize) -> anyhow::Result<Bearer> {
        let person = self.signer.person(&format!("resident {} {number}", self.seed));
        self.bearer(&person, Role::Resident, ScopeParts::default())
    }

    pub(super) fn supervisor(&self) -> anyhow::Result<Bearer> {
        self.in_division("supervisor", Role::Supervisor, self.county())
    }

    pub(super) fn operator(&self) -> anyhow::Result<Bearer> {
        self.in_division("operator", Role::Operator, self.county())
    }

    /// The verifier of the township around a place, or of the county where it is in none.
    pub(super) fn verifier(&self, division: Division) -> anyhow::Result<Bearer> {
        let at = division.township().unwrap_or_else(|| self.county());
        self.in_division(&format!("verifier {at}"), Role::Verifier, at)
    }

    /// Whoever an order was given to.
    pub(super) fn assignee(&self, assignee: &Assignee) -> anyhow::Result<Bearer> {
        if !assignee.person_id.is_empty() {
            let person: PersonId = assignee.person_id.parse()?;
            let grid = self
                .places
                .iter()
                .map(|place| place.grid)
                .find(|grid| self.member(*grid) == person)
                .with_context(|| format!("{person} is none of the members that play"))?;
            let scope = ScopeParts { grid: Some(grid), ..ScopeParts::default() };
            return self.bearer(&person, Role::GridMember, scope);
        }
        let person = self.signer.person(&format!("clerk of {}", assignee.organisation_id));
        let scope = ScopeParts {
            org: Some(assignee.organisation_id.parse()?),
            division: Some(self.county()),
            ..ScopeParts::default()
        };
        self.bearer(&person, Role::DepartmentClerk, scope)
    }

    fn in_division(&self, name: &str, role: Role, division: Division) -> anyhow::Result<Bearer> {
        let scope = ScopeParts { division: Some(division), ..ScopeParts::default() };
        self.bearer(&self.signer.person(name), role, scope)
    }

    /// A person's token for a role, signed once: people sign in once a day, not once a call.
    fn bearer(&self, person: &PersonId, role: Role, scope: ScopeParts) -> anyhow::Result<Bearer> {
        let name = format!("{person} {role} {scope:?}");
        if let Some(bearer) = self.lock_bearers().get(&name) {
            return Ok(bearer.clone());
        }
        let bearer = self.signer.bearer(person, role, scope)?;
        self.lock_bearers().insert(name, bearer.clone());
        Ok(bearer)
    }

    fn lock_bearers(&self) -> MutexGuard<'_, HashMap<String, Bearer>> {
        self.bearers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn administrator(&self) -> anyhow::Result<Bearer> {
        self.in_division("simulation's administrator", Role::Administrator, self.county())
    }

    fn member(&self, grid: GridCode) -> PersonId {
        // As access derives it from who registers under which request id.
        PersonId::new(
            grid.village(),
            platform::executor::derived_key(&[
                b"key",
                b"person",
                format!("person:{}", self.signer.person("simulation's administrator")).as_bytes(),
                format!("sim-member-{grid}").as_bytes(),
            ]),
        )
    }

    fn access(&self) -> anyhow::Result<AccessServiceClient<Authorised>> {
        Ok(AccessServiceClient::with_interceptor(self.channel(0), self.administrator()?))
    }

    fn grid(&self) -> anyhow::Result<GridServiceClient<Authorised>> {
        Ok(GridServiceClient::with_interceptor(self.channel(0), self.administrator()?))
    }

    async fn leaves(&self) -> anyhow::Result<Vec<Category>> {
        let client = IntakeServiceClient::with_interceptor(self.channel(0), self.operator()?);
        let found = answered(self.patience, || {
            let mut client = client.clone();
            async move { client.list_categories(ListCategoriesRequest::default()).await }
        })
        .await
        .map_err(refused)?;
        let leaves: Vec<Category> =
            found.categories.into_iter().filter(|category| !category.kind.is_empty()).collect();
        anyhow::ensure!(
            !leaves.is_empty(),
            "there are no categories: run `weft import categories resources/categories.csv` first"
        );
        Ok(leaves)
    }

    async fn grids(&self) -> anyhow::Result<Vec<Grid>> {
        let client = self.grid()?;
        let mut grids = Vec::new();
        let mut page_token = String::new();
        loop {
            let request = ListGridsRequest { page_size: 1_000, page_token, ..Default::default() };
            let page = answered(self.patience, || {
                let (mut client, request) = (client.clone(), request.clone());
                async move { client.list_grids(request).await }
            })
            .await
            .map_err(refused)?;
            grids.extend(page.grids);
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        anyhow::ensure!(
            !grids.is_empty(),
            "there are no grids: run `weft import divisions` and `weft import grids` first"
        );
        Ok(grids)
    }

    async fn place(&self, grid: &Grid) -> anyhow::Result<Place> {
        let client = self.grid()?;
        let found = answered(self.patience, || {
            let mut client = client.clone();
            let request = GetGridRequest { grid: grid.grid.clone(), min_position: None };
            async move { client.get_grid(request).await }
        })
        .await
        .map_err(refused)?;
        let points = &found.boundary.first().context("a grid has a boundary")?.points;
        #[expect(clippy::cast_precision_loss, reason = "a boundary has at most 10,000 vertices")]
        let count = points.len() as f64;
        Ok(Place {
            grid: grid.grid.parse()?,
            longitude: points.iter().map(|point| point.longitude).sum::<f64>() / count,
            latitude: points.iter().map(|point| point.latitude).sum::<f64>() / count,
        })
    }

    /// A member for each grid that has none of ours.
    async fn staff(&self, grids: &[Grid]) -> anyhow::Result<()> {
        let work = grids.iter().map(|grid| self.staff_one(grid));
        futures::stream::iter(work)
            .buffer_unordered(64)
            .collect::<Vec<_>>()
            .await
            .into_iter()
            .collect()
    }

    async fn staff_one(&self, grid: &Grid) -> anyhow::Result<()> {
        let code: GridCode = grid.grid.parse()?;
        let person_id = self.member(code).to_string();
        if grid.members.iter().any(|member| member.person_id == person_id) {
            return Ok(());
        }
        let access = self.access()?;
        let registered = answered(self.patience, || {
            let mut client = access.clone();
            let request = RegisterPersonRequest {
                request_id: format!("sim-member-{code}"),
                division: code.village().to_string(),
                name: format!("模拟网格员{code}"),
                phone: String::new(),
                organisation_id: String::new(),
            };
            async move { client.register_person(request).await }
        })
        .await
        .map_err(refused)?;
        anyhow::ensure!(
            registered.person_id == person_id,
            "access registered {} where {person_id} was expected",
            registered.person_id
        );
        let client = self.grid()?;
        answered(self.patience, || {
            let mut client = client.clone();
            let request = AssignMemberRequest {
                request_id: format!("sim-member-{code}"),
                grid: code.to_string(),
                person_id: person_id.clone(),
                duty: MemberDuty::FullTime as i32,
            };
            async move { client.assign_member(request).await }
        })
        .await
        .map_err(refused)?;
        Ok(())
    }

    /// The organisations that orders go to: each county's and township's kind where it belongs.
    /// Villages are served by their members.
    async fn organise(&self) -> anyhow::Result<()> {
        let mut wanted = Vec::new();
        let townships = self.townships().await?;
        for line in DEPARTMENTS.lines().skip(1) {
            let mut fields = line.split(',');
            let (Some(kind), Some(name), Some(tier)) =
                (fields.next(), fields.next(), line.rsplit(',').next())
            else {
                continue;
            };
            let divisions: &[Division] = match tier {
                "county" => &[self.county()],
                "township" => &townships,
                _ => &[],
            };
            wanted.extend(divisions.iter().map(|division| (kind, name, *division)));
        }
        let existing = self.organisations().await?;
        let work = wanted
            .into_iter()
            .filter(|(kind, _, division)| !existing.contains(&format!("{kind} {division}")))
            .map(|(kind, name, division)| self.organise_one(kind, name, division));
        futures::stream::iter(work)
            .buffer_unordered(64)
            .collect::<Vec<_>>()
            .await
            .into_iter()
            .collect()
    }

    async fn organise_one(&self, kind: &str, name: &str, division: Division) -> anyhow::Result<()> {
        let client = self.access()?;
        answered(self.patience, || {
            let mut client = client.clone();
            let request = RegisterOrganisationRequest {
                request_id: format!("sim-org-{kind}-{division}"),
                division: division.to_string(),
                kind: kind.to_owned(),
                name: name.to_owned(),
            };
            async move { client.register_organisation(request).await }
        })
        .await
        .map_err(refused)?;
        Ok(())
    }

    async fn organisations(&self) -> anyhow::Result<HashSet<String>> {
        let client = self.access()?;
        let mut found = HashSet::new();
        let mut page_token = String::new();
        loop {
            let request =
                ListOrganisationsRequest { page_size: 1_000, page_token, ..Default::default() };
            let page = answered(self.patience, || {
                let (mut client, request) = (client.clone(), request.clone());
                async move { client.list_organisations(request).await }
            })
            .await
            .map_err(refused)?;
            found.extend(
                page.organisations.iter().map(|org| format!("{} {}", org.kind, org.division)),
            );
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return Ok(found);
            }
        }
    }

    async fn townships(&self) -> anyhow::Result<Vec<Division>> {
        let client = self.grid()?;
        let found = answered(self.patience, || {
            let mut client = client.clone();
            let request = ListDivisionsRequest {
                page_size: 1_000,
                parent: self.county().to_string(),
                ..ListDivisionsRequest::default()
            };
            async move { client.list_divisions(request).await }
        })
        .await
        .map_err(refused)?;
        let parsed =
            found.divisions.iter().map(|division| Ok(division.code.parse::<Division>()?));
        let divisions: Vec<Division> = parsed.collect::<anyhow::Result<_>>()?;
        Ok(divisions.into_iter().filter(|division| division.level() == Level::Township).collect())
    }

    /// The name of this run in its request ids.
    pub(super) fn run(&self) -> &str {
        &self.run
    }

    /// The member of a grid who plays.
    pub(super) fn member_of(&self, grid: GridCode) -> PersonId {
        self.member(grid)
    }
}

/// A refusal as an error of the command.
#[expect(clippy::needless_pass_by_value, reason = "it stands in map_err")]
pub(super) fn refused(status: tonic::Status) -> anyhow::Error {
    anyhow::anyhow!(refusal(&status))
}
