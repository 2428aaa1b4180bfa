//! Given this history, when this is asked, then this happens.

use kernel::{StoredEvent as _, fold};

use super::{Command as C, *};

fn office(division: &str) -> Caller {
    let person = format!("620821000000-of{division}").parse().unwrap();
    Caller { person, within: Within::Division(division.parse().unwrap()) }
}

fn launch(admission: Option<(Admission, u32)>, grids: &[&str]) -> Command {
    C::LaunchCampaign(Box::new(Launch {
        at: Timestamp(1),
        caller: office("620821"),
        campaign: "620821000000-c1".parse().unwrap(),
        division: "620821".parse().unwrap(),
        category: "0601".parse().unwrap(),
        admission,
        matter: "620821000000-m".parse().unwrap(),
        form: "620821000000-f".parse().unwrap(),
        questions: Vec::new(),
        grids: grids.iter().map(|grid| grid.parse().unwrap()).collect(),
        limit: "5wd".parse().unwrap(),
        due: Timestamp(9),
        calendar_version: 1,
    }))
}

fn samples() -> Vec<(&'static str, Command)> {
    let grid = &["620821101203001"];
    let admitted = Some((Admission::Grid, 3));
    let close = |division| C::CloseCampaign { at: Timestamp(2), caller: office(division) };
    vec![
        ("启动 launch", launch(admitted, grid)),
        (
            "启动直办类别 launch what goes past the grids",
            launch(Some((Admission::Direct, 3)), grid),
        ),
        ("启动目录外类别 launch what is not in the catalogue", launch(None, grid)),
        ("启动无网格 launch with no grid", launch(admitted, &[])),
        ("结束 close", close("620821")),
        ("他处结束 close from elsewhere", close("620821101")),
    ]
}

fn said(event: &CampaignEvent) -> &'static str {
    event.ce_type().split('.').nth(2).unwrap_or_default()
}

#[test]
fn the_rules_are_as_written() {
    let launched = Campaign::decide(&State::default(), samples()[0].1.clone()).unwrap();
    let launched = fold::<Campaign>(State::default(), &launched);
    let closed = Campaign::decide(&launched, samples()[4].1.clone()).unwrap();
    let closed = fold::<Campaign>(launched.clone(), &closed);
    let states =
        [("无 none", State::default()), ("进行中 running", launched), ("已结束 closed", closed)];
    let title = "专项任务规则 · The rules of the campaign";
    let text = testkit::rules::table::<Campaign>(title, &states, &samples(), said);
    testkit::rules::check("src/domain/campaign.rules.md", &text);
}

#[test]
fn what_holds_of_every_aggregate_holds() {
    let commands: Vec<Command> = samples().into_iter().map(|(_, command)| command).collect();
    testkit::properties::deciding_twice_changes_nothing::<Campaign>(&commands);
    testkit::properties::folding_equals_one_by_one::<Campaign>(&commands);
    testkit::properties::accepted_histories_never_panic::<Campaign>(&commands);
}
