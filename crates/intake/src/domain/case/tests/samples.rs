//! Every command and every state in the forms between which the rules tell apart.

use contracts::intake::{
    AcceptedBy, CaseReported, Channel, Place, PlaceSource, RefusalReason, Satisfaction, Urgency,
};
use kernel::{Timestamp, fold, hash::Sha256};

use crate::domain::case::{
    AcceptCase, CallBack, Case, Command, HandleOnSite, JoinCase, MergeCase, Outcome, Primary,
    RateCase, Rating, ReopenCase, Standing, State, TransferCase,
};
use kernel::Aggregate as _;

pub(super) const REPORTER: &str = "620821000000-reporter";
pub(super) const OTHER: &str = "620821000000-other";
const JOINER: &str = "620821000000-joiner";
const MEMBER: &str = "620821000000-member";
const CASE: &str = "620821101203-c";
const EARLIER: &str = "620821101203-a";
pub(super) const DAY: i64 = 86_400_000;

pub(super) fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

/// How a case was reported.
#[derive(Clone, Copy)]
pub(super) enum By {
    Resident,
    Staff,
    Device,
}

pub(super) fn reported(by: By) -> CaseReported {
    CaseReported {
        occurred_at: Timestamp(0),
        case: id(CASE),
        channel: if matches!(by, By::Device) { Channel::Device } else { Channel::QrPage },
        category: id("0101"),
        catalogue_version: 1,
        urgency: Urgency::Normal,
        place: Place {
            source: PlaceSource::Grid,
            division: id("620821101203"),
            grid: Some(id("620821101203001")),
            position: None,
        },
        reporter: id(REPORTER),
        by_staff: !matches!(by, By::Resident),
        text: None,
        contact: None,
        tracking: Sha256([1; 32]),
        first_reported_at: Timestamp(0),
        photos: Vec::new(),
        form: None,
        confidential: false,
        predecessor: None,
        texts_of: None,
        entered_by: None,
        reference: None,
    }
}

pub(super) fn accepting(accepted_by: AcceptedBy, grid: Option<&str>) -> Command {
    Command::AcceptCase(AcceptCase {
        at: Timestamp(1),
        accepted_by,
        rule_version: (accepted_by == AcceptedBy::Rule).then_some(1),
        category: id("0101"),
        catalogue_version: 1,
        urgency: Urgency::Normal,
        grid: grid.map(id),
    })
}

fn refusing(reason: RefusalReason) -> Command {
    Command::RefuseCase { at: Timestamp(1), by: id(OTHER), reason, explanation: None }
}

pub(super) fn adding(text: &str) -> Command {
    Command::AddInformation {
        at: Timestamp(1),
        by: id(REPORTER),
        text: id(text),
        photos: Vec::new(),
    }
}

pub(super) fn asking(question: &str) -> Command {
    let question = id(question);
    Command::RequestInformation { at: Timestamp(1), by: id(OTHER), question, window_ms: 5 * DAY }
}

fn answering() -> Command {
    Command::AnswerCase { at: Timestamp(2), by: id(OTHER), answer: id("620821000000-answer") }
}

pub(super) fn joining(joiner: &str, mark: u8) -> Command {
    Command::JoinCase(JoinCase {
        at: Timestamp(1),
        joiner: id(joiner),
        for_others: false,
        tracking: Sha256([mark; 32]),
        text: None,
        contact: None,
        photos: Vec::new(),
    })
}

fn merging(into: &str, first_reported_at: i64, standing: Standing, confidential: bool) -> Command {
    Command::MergeCase(MergeCase {
        at: Timestamp(1),
        by: id(OTHER),
        reason: None,
        confidential,
        primary: Primary {
            case: id(into),
            first_reported_at: Timestamp(first_reported_at),
            confidential: false,
            standing,
        },
    })
}

pub(super) fn merging_well() -> Command {
    merging(EARLIER, -1, Standing::Open, false)
}

pub(super) fn unmerging() -> Command {
    Command::UnmergeCase { at: Timestamp(2), by: id(OTHER), reason: None }
}

fn transferring(to: &str) -> Command {
    Command::TransferCase(TransferCase {
        at: Timestamp(1),
        by: id(OTHER),
        to: id(to),
        successor: id("620821102200-s"),
        reason: None,
    })
}

fn withdrawing(by: &str) -> Command {
    Command::WithdrawCase { at: Timestamp(1), by: id(by), tracking: None, reason: None }
}

fn settling() -> HandleOnSite {
    HandleOnSite {
        at: Timestamp(2),
        by: id(MEMBER),
        text: None,
        photos_before: Vec::new(),
        photos_after: Vec::new(),
        share_percent: 0,
    }
}

