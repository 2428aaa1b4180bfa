//! The rules and templates that are shipped: version 0. A reporter follows a case on its page, and is
//! written to only where they agreed; a desk is told of what waits for it.

use contracts::dispatch::notification::{
    Audience::{self, Assignee, Assistants, Convened, Desk, Reporter, UpperDesk},
    NotificationChannel::{self, Gateway, Inbox, Mail},
    Route,
    Transition::{self as T},
};

use super::template::Template;

/// By every way.
const EVERY: &[NotificationChannel] = &[Inbox, Mail, Gateway];
/// In the suite alone.
const HERE: &[NotificationChannel] = &[Inbox];
/// Beside the case's own page.
const BESIDE: &[NotificationChannel] = &[Mail, Gateway];

/// Who is told of what.
const ROUTES: &[(T, Audience, &[NotificationChannel])] = &[
    (T::CaseAccepted, Reporter, BESIDE),
    (T::CaseRefused, Reporter, BESIDE),
    (T::InformationRequested, Reporter, BESIDE),
    (T::CaseMerged, Reporter, BESIDE),
    (T::CaseTransferred, Reporter, BESIDE),
    (T::CaseLapsed, Reporter, BESIDE),
    (T::CaseAnswered, Reporter, BESIDE),
    (T::CaseResolved, Reporter, BESIDE),
    (T::CaseReopened, Reporter, BESIDE),
    (T::CaseArchived, Reporter, BESIDE),
    (T::WorkOrderRouted, Assignee, EVERY),
    (T::WorkOrderRouted, Assistants, EVERY),
    (T::WorkOrderReturned, Desk, HERE),
    (T::FeedbackSubmitted, Desk, HERE),
    (T::WorkOrderSentBack, Assignee, EVERY),
    (T::WorkOrderOverdue, Assignee, EVERY),
    (T::WorkOrderOverdue, Desk, HERE),
    (T::WorkOrderOverdue, UpperDesk, HERE),
    (T::WorkOrderWithdrawn, Assignee, EVERY),
    (T::WorkOrderReinstated, Assignee, EVERY),
    (T::WorkOrderEscalated, UpperDesk, HERE),
    (T::WorkOrderReminded, Assignee, EVERY),
    (T::WorkOrderAssisted, Assistants, EVERY),
    (T::ReturnRejected, Assignee, HERE),
    (T::ExtensionRequested, UpperDesk, HERE),
    (T::ExtensionGranted, Assignee, HERE),
    (T::ExtensionRefused, Assignee, HERE),
    (T::WorkOrderResumed, Assignee, HERE),
    (T::DepartmentsConvened, Convened, EVERY),
    (T::MediationFollowUpDue, Assignee, HERE),
    (T::MediationFollowUpDue, Desk, HERE),
    (T::MediationTurnedUrgent, Desk, HERE),
    (T::MediationTurnedUrgent, UpperDesk, HERE),
];

/// The rules as events carry them.
pub fn routes() -> Vec<Route> {
    let route = |(transition, audience, channels): &(T, Audience, &[NotificationChannel])| Route {
        transition: *transition,
        audience: *audience,
        channels: channels.to_vec(),
    };
    ROUTES.iter().map(route).collect()
}

