//! The register of divisions.

use std::fmt::Write as _;

use api::grid::v1::{Division, ListDivisionsRequest, ListDivisionsResponse};
use kernel::Role;
use platform::auth::scope::ScopeParts;

use crate::world::{COUNTY, Client, World, fields, import_divisions, reason};

async fn all(client: &mut Client, page_size: i32, ask: ListDivisionsRequest) -> Vec<Division> {
    let mut found = Vec::new();
    let mut page_token = String::new();
    loop {
        let ask = ListDivisionsRequest { page_size, page_token, ..ask.clone() };
        let page: ListDivisionsResponse = client.list_divisions(ask).await.unwrap().into_inner();
        assert!(page.divisions.len() <= page_size.unsigned_abs() as usize);
        found.extend(page.divisions);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return found;
        }
    }
}

/// The rows of the shipped table: code, name, level, parent.
fn shipped() -> Vec<[&'static str; 4]> {
    let cells = |line: &'static str| {
        let cells: Vec<&str> = line.split(',').collect();
        [cells[0], cells[1], cells[2], cells[3]]
    };
    let mut rows: Vec<_> = COUNTY.lines().skip(1).map(cells).collect();
    rows.sort_unstable();
    rows
}

pub(crate) async fn a_county_is_imported_once(world: World) {
    let mut admin = world.administrator();
    let checked = import_divisions(&mut admin, COUNTY, true).await;
    assert_eq!((checked.rows, checked.written, checked.errors.len()), (237, 0, 0));
    assert_eq!(world.suite.head().await.sequence, 0, "a dry run writes nothing");

    let first = import_divisions(&mut admin, COUNTY, false).await;
    assert_eq!((first.rows, first.written, first.errors), (237, 237, vec![]));
    assert_eq!(world.suite.head().await.sequence, 238, "a row is an event, and one ends it");
    let again = import_divisions(&mut admin, COUNTY, false).await;
    assert_eq!((again.rows, again.written), (237, 0));
    let other = import_divisions(&mut world.administrator(), COUNTY, false).await;
    assert_eq!((other.rows, other.written), (237, 0), "whoever sends it");
    assert_eq!(world.suite.head().await.sequence, 238);

    let ask = ListDivisionsRequest { min_position: first.position, ..Default::default() };
    let listed = all(&mut admin, 100, ask).await;
    let listed: Vec<[&str; 4]> =
        listed.iter().map(|d| [&*d.code, &*d.name, &*d.level, &*d.parent]).collect();
    let mut expected = shipped();
    // The shipped table does not go above the county.
    expected[0][3] = "6208";
    assert_eq!(listed, expected);
}

pub(crate) async fn an_import_that_broke_off_goes_on(world: World) {
    let mut admin = world.administrator();
    let half: Vec<&str> = COUNTY.lines().take(120).collect();
    let begun = import_divisions(&mut admin, half.join("\n"), false).await;
    assert_eq!((begun.rows, begun.written), (119, 119));
    let rest = import_divisions(&mut admin, COUNTY, false).await;
    assert_eq!((rest.rows, rest.written), (237, 118), "only what was missing is written");
    let world = World { suite: world.suite.restart_without_databases().await };
    let ask = ListDivisionsRequest { min_position: world.head().await, ..Default::default() };
    let listed = all(&mut world.administrator(), 1_000, ask).await;
    assert_eq!(listed.len(), 237);
    assert!(listed.iter().all(|division| !division.name.is_empty()));
}