fn checking(by: &str, found_true: bool) -> Command {
    Command::ConfirmSpotCheck { at: Timestamp(3), by: id(by), found_true, note: None }
}

pub(super) fn resolving(order: &str) -> Command {
    Command::ResolveCase { at: Timestamp(2), work_order: id(order), found_true: true }
}

fn well() -> Rating {
    let satisfaction = Satisfaction::Satisfied;
    Rating { contacted: true, solved: true, satisfaction, comment: None }
}

pub(super) fn rating(by: &str) -> Command {
    let (at, by) = (Timestamp(3), id(by));
    Command::RateCase(RateCase { at, by, tracking: None, rating: well() })
}

fn calling(rating: Option<Rating>) -> Command {
    let (at, reached) = (Timestamp(3), rating.is_some());
    Command::CallBack(CallBack { at, by: id(OTHER), reached, note: None, rating })
}

pub(super) fn reopening(at: i64) -> Command {
    Command::ReopenCase(ReopenCase {
        at: Timestamp(at),
        by: id(REPORTER),
        reason: id("620821000000-why"),
        window_ms: 15 * DAY,
    })
}

pub(super) fn archiving(at: i64) -> Command {
    Command::ArchiveCase { at: Timestamp(at), rating_window_ms: 7 * DAY }
}

type Sample<T> = (&'static str, &'static str, T);

pub(super) fn samples() -> Vec<Sample<Command>> {
    let report = || Box::new(reported(By::Resident));
    let resolved = Outcome::Resolved { work_order: id("620821101203-oa"), found_true: true };
    vec![
        ("上报", "report", Command::ReportCase(report())),
        ("承接转办", "take over a transferred one", Command::ReportSuccessor(report(), vec![])),
        ("上报并自行处置", "report as settled", Command::ReportHandled(report(), settling())),
        ("按规则受理", "accept by rule", accepting(AcceptedBy::Rule, None)),
        ("调度员受理", "accept by an operator", accepting(AcceptedBy::Operator, None)),
        (
            "受理到外村网格",
            "accept into a grid elsewhere",
            accepting(AcceptedBy::Operator, Some("620821102200001")),
        ),
        ("不予受理", "refuse", refusing(RefusalReason::OutOfRemit)),
        ("以另一理由不予受理", "refuse for another reason", refusing(RefusalReason::Untrue)),
        ("请补充情况", "ask for more", asking("620821000000-q")),
        ("期内终止", "end while it can be answered", Command::LapseCase { at: Timestamp(2) }),
        ("期满终止", "end unanswered", Command::LapseCase { at: Timestamp(1 + 5 * DAY) }),
        ("补充情况", "add information", adding("620821000000-i2")),
        ("再次补充同一内容", "add the same again", adding("620821000000-i1")),
        ("直接答复", "answer", answering()),
        ("他人关注", "join", joining("620821000000-second", 3)),
        ("反映人关注自己的事项", "join one's own", joining(REPORTER, 4)),
        ("合并到前者", "merge into an earlier one", merging_well()),
        (
            "合并到后者",
            "merge into a later one",
            merging("620821101203-z", 1, Standing::Open, false),
        ),
        ("合并到自身", "merge into itself", merging(CASE, 0, Standing::Open, false)),
        (
            "合并到已合并的",
            "merge into a merged one",
            merging("620821101203-b", -1, Standing::Merged(id(EARLIER)), false),
        ),
        (
            "合并到已了结的",
            "merge into one that is over",
            merging("620821101203-b", -1, Standing::Over, false),
        ),
        (
            "保密的合并到不保密的",
            "merge a confidential one into another",
            merging("620821101203-b", -1, Standing::Open, true),
        ),
        ("取消合并", "unmerge", unmerging()),
        (
            "随主事项办结",
            "be resolved with its primary",
            Command::FollowPrimary { at: Timestamp(2), outcome: resolved },
        ),
        (
            "主事项撤回",
            "be let go by its primary",
            Command::FollowPrimary { at: Timestamp(2), outcome: Outcome::LetGo { by: id(OTHER) } },
        ),
        ("转办到外村", "transfer elsewhere", transferring("620821102200")),
        ("转办到本村", "transfer to where it is", transferring("620821101203")),
        ("本人撤回", "withdraw, by the reporter", withdrawing(REPORTER)),
        ("他人撤回", "withdraw, by another", withdrawing(OTHER)),
        (
            "设为保密",
            "make confidential",
            Command::SetConfidential { at: Timestamp(1), by: id(OTHER), confidential: true },
        ),
        ("自行处置", "settle on the spot", Command::HandleOnSite(settling())),
        (
            "自行处置并抽中",
            "settle on the spot, drawn",
            Command::HandleOnSite(HandleOnSite { share_percent: 100, ..settling() }),
        ),
        ("核查属实", "check: found true", checking(OTHER, true)),
        ("核查不实", "check: found untrue", checking(OTHER, false)),
        ("处置人自查", "check by who settled it", checking(MEMBER, true)),
        ("工单办结", "resolve by its order", resolving("620821101203-o1")),
        ("另一工单办结", "resolve by another order", resolving("620821101203-o2")),
        ("本人评价", "rate, by the reporter", rating(REPORTER)),
        ("关注人评价", "rate, by who joined", rating(JOINER)),
        ("他人评价", "rate, by another", rating(OTHER)),
        ("回访未接通", "call back, nobody reached", calling(None)),
        ("回访并评价", "call back with a rating", calling(Some(well()))),
        ("限期内申请重新办理", "reopen within the window", reopening(2 + 15 * DAY - 1)),
        ("逾期申请重新办理", "reopen after the window", reopening(2 + 15 * DAY)),
        ("评价期内归档", "archive within the window", archiving(2 + 7 * DAY - 1)),
        ("评价期满归档", "archive after the window", archiving(2 + 7 * DAY)),
        ("告警累计", "count an alarm", Command::CountAlarm { at: Timestamp(1), count: 5 }),
    ]
}

