//! Enters the county: every call under a request id that follows from the seed, so that whoever is
//! killed in the middle and starts again meets what is there, and adds what is not.

use std::time::{Duration, Instant};

use anyhow::ensure;
use api::{
    access::v1::{
        AssignRoleRequest, RegisterOrganisationRequest, RegisterPersonRequest, Role as Word,
    },
    camera::v1::ImportCamerasRequest,
    grid::v1::{AssignMemberRequest, ImportDivisionsRequest, ImportGridsRequest, MemberDuty},
    intake::v1::ImportCategoriesRequest,
    points::v1::{CreateProgrammeRequest, SetRuleRequest},
};
use futures::StreamExt as _;
use kernel::Division;
use platform::auth::scope::ScopeParts;

use super::{
    people::{PATIENCE, People, refused},
    world::{Body, DIVISIONS, Job, Staff},
};
use crate::{generate, output, simulate::retry::answered};

const CATEGORIES: &str = include_str!("../../../../resources/categories.csv");

/// How many calls are under way at once.
const AT_ONCE: usize = 128;

/// What a report that is found true earns in every township, and the most of a day.
const POINTS: (u32, u32) = (5, 20);

/// How long an import may take.
const IMPORT: Duration = Duration::from_mins(5);

/// Sends one call until it is answered.
macro_rules! send {
    ($client:expr, $method:ident, $request:expr) => {{
        let (client, request) = ($client, $request);
        answered(PATIENCE, || {
            let (mut client, request) = (client.clone(), request.clone());
            async move {
                let mut request = tonic::Request::new(request);
                request.set_timeout(IMPORT);
                client.$method(request).await
            }
        })
        .await
        .map_err(refused)
    }};
}

/// Sends an import; a row that is refused ends it.
macro_rules! import {
    ($client:expr, $method:ident, $request:expr) => {{
        let answer = send!($client, $method, $request)?;
        let first = answer.errors.first().map(|error| error.reason_en.as_str());
        ensure!(first.is_none(), "an import is refused: {}", first.unwrap_or_default());
        answer.rows
    }};
}

pub(super) async fn run(people: &People, cameras: usize) -> anyhow::Result<()> {
    let begun = Instant::now();
    let world = &people.world;
    let (seed, by) = (world.seed, people.administrator()?);
    let request_id = |what: &str| format!("demo-{seed}-{what}");
    let say = |what: &str| {
        output::note(&format!("  {:>5.1} s  {what}", begun.elapsed().as_secs_f64()));
    };
    output::note(&format!(
        "preparing 泾川县, synthetic, from seed {seed}: places are real, people, lines and matters are not"
    ));
    let divisions = ImportDivisionsRequest {
        request_id: request_id("divisions"),
        csv: DIVISIONS.into(),
        dry_run: false,
    };
    let rows = import!(people.grid(by.clone()), import_divisions, divisions);
    say(&format!("{rows} divisions"));
    let categories = ImportCategoriesRequest {
        request_id: request_id("categories"),
        csv: CATEGORIES.into(),
        dry_run: false,
    };
    let rows = import!(people.intake(by.clone()), import_categories, categories);
    say(&format!("{rows} categories"));
    let grids = ImportGridsRequest {
        request_id: request_id("grids"),
        geojson: world.geojson.clone().into(),
        dry_run: false,
    };
    let rows = import!(people.grid(by.clone()), import_grids, grids);
    say(&format!("{rows} grids"));

    all(world.bodies.iter().map(|body| organisation(people, body))).await?;
    say(&format!("{} organisations", world.bodies.len()));
    all(world.staff.iter().map(|staff| hire(people, staff))).await?;
    say(&format!("{} people with their roles", world.staff.len()));
    all(world.townships.iter().map(|township| programme(people, *township))).await?;
    say(&format!("{} points programmes", world.townships.len()));

    if cameras > 0 {
        let file = generate::cameras_csv(DIVISIONS, &world.geojson, cameras, seed)?;
        let request = ImportCamerasRequest {
            request_id: request_id("cameras"),
            file: file.into(),
            dry_run: false,
        };
        let rows = import!(people.camera(by), import_cameras, request);
        say(&format!("{rows} cameras"));
    }
    say("prepared");
    Ok(())
}

