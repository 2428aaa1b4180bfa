//! Writes `work_order.rules.md`: what happens to every command in every status.

use std::{collections::BTreeMap, fmt::Write as _};

use kernel::{Rejection as _, StoredEvent as _};

use super::{beside, parts, *};

/// Each sample command with what it is called, in Chinese and English.
pub(super) fn rows() -> Vec<(&'static str, &'static str, Command)> {
    let passed = |caller, capacity| verify(caller, capacity, true);
    let other = || of_grid("other", GRID);
    let elsewhere = || office("elsewhere", "620821102");
    vec![
        ("事项受理后建单", "create for an accepted case", create(to("member"))),
        ("承办人接单", "accept, by the assignee", accept(member())),
        ("本网格他人接单", "accept, by another of the grid", accept(other())),
        ("承办人到场", "arrive, the assignee", arrive(member())),
        ("承办人退单", "return, by the assignee", give_back(member())),
        ("本网格他人退单", "return, by another of the grid", give_back(other())),
        ("退单后按规则重派", "route again by the rules", again(to_body("b1"))),
        ("调度员改派他人", "assign to somebody else", assign(operator(), to("other"))),
        ("调度员仍派原承办人", "assign to the same", assign(operator(), to("member"))),
        ("承办人反馈", "feedback, by the assignee", feedback(member())),
        ("本网格他人反馈", "feedback, by another of the grid", feedback(other())),
        ("核查通过", "verify, passed", passed(operator(), Capacity::Office)),
        ("核查未通过", "verify, not passed", verify(operator(), Capacity::Office, false)),
        ("承办人自行核查", "verify, by the handler", passed(member(), Capacity::GridMember)),
        (
            "网格长核查",
            "verify, by the grid's chief",
            passed(of_grid("chief", GRID), Capacity::GridChief),
        ),
        (
            "反映人核查",
            "verify, by the reporter",
            passed(of_grid("reporter", GRID), Capacity::GridMember),
        ),
        (
            "本网格其他网格员核查",
            "verify, by another member",
            passed(other(), Capacity::GridMember),
        ),
        ("办结", "close", close(operator())),
        ("他处调度员办结", "close, from outside", close(elsewhere())),
        ("到接单时限", "acceptance is due", ring(DUE, DeadlineKind::Acceptance)),
        ("到办理时限", "handling is due", ring(DUE, DeadlineKind::Handling)),
        ("临期", "little of the limit is left", Clock::MarkAtRisk { at: AT_RISK }.into()),
        ("到三倍时限", "three times the limit is over", {
            ring(THREEFOLD, DeadlineKind::HandlingThreefold)
        }),
        ("日历变更重算", "another calendar", replan(8, None)),
        ("日历未变", "the same calendar", replan(7, None)),
        ("未到时限", "not due yet", ring(NOW, DeadlineKind::Handling)),
    ]
    .into_iter()
    .chain(beside::rows())
    .chain(parts::rows())
    .collect()
}

const COLUMNS: [(&str, &str); 11] = [
    ("无", "none"),
    ("待接单", "routed"),
    ("已接单", "accepted"),
    ("已到场", "arrived"),
    ("已退单", "returned"),
    ("已处置", "handled"),
    ("已核查", "verified"),
    ("已办结", "closed"),
    ("已挂起", "suspended"),
    ("已拆分", "split"),
    ("已撤回", "withdrawn"),
];

fn states() -> Vec<State> {
    std::iter::once(State::default()).chain(Status::ALL.map(at)).collect()
}

/// What an event is called.
fn named(event: &WorkOrderEvent) -> &'static str {
    use WorkOrderEvent as E;
    match event {
        E::WorkOrderCreated(_) => "建单",
        E::WorkOrderRouted(_) => "派单",
        E::WorkOrderAccepted(_) => "接单",
        E::WorkOrderReturned(_) => "退单",
        E::FeedbackSubmitted(_) => "反馈",
        E::WorkOrderVerified(_) => "核查通过",
        E::WorkOrderSentBack(_) => "退回承办人",
        E::WorkOrderClosed(_) => "办结",
        E::WorkOrderOverdue(_) => "超期",
        E::WorkOrderArrived(_) => "到场",
        E::ReturnUpheld(_) => "同意退单",
        E::ReturnRejected(_) => "不同意退单",
        E::ExtensionRequested(_) => "申请延期",
        E::ExtensionGranted(_) => "同意延期",
        E::ExtensionRefused(_) => "不同意延期",
        E::SuspensionRequested(_) => "申请挂起",
        E::SuspensionRefused(_) => "不同意挂起",
        E::WorkOrderSuspended(_) => "挂起",
        E::WorkOrderResumed(_) => "恢复",
        E::WorkOrderEscalated(_) => "提级",
        E::WorkOrderReminded(_) => "催办",
        E::WorkOrderAssisted(_) => "协办",
        E::AssistanceSubmitted(_) => "协办反馈",
        E::WorkOrderSplit(_) => "拆分",
        E::ChildWorkOrderEnded(_) => "子工单结束",
        E::WorkOrderWithdrawn(_) => "撤回",
        E::WorkOrderReinstated(_) => "恢复工单",
        E::WorkOrderCalledBack(_) => "回访",
        E::WorkOrderAtRisk(_) => "临期",
        E::DeadlineReplanned(_) => "时限重算",
    }
}

#[test]
fn the_rules_are_as_written() {
    let mut text = String::from(
        "# 工单规则 · The rules of the work order\n\n\
         由测试生成；改规则后以 UPDATE_RULES=1 运行测试更新。\n\
         Written by a test; after a change run it with UPDATE_RULES=1.\n\n\
         ✓ 做什么（事件） what happens · ＝ 已是如此，不重复 already so · ✗ 为何不可 why it is refused\n\n",
    );
    let columns = COLUMNS.map(|(zh, en)| format!("{zh} {en}")).join(" | ");
    writeln!(text, "| 操作 command | {columns} |").unwrap();
    writeln!(text, "|---|{}", "---|".repeat(COLUMNS.len())).unwrap();
    let mut reasons = BTreeMap::new();
    for (zh, en, command) in rows() {
        write!(text, "| {zh} {en} |").unwrap();
        for state in states() {
            let cell = match WorkOrder::decide(&state, command.clone()) {
                Ok(events) if events.is_empty() => "＝".to_owned(),
                Ok(events) => events.iter().fold("✓".to_owned(), |cell, event| {
                    let name = event.ce_type().split('.').nth(2).unwrap();
                    format!("{cell} {} `{name}`", named(event))
                }),
                Err(rejection) => {
                    reasons.insert(rejection.reason(), rejection);
                    format!("✗ `{}`", rejection.reason())
                }
            };
            write!(text, " {cell} |").unwrap();
        }
        text.push('\n');
    }
    text.push_str("\n| 原因 reason | 说明 | in English |\n|---|---|---|\n");
    for (reason, rejection) in reasons {
        writeln!(text, "| `{reason}` | {} | {rejection} |", rejection.message_zh()).unwrap();
    }
    testkit::rules::check("src/domain/work_order.rules.md", &text);
}

#[test]
fn before_there_is_an_order_nothing_but_its_creation_is_possible() {
    for (_, name, command) in rows() {
        let outcome = outcome(&State::default(), command);
        if name.starts_with("create") {
            assert_eq!(outcome, Ok(vec!["work_order_created", "work_order_routed"]));
        } else {
            assert_eq!(outcome, Err("NO_SUCH_WORK_ORDER"), "{name}");
        }
    }
}