pub(super) fn after(by: By, commands: &[Command]) -> State {
    let first: State = Case::evolve(State::Unreported, &reported(by).into());
    commands.iter().fold(first, |state, command| {
        let events = Case::decide(&state, command.clone()).unwrap();
        fold::<Case>(state, &events)
    })
}

/// Every status, with one piece of information added where that can be.
pub(super) fn states() -> Vec<Sample<State>> {
    use By::{Device, Resident, Staff};
    let added = adding("620821000000-i1");
    let accepted = [added.clone(), accepting(AcceptedBy::Rule, None)];
    let resolved = [&accepted[..], &[resolving("620821101203-o1")]].concat();
    let rated = [&resolved[..], &[rating(REPORTER)]].concat();
    let archived = [&rated[..], &[archiving(3)]].concat();
    let reopened = [&rated[..], &[reopening(4)]].concat();
    let resolved_again = [&reopened[..], &[resolving("620821101203-o2")]].concat();
    let unrated = [&resolved[..], &[archiving(2 + 7 * DAY)]].concat();
    let joined =
        [joining(JOINER, 2), accepting(AcceptedBy::Rule, None), resolving("620821101203-o1")];
    let drawn = [Command::HandleOnSite(HandleOnSite { share_percent: 100, ..settling() })];
    let one = std::slice::from_ref::<Command>;
    vec![
        ("未上报", "unreported", State::Unreported),
        ("已上报", "reported", after(Resident, one(&added))),
        ("设备告警", "reported by a device", after(Device, &[])),
        ("待补充", "awaiting information", after(Resident, &[asking("620821000000-q0")])),
        ("已受理", "accepted", after(Resident, &accepted)),
        ("不予受理", "refused", after(Resident, &[added, refusing(RefusalReason::OutOfRemit)])),
        (
            "逾期终止",
            "lapsed",
            after(
                Resident,
                &[asking("620821000000-q0"), Command::LapseCase { at: Timestamp(1 + 5 * DAY) }],
            ),
        ),
        ("已撤回", "withdrawn", after(Resident, &[withdrawing(REPORTER)])),
        ("已转办", "transferred", after(Resident, &[transferring("620821102200")])),
        ("已合并", "merged", after(Resident, &[accepting(AcceptedBy::Rule, None), merging_well()])),
        ("已答复", "answered", after(Resident, &[answering()])),
        ("已办结", "resolved", after(Resident, &resolved)),
        ("已办结(有人关注)", "resolved, joined", after(Resident, &joined)),
        ("已办结(工作人员上报)", "resolved, reported by staff", after(Staff, &resolved)),
        ("自行处置待核查", "settled on the spot, to be checked", after(Resident, &drawn)),
        ("已评价", "rated", after(Resident, &rated)),
        ("重新办理", "reopened", after(Resident, &reopened)),
        ("再次办结", "resolved again", after(Resident, &resolved_again)),
        ("已归档(已评价)", "archived, rated", after(Resident, &archived)),
        ("已归档(未评价)", "archived, unrated", after(Resident, &unrated)),
    ]
}