/// Many calls at once; the first that is refused ends it.
async fn all(
    work: impl Iterator<Item = impl Future<Output = anyhow::Result<()>>>,
) -> anyhow::Result<()> {
    let mut ended = futures::stream::iter(work).buffer_unordered(AT_ONCE);
    while let Some(one) = ended.next().await {
        one?;
    }
    Ok(())
}

async fn organisation(people: &People, body: &Body) -> anyhow::Result<()> {
    let request = RegisterOrganisationRequest {
        request_id: body.request_id.clone(),
        division: body.division.to_string(),
        kind: body.kind.clone(),
        name: body.name.clone(),
    };
    let answer = send!(people.access(people.administrator()?), register_organisation, request)?;
    ensure!(
        answer.organisation_id == body.id.to_string(),
        "access registered {} where {} was expected",
        answer.organisation_id,
        body.id
    );
    Ok(())
}

/// Registers a person, gives the role, and puts members into their grids.
async fn hire(people: &People, staff: &Staff) -> anyhow::Result<()> {
    let by = people.administrator()?;
    let person_id = staff.person.to_string();
    let organisation = staff.scopes.iter().find_map(|scope| scope.org.as_ref());
    let request = RegisterPersonRequest {
        request_id: staff.request_id.clone(),
        division: staff.division.to_string(),
        name: staff.name.clone(),
        phone: staff.phone.clone(),
        organisation_id: organisation.map(ToString::to_string).unwrap_or_default(),
    };
    let answer = send!(people.access(by.clone()), register_person, request)?;
    ensure!(
        answer.person_id == person_id,
        "access registered {} where {person_id} was expected",
        answer.person_id
    );
    for (number, scope) in staff.scopes.iter().enumerate() {
        let ScopeParts { division, grid, org } = scope;
        let request = AssignRoleRequest {
            request_id: format!("{}-{number}", staff.request_id),
            person_id: person_id.clone(),
            role: word(staff.job).into(),
            division: division.map(|division| division.to_string()).unwrap_or_default(),
            grid: grid.map(|grid| grid.to_string()).unwrap_or_default(),
            organisation_id: org.as_ref().map(ToString::to_string).unwrap_or_default(),
            from: 0,
            until: 0,
        };
        send!(people.access(people.security()?), assign_role, request)?;
        let duty = match staff.job {
            Job::Member => MemberDuty::FullTime,
            Job::Chief => MemberDuty::Chief,
            Job::Clerk | Job::Verifier | Job::Operator | Job::Supervisor | Job::Administrator => {
                continue;
            }
        };
        let request = AssignMemberRequest {
            request_id: format!("{}-{number}", staff.request_id),
            grid: grid.map(|grid| grid.to_string()).unwrap_or_default(),
            person_id: person_id.clone(),
            duty: duty.into(),
        };
        send!(people.grid(by.clone()), assign_member, request)?;
    }
    Ok(())
}

/// The role of a job, in the word of the interface.
pub(super) fn word(job: Job) -> Word {
    Word::from_str_name(&api::name(&job.role(), "ROLE_")).unwrap_or_default()
}

/// A programme for the residents of a township, with its rule.
async fn programme(people: &People, township: Division) -> anyhow::Result<()> {
    let client = people.points(people.administrator()?);
    let seed = people.world.seed;
    let request = CreateProgrammeRequest {
        request_id: format!("demo-{seed}-programme-{township}"),
        division: township.to_string(),
        name: "文明积分".to_owned(),
    };
    let programme_id = send!(client.clone(), create_programme, request)?.programme_id;
    let (points_for_true_report, daily_cap) = POINTS;
    let request = SetRuleRequest {
        request_id: format!("demo-{seed}-rule-{township}"),
        programme_id,
        points_for_true_report,
        daily_cap,
    };
    send!(client, set_rule, request)?;
    Ok(())
}
