use super::*;
use testkit::rules::table;

const NOON: Timestamp = Timestamp(1_000);

fn gb_id() -> GbId {
    "62082101001320000123".parse().unwrap()
}

fn camera() -> CameraId {
    contracts::subject::camera_id("620821".parse().unwrap(), gb_id())
}

fn document() -> RecordId {
    "620821000000-file".parse().unwrap()
}

fn details() -> Details {
    Details {
        division: "620821101203".parse().unwrap(),
        grid: Some("620821101203001".parse().unwrap()),
        position: Position::new(1_073_600_000, 353_300_000, Crs::Cgcs2000).unwrap(),
        source_crs: Crs::Gcj02,
        place: Place::Permitted(PlaceKind::Road),
        operator: None,
        secrecy_adjacent: false,
        consent: None,
        signage: true,
        retention_days: 30,
        started_on: None,
        document: document(),
        row: 7,
    }
}

fn register(details: Details) -> Command {
    Command::RegisterCamera { camera: camera(), gb_id: gb_id(), details, at: NOON }
}

fn update(details: Details) -> Command {
    Command::UpdateCamera { camera: camera(), details, at: NOON }
}

fn retire() -> Command {
    Command::RetireCamera { camera: camera(), reason: RetireReason::Replaced, at: NOON }
}

fn an_nvr() -> Command {
    let gb_id: GbId = "62082101001180000123".parse().unwrap();
    let camera = contracts::subject::camera_id("620821".parse().unwrap(), gb_id);
    Command::RegisterCamera { camera, gb_id, details: details(), at: NOON }
}

fn after(commands: impl IntoIterator<Item = Command>) -> State {
    commands.into_iter().fold(State::default(), |state, command| {
        let events = Camera::decide(&state, command).unwrap();
        kernel::fold::<Camera>(state, &events)
    })
}

fn commands() -> Vec<(&'static str, Command)> {
    let toilet = Place::Forbidden(ForbiddenPlace::Toilet);
    let household = Place::Permitted(PlaceKind::HouseholdEntrance);
    let consent = Some(document());
    vec![
        ("登记 RegisterCamera", register(details())),
        ("登记录像机 RegisterCamera with an NVR's id", an_nvr()),
        (
            "登记于卫生间 RegisterCamera in a toilet",
            register(Details { place: toilet, ..details() }),
        ),
        (
            "涉密周边无同意 RegisterCamera near a protected site without consent",
            register(Details { secrecy_adjacent: true, ..details() }),
        ),
        (
            "农户无同意 RegisterCamera of a household without consent",
            register(Details { place: household, ..details() }),
        ),
        (
            "农户有同意 RegisterCamera of a household with consent",
            register(Details { place: household, consent: consent.clone(), ..details() }),
        ),
        (
            "保存29日 RegisterCamera, kept for 29 days",
            register(Details { retention_days: 29, ..details() }),
        ),
        ("更新 UpdateCamera", update(Details { retention_days: 90, ..details() })),
        ("更新为原样 UpdateCamera to the same", update(details())),
        ("更新为卫生间 UpdateCamera to a toilet", update(Details { place: toilet, ..details() })),
        ("注销 RetireCamera", retire()),
    ]
}

#[test]
fn the_rules_are_those_that_are_written_down() {
    let states = [
        ("未登记 unknown", State::default()),
        ("已登记 registered", after([register(details())])),
        ("已注销 retired", after([register(details()), retire()])),
    ];
    let said: fn(&CameraEvent) -> _ = |event| match event {
        CameraEvent::CameraRegistered(_) => "登记 is registered",
        CameraEvent::CameraUpdated(_) => "更新 is updated",
        CameraEvent::CameraRetired(_) => "注销 is retired",
    };
    let rules = table::<Camera>("摄像头 Camera", &states, &commands(), said);
    testkit::rules::check("src/domain/camera.rules.md", &rules);
}

#[test]
fn in_which_document_a_name_stands_makes_no_other_camera() {
    let known = after([register(details())]);
    let elsewhere = Details { document: "620821000000-f2".parse().unwrap(), row: 9, ..details() };
    assert_eq!(Camera::decide(&known, register(elsewhere)), Ok(vec![]));
    let consent = Some(document());
    let near = || Details { secrecy_adjacent: true, consent: consent.clone(), ..details() };
    let known = after([register(near())]);
    let again = Details { consent: "620821000000-f2".parse().ok(), ..near() };
    assert_eq!(Camera::decide(&known, register(again)), Ok(vec![]));
}

#[test]
fn a_decider_has_its_three_properties() {
    let commands: Vec<Command> = commands().into_iter().map(|(_, command)| command).collect();
    testkit::properties::deciding_twice_changes_nothing::<Camera>(&commands);
    testkit::properties::folding_equals_one_by_one::<Camera>(&commands);
    testkit::properties::accepted_histories_never_panic::<Camera>(&commands);
}