pub(crate) async fn a_dirty_table_writes_nothing(world: World) {
    let mut admin = world.administrator();
    let dirty = "code,name,level,parent\n\
        620821,泾川县,county,\n\
        62082,短,township,620821\n\
        620821101,玉都镇,village,620821\n\
        620821102,,township,620821\n\
        620821103203,远村,village,620821103\n\
        620821104,甲,township,6208\n\
        620822101,外县,township,620822\n\
        620821104,乙,township,620821\n";
    for dry_run in [true, false] {
        let answer = import_divisions(&mut admin, dirty, dry_run).await;
        let found: Vec<_> = answer.errors.iter().map(|e| (e.row, e.column.as_str())).collect();
        let expected = [
            (2, "code"),
            (3, "level"),
            (4, "name"),
            (5, "parent"),
            (6, "parent"),
            (7, "code"),
            (8, "code"),
        ];
        assert_eq!(found, expected);
        let explained =
            |e: &api::grid::v1::RowError| !e.reason_en.is_empty() && !e.reason_zh.is_empty();
        assert!(answer.errors.iter().all(explained));
        assert_eq!((answer.rows, answer.written), (8, 0));
    }
    for whole in [&b"code,name\n1,2\n"[..], b"\xff\xfe", b"\0\0\0", b"code,name,level,parent\n"] {
        let answer = import_divisions(&mut admin, whole, false).await;
        assert_eq!(answer.errors[0].row, 0, "{whole:?}");
    }
    let large = import_divisions(&mut admin, vec![b'a'; 20 * 1024 * 1024 + 1], false).await;
    assert!(large.errors[0].reason_en.contains("20 MB"), "{:?}", large.errors);
    assert_eq!(world.suite.head().await.sequence, 0);
}

pub(crate) async fn a_large_table_is_kept_in_parts(world: World) {
    let mut admin = world.administrator();
    let mut table = "code,name,level,parent,note\n620821,泾川县,county,,\n".to_owned();
    for serial in 101..=240 {
        let note = "长".repeat(1_000);
        writeln!(table, "620821{serial},第{serial}镇,township,620821,{note}").unwrap();
    }
    assert!(table.len() > platform::vault::MAX_RECORD_BYTES);
    let done = import_divisions(&mut admin, table, false).await;
    assert_eq!((done.rows, done.written, done.errors), (141, 141, vec![]));
    let world = World { suite: world.suite.restart().await };
    let ask = ListDivisionsRequest { min_position: done.position, ..Default::default() };
    let listed = all(&mut world.administrator(), 1_000, ask).await;
    assert_eq!((listed.len(), listed[140].name.as_str()), (141, "第240镇"));
}

pub(crate) async fn pages_are_stable_within_a_scope(world: World) {
    let mut admin = world.administrator();
    import_divisions(&mut admin, COUNTY, false).await;
    let ask = ListDivisionsRequest { min_position: world.head().await, ..Default::default() };
    let found = all(&mut admin, 7, ask.clone()).await;
    let codes: Vec<&str> = found.iter().map(|division| division.code.as_str()).collect();
    let expected: Vec<&str> = shipped().iter().map(|row| row[0]).collect();
    assert_eq!(codes, expected);

    let below = |parent: &str| ListDivisionsRequest { parent: parent.into(), ..ask.clone() };
    let townships = all(&mut admin, 7, below("620821")).await;
    assert!(townships.iter().all(|division| division.level == "township"));
    assert_eq!(townships.len(), shipped().iter().filter(|row| row[2] == "township").count());

    let own = shipped().iter().filter(|row| row[0].starts_with("620821101")).count();
    let mut town = world.caller(Role::Operator, "620821101");
    let seen = all(&mut town, 7, ask.clone()).await;
    assert_eq!(seen.len(), own);
    assert!(seen.iter().all(|division| division.code.starts_with("620821101")));
    assert_eq!(all(&mut town, 7, below("620821101")).await.len(), own - 1);
    assert_eq!(reason(town.list_divisions(below("620821102")).await), "OUT_OF_SCOPE");
    assert_eq!(reason(town.list_divisions(below("620821")).await), "OUT_OF_SCOPE");

    let scope = ScopeParts { grid: Some("620821101203001".parse().unwrap()), ..Default::default() };
    let mut member = world.scoped(Role::GridMember, scope);
    let village = all(&mut member, 7, ask.clone()).await;
    assert_eq!(village.len(), 1, "a grid member sees the village of the grid");
    let mut assigned = world.scoped(Role::Verifier, ScopeParts::default());
    assert!(all(&mut assigned, 7, ask.clone()).await.is_empty());
    let mut resident = world.scoped(Role::Resident, ScopeParts::default());
    assert_eq!(all(&mut resident, 100, ask.clone()).await.len(), shipped().len());

    let first = ListDivisionsRequest { page_size: 7, ..ask.clone() };
    let token = admin.list_divisions(first).await.unwrap().into_inner().next_page_token;
    let other = ListDivisionsRequest { page_token: token, ..below("620821101") };
    assert_eq!(fields(admin.list_divisions(other).await), ["page_token"]);
}
