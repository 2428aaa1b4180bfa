//! Why something that bodies do together is refused: one set for convocations, campaigns,
//! instructions, incidents and teams, so that the same thing is said the same way.

/// Declares the refusals, one a row: the reason, whether it concerns the caller, and what to do in
/// English and Chinese.
macro_rules! refusals {
    ($($(#[$doc:meta])* $name:ident => $reason:literal, $caller:literal, $en:literal, $zh:literal;)*) => {
        /// Why a command is refused.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
        pub enum Refusal {
            $($(#[$doc])* #[error($en)] $name,)*
        }

        impl kernel::Rejection for Refusal {
            fn reason(&self) -> &'static str {
                match self { $(Self::$name => $reason,)* }
            }

            fn message_zh(&self) -> String {
                match self { $(Self::$name => $zh,)* }.to_owned()
            }

            fn concerns_caller(&self) -> bool {
                match self { $(Self::$name => $caller,)* }
            }
        }
    };
}

refusals! {
    /// There is no such thing, or none that the caller may know of.
    NoSuchThing => "NO_SUCH_THING", false,
        "there is nothing of this id: check it",
        "没有这个编号，请核对";
    /// It lies outside of what the caller's role covers.
    OutOfScope => "OUT_OF_SCOPE", true,
        "this lies outside of what your role covers: ask the office in charge",
        "该事项不在您的职责范围内，请联系负责单位";
    /// The id belongs to something else.
    IdInUse => "ID_IN_USE", false,
        "this id belongs to something else: use a new request_id",
        "该编号已被使用，请换用新的 request_id";

    /// A moment that must come is past.
    TimeIsPast => "TIME_IS_PAST", false,
        "this time is past: name one to come",
        "所填时间已过，请填写将来的时间";

    /// A convocation without a body in the lead.
    NeedsALead => "NEEDS_A_LEAD", false,
        "a convocation needs a body in the lead: name one",
        "吹哨须指定主办单位，请填写";
    /// The body was not called.
    NotCalled => "NOT_CALLED", false,
        "this body was not called: name one that was",
        "该单位不在本次吹哨之列，请核对";
    /// Before the place is open.
    TooEarly => "TOO_EARLY_TO_REPORT_IN", false,
        "it is too early to report in: come nearer to the time of the meeting",
        "未到报到时间，请临近集合时间再报到";
    /// Another code than the convocation's.
    WrongSiteCode => "WRONG_SITE_CODE", false,
        "this is not the code of this convocation: scan the one that is shown on site",
        "现场码不正确，请扫描现场出示的码";
    /// Late without a reason.
    LateNeedsReason => "LATE_NEEDS_REASON", false,
        "you report in late: say why",
        "报到已迟，请说明原因";
    /// For the county to say.
    OnlyTheCounty => "ONLY_THE_COUNTY", true,
        "only the county may allow a body to stay away: ask its centre",
        "只有县级可以同意不到场，请联系县中心";
    /// The county did not allow it.
    AbsenceNotAllowed => "ABSENCE_NOT_ALLOWED", false,
        "a body may stay away only with the county's consent: ask its centre first",
        "未经县级同意不得不到场，请先联系县中心";
    /// The body is on site.
    AlreadyReportedIn => "ALREADY_REPORTED_IN", false,
        "this body has reported in already",
        "该单位已报到";
    /// The body stays away.
    BodyDeclined => "BODY_DECLINED", false,
        "this body was let off and stays away: it has no part in this any more",
        "该单位已获准不到场，不再参与";
    /// Nobody reported in.
    NobodyOnSite => "NOBODY_ON_SITE", false,
        "no body has reported in: wait for one before you conclude",
        "尚无单位报到，不能形成结论";
    /// Not concluded.
    NotConcluded => "CONVOCATION_NOT_CONCLUDED", false,
        "this convocation is not concluded yet: conclude it first",
        "本次吹哨尚无结论，请先形成结论";
    /// Concluded.
    Concluded => "CONVOCATION_CONCLUDED", false,
        "this convocation is concluded already: what is left are its tasks and ratings",
        "本次吹哨已有结论，只待落实任务和评价";
    /// Closed.
    ConvocationClosed => "CONVOCATION_CLOSED", false,
        "this convocation is closed: call a new one if something is left",
        "本次吹哨已结束，如仍有问题请重新吹哨";
    /// No such task.
    NoSuchTask => "NO_SUCH_TASK", false,
        "the conclusion has no task of this number: check it",
        "结论中没有这项任务，请核对";
    /// A task of another body.
    NotYourTask => "NOT_YOUR_TASK", true,
        "this task is another body's: leave it to them",
        "该任务由其他单位承担";
    /// Tasks are open.
    TasksOpen => "TASKS_OPEN", false,
        "some tasks are not done yet: wait for them",
        "尚有任务未完成，请等待";
    /// Bodies are unrated.
    BodiesNotRated => "BODIES_NOT_RATED", false,
        "some bodies are not rated yet: rate them first",
        "尚有单位未评价，请先评价";
    /// Rated otherwise.
    AlreadyRated => "ALREADY_RATED", false,
        "this body is rated already: a rating stands",
        "该单位已评价，评价不再更改";
    /// Another tier than the caller's.
    NotTheConvener => "NOT_THE_CONVENER", true,
        "only who called the bodies concludes, rates and closes: leave it to that desk",
        "只有吹哨方可以形成结论、评价和结束";

    /// Not on the admission list.
    NotAdmitted => "NOT_ADMITTED", false,
        "this is not on the admission list of the grids: have it admitted first",
        "该事项不在网格准入清单内，请先申请准入";
    /// No grid to go to.
    NoGrids => "NO_GRIDS", false,
        "there is no grid to go to: name a division that has grids, or grids in it",
        "没有可下达的网格，请选择有网格的区划";
    /// The campaign is closed.
    CampaignClosed => "CAMPAIGN_CLOSED", false,
        "this campaign is closed and takes no more answers",
        "该专项任务已结束，不再接受填报";
    /// Answered.
    TaskAnswered => "CAMPAIGN_TASK_ANSWERED", false,
        "this grid has answered already",
        "该网格已填报";
    /// Somebody else's task.
    NotTheAssignee => "NOT_THE_ASSIGNEE", true,
        "this is assigned to somebody else: only its assignee may do this",
        "该任务已派给他人，只有承办人可以操作";

    /// Another organisation's instruction.
    NotAddressed => "NOT_ADDRESSED", true,
        "this instruction is to another organisation: leave it to them",
        "该批示交办给其他单位";
    /// No report yet.
    InstructionNotReported => "INSTRUCTION_NOT_REPORTED", false,
        "the organisation has not said what it did: wait for its report",
        "承办单位尚未反馈落实情况，请等待";
    /// Reported.
    InstructionReported => "INSTRUCTION_REPORTED", false,
        "what was done is reported already: it waits for the leader's office",
        "落实情况已反馈，等待批示方办结";
    /// Closed.
    InstructionClosed => "INSTRUCTION_CLOSED", false,
        "this instruction is done with: give a new one if something is left",
        "该批示已办结，如仍有问题请另行批示";

    /// Nobody in command.
    CommandMissing => "COMMAND_MISSING", false,
        "nobody has the function that commands this level: name them first",
        "该级别的指挥岗位尚无人担任，请先指定";
    /// Not the holder of the function that it takes.
    NotInCommand => "NOT_IN_COMMAND", true,
        "this takes the function in command: ask its holder",
        "须由现任指挥人员操作";
    /// Not raised.
    LevelNotRaised => "LEVEL_NOT_RAISED", false,
        "the incident has this level or a graver one: name a graver one",
        "事件级别不低于该级，请选择更高级别";
    /// Not lowered.
    LevelNotLowered => "LEVEL_NOT_LOWERED", false,
        "the incident has this level or a lighter one: name a lighter one",
        "事件级别不高于该级，请选择更低级别";
    /// Over.
    StoodDown => "INCIDENT_STOOD_DOWN", false,
        "this incident was stood down: open a new one if it is back",
        "该突发事件已解除，如复发请重新启动";
    /// An order of an incident that is not over.
    IncidentOpen => "INCIDENT_OPEN", false,
        "this order belongs to an incident: it closes after the stand-down",
        "该工单属于尚未解除的突发事件，解除后方可办结";
    /// Not called.
    TeamNotCalled => "TEAM_NOT_CALLED", false,
        "this team was not called: call it first",
        "该队伍未被调度，请先调度";
    /// Disbanded.
    TeamDisbanded => "TEAM_DISBANDED", false,
        "this team is no more: choose another",
        "该队伍已撤销，请另选";
}
