use super::*;
use testkit::rules::table;

const NOON: Timestamp = Timestamp(1_000);

fn grid() -> GridCode {
    "620821101203001".parse().unwrap()
}

fn person(key: &str) -> PersonId {
    format!("620821000000-{key}").parse().unwrap()
}

fn square(side: i64) -> DeltaPolygon {
    DeltaPolygon { rings: vec![vec![1_073_600_000, 353_300_000, side, 0, 0, side, -side, 0]] }
}

fn create(village_registered: bool, kind: GridKind, side: i64) -> Command {
    Command::CreateGrid {
        grid: grid(),
        village_registered,
        kind,
        boundary: square(side),
        source_crs: Crs::Gcj02,
        document: "620821000000-file".parse().unwrap(),
        row: 7,
        at: NOON,
    }
}

fn revise(side: i64) -> Command {
    Command::ReviseBoundary {
        grid: grid(),
        boundary: square(side),
        source_crs: Crs::Wgs84,
        at: NOON,
    }
}

fn assign(duty: MemberDuty) -> Command {
    Command::AssignMember { grid: grid(), person: person("li"), duty, at: NOON }
}

fn relieve(key: &str) -> Command {
    Command::RelieveMember { grid: grid(), person: person(key), at: NOON }
}

fn after(commands: impl IntoIterator<Item = Command>) -> State {
    commands.into_iter().fold(State::default(), |state, command| {
        let events = Grid::decide(&state, command).unwrap();
        kernel::fold::<Grid>(state, &events)
    })
}

fn commands() -> Vec<(&'static str, Command)> {
    use GridKind::{Rural, Urban};
    vec![
        ("建立网格 CreateGrid", create(true, Rural, 1_000)),
        ("建立网格, 村未登记 CreateGrid in an unknown village", create(false, Rural, 1_000)),
        ("建立网格, 边界不同 CreateGrid with another boundary", create(true, Rural, 2_000)),
        ("建立网格, 类型不同 CreateGrid of another kind", create(true, Urban, 1_000)),
        ("边界重划 ReviseBoundary", revise(3_000)),
        ("边界照旧 ReviseBoundary to the same", revise(1_000)),
        ("任命专职网格员 AssignMember, full time", assign(MemberDuty::FullTime)),
        ("改任网格长 AssignMember, chief", assign(MemberDuty::Chief)),
        ("解除成员 RelieveMember", relieve("li")),
        ("解除他人 RelieveMember, somebody else", relieve("wang")),
    ]
}

#[test]
fn the_rules_are_those_that_are_written_down() {
    let created = || create(true, GridKind::Rural, 1_000);
    let served = || assign(MemberDuty::FullTime);
    let states = [
        ("未建立 unknown", State::default()),
        ("已建立 existing", after([created()])),
        ("有专职网格员 served full time", after([created(), served()])),
        ("成员已解除 its member was relieved", after([created(), served(), relieve("li")])),
    ];
    let said: fn(&GridEvent) -> _ = |event| match event {
        GridEvent::GridCreated(_) => "建立 is created",
        GridEvent::GridBoundaryRevised(_) => "边界重划 is drawn anew",
        GridEvent::MemberAssigned(_) => "到岗 serves the grid",
        GridEvent::MemberRelieved(_) => "离岗 no longer serves the grid",
    };
    let rules = table::<Grid>("网格 Grid", &states, &commands(), said);
    testkit::rules::check("src/domain/grid.rules.md", &rules);
}

#[test]
fn a_decider_has_its_three_properties() {
    let commands: Vec<Command> = commands().into_iter().map(|(_, command)| command).collect();
    testkit::properties::deciding_twice_changes_nothing::<Grid>(&commands);
    testkit::properties::folding_equals_one_by_one::<Grid>(&commands);
    testkit::properties::accepted_histories_never_panic::<Grid>(&commands);
}