/// The texts of a transition, in Chinese and English.
const fn texts(transition: T) -> (&'static str, &'static str) {
    match transition {
        T::CaseAccepted => ("事项{case}已受理", "case {case} was accepted"),
        T::CaseRefused => ("事项{case}不予受理，请查看原因", "case {case} was refused: see why"),
        T::InformationRequested => {
            ("事项{case}需补充信息，请于{due}前补充", "case {case} needs more information by {due}")
        }
        T::CaseMerged => (
            "事项{case}已并入同一问题的事项",
            "case {case} was merged into another of the same matter",
        ),
        T::CaseTransferred => {
            ("事项{case}已转至所在地办理", "case {case} went to where it belongs")
        }
        T::CaseWithdrawn => ("事项{case}已撤回", "case {case} was withdrawn"),
        T::CaseLapsed => {
            ("事项{case}逾期未补充信息，已终止", "case {case} ended: nobody added what was asked")
        }
        T::CaseAnswered => ("事项{case}已答复", "case {case} was answered"),
        T::CaseResolved => {
            ("事项{case}已办理完成，请评价", "the work for case {case} is done: please rate it")
        }
        T::CaseReopened => ("事项{case}已重新办理", "case {case} is taken up again"),
        T::CaseArchived => ("事项{case}已结案归档", "case {case} was closed and archived"),
        T::WorkOrderRouted => (
            "新工单{work_order}（类别{category}），时限{due}",
            "new work order {work_order} (category {category}), due {due}",
        ),
        T::WorkOrderAccepted => ("工单{work_order}已接单", "work order {work_order} was accepted"),
        T::WorkOrderReturned => {
            ("工单{work_order}已退单，请处理", "work order {work_order} was returned: decide on it")
        }
        T::FeedbackSubmitted => {
            ("工单{work_order}已处置，请核查", "work order {work_order} was handled: verify it")
        }
        T::WorkOrderVerified => ("工单{work_order}已核查", "work order {work_order} was verified"),
        T::WorkOrderSentBack => (
            "工单{work_order}核查未通过，请继续处置",
            "work order {work_order} was sent back: go on with it",
        ),
        T::WorkOrderClosed => ("工单{work_order}已办结", "work order {work_order} was closed"),
        T::WorkOrderOverdue => {
            ("工单{work_order}已超期，时限{due}", "work order {work_order} is overdue since {due}")
        }
        T::WorkOrderWithdrawn => {
            ("工单{work_order}已撤回，无需办理", "work order {work_order} was withdrawn: leave it")
        }
        T::WorkOrderReinstated => {
            ("工单{work_order}已恢复，时限{due}", "work order {work_order} goes on, due {due}")
        }
        T::WorkOrderEscalated => {
            ("工单{work_order}已提级", "work order {work_order} went to the tier above")
        }
        T::WorkOrderReminded => {
            ("催办：工单{work_order}，时限{due}", "reminder: work order {work_order}, due {due}")
        }
        T::WorkOrderAssisted => ("请协办工单{work_order}", "help with work order {work_order}"),
        T::ReturnRejected => (
            "工单{work_order}退单未获同意，请继续办理",
            "work order {work_order} stays with you: go on with it",
        ),
        T::ExtensionRequested => (
            "工单{work_order}申请延期，请审批",
            "work order {work_order} asks for more time: decide on it",
        ),
        T::ExtensionGranted => {
            ("工单{work_order}已延期至{due}", "work order {work_order} has time until {due}")
        }
        T::ExtensionRefused => (
            "工单{work_order}延期未获同意，时限{due}",
            "work order {work_order} gets no more time, due {due}",
        ),
        T::WorkOrderResumed => (
            "工单{work_order}恢复计时，时限{due}",
            "the clock of work order {work_order} goes on, due {due}",
        ),
        T::DepartmentsConvened => {
            ("吹哨：请签收并按时报到", "you are called: sign, and report in on time")
        }
        T::MediationFollowUpDue => (
            "纠纷工单{work_order}已到回访日期",
            "the agreement of work order {work_order} is to be looked at again",
        ),
        T::MediationTurnedUrgent => (
            "纠纷工单{work_order}发现暴力迹象，已转紧急事项",
            "a sign of violence in work order {work_order}: an urgent case was reported",
        ),
    }
}

/// The template of a transition.
pub fn template(transition: T) -> Template {
    let (zh, en) = texts(transition);
    Template { transition: transition.to_string(), zh: zh.to_owned(), en: en.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::{
        super::template::{MAX_CHARS, unknown_place},
        *,
    };

    #[test]
    fn every_transition_has_a_template_in_both_languages_that_names_nobody() {
        for transition in T::ALL {
            let Template { zh, en, .. } = template(*transition);
            for text in [zh, en] {
                assert!(!text.is_empty() && text.chars().count() <= MAX_CHARS);
                assert_eq!(unknown_place(&text), None, "{text}");
            }
        }
    }

    #[test]
    fn no_rule_is_said_twice() {
        let mut said: Vec<(T, Audience)> = ROUTES.iter().map(|(t, a, _)| (*t, *a)).collect();
        said.sort_unstable();
        said.dedup();
        assert_eq!(said.len(), ROUTES.len());
    }
}
