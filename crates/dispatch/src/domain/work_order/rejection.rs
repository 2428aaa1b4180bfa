//! Why a command on a work order is refused.

/// Why a command is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// There is no such order.
    #[error("there is no such work order: check its id")]
    NoSuchOrder,
    /// The order lies outside of what the caller's role covers.
    #[error("this lies outside of what your role covers: ask the office in charge")]
    OutOfScope,
    /// The id belongs to the order of another case.
    #[error("this id belongs to the order of another case")]
    OrderExists,
    /// The caller is neither the assignee nor a clerk of the assigned organisation.
    #[error("this order is assigned to somebody else: only its assignee may do this")]
    NotTheAssignee,
    /// Not accepted yet.
    #[error("this order is not accepted yet: accept it first")]
    NotAccepted,
    /// A colleague accepted it.
    #[error("a colleague has accepted this order already: agree with them")]
    AlreadyAccepted,
    /// Given back, and not decided yet.
    #[error("this order was returned and waits for a decision: wait for it")]
    Returned,
    /// Not handled yet.
    #[error("this order is not handled yet: wait for the handler's feedback")]
    NotHandled,
    /// Handled already.
    #[error("this order is handled already: it waits for verification")]
    AlreadyHandled,
    /// The caller handled it, or was to.
    #[error("you worked on this order yourself: somebody else must verify it")]
    VerifierIsHandler,
    /// A member of the grid who is neither its chief nor the reporter.
    #[error("only the grid's chief, the reporter or a verifier may verify this order: ask one")]
    NotAVerifier,
    /// Not verified yet.
    #[error("this order is not verified yet: have it verified first")]
    NotVerified,
    /// Verified already.
    #[error("this order is verified already: it only remains to close it")]
    AlreadyVerified,
    /// Closed.
    #[error("this order is closed: report a new case if something is left to do")]
    Closed,
    /// The clock stands still.
    #[error("the clock of this order stands still: resume it first")]
    Suspended,
    /// Split into parts.
    #[error("this order was split: its parts are handled one by one")]
    Split,
    /// Withdrawn.
    #[error("this order was withdrawn: nothing is to be done with it")]
    Withdrawn,
    /// Nobody gave it back.
    #[error("this order is not returned: there is nothing to decide")]
    NotReturned,
    /// From the second return the county decides.
    #[error("this order was returned before: from the second time the county decides")]
    NeedsCounty,
    /// The order would go to whoever has just given it back.
    #[error("this assignee has returned the order: choose another, or reject the return")]
    ReturnedByAssignee,
    /// Only a tier above the assignee's may decide it.
    #[error("only a tier above the assignee's may decide this: ask it")]
    NeedsUpperTier,
    /// No extension is asked for.
    #[error("nobody asks for more time for this order")]
    NoExtensionAsked,
    /// Another extension waits for its decision.
    #[error("more time is asked for already: wait for the decision")]
    ExtensionAsked,
    /// The deadline has passed.
    #[error("more time must be asked for before the deadline")]
    TooLateToExtend,
    /// Extended as often as it may be.
    #[error("this order was extended as often as it may be")]
    ExtensionsUsedUp,
    /// Longer than an extension may be.
    #[error("this is more time than may be given: ask for less")]
    ExtensionTooLong,
    /// No suspension is asked for.
    #[error("nobody asks that the clock of this order stop")]
    NoSuspensionAsked,
    /// The clock runs.
    #[error("the clock of this order runs already")]
    NotSuspended,
    /// There is no tier above.
    #[error("this order has climbed as far as it can: there is no tier above")]
    NoTierAbove,
    /// The reporter has asked today.
    #[error("you have asked today already: ask again tomorrow")]
    RemindedToday,
    /// Nobody leads.
    #[error("nobody leads this order yet: assign it before others are to help")]
    NoLead,
    /// The lead among the helpers.
    #[error("the assignee leads this order and cannot help itself: name others")]
    LeadCannotAssist,
    /// Not one of the helpers.
    #[error("only those who help with this order may do this")]
    NotAnAssistant,
    /// The helper has submitted.
    #[error("your part of this order is submitted already")]
    AssistanceGiven,
    /// Helpers have not submitted.
    #[error(
        "helpers have not submitted their parts: wait for them, or say why it is solved without them"
    )]
    AssistanceOpen,
    /// A part of another.
    #[error("this order is a part of another and cannot be split again")]
    ChildCannotSplit,
    /// Too few or too many parts, or two that are the same.
    #[error("an order is split into 2 to 10 parts, each for another or of another place")]
    PartsNotDistinct,
    /// Not withdrawn.
    #[error("this order is not withdrawn: it goes on")]
    NotWithdrawn,
    /// Something else ended it, and only that brings it back.
    #[error("this order ended with its case, or with the order of which it is a part: undo that")]
    WithdrawnWithCase,
    /// Not closed yet.
    #[error("this order is not closed: call back when it is")]
    NotClosed,
    /// The reporter was reached.
    #[error("the reporter was called back already")]
    CalledBack,
    /// Its version is another than the caller knew.
    #[error("others did something with this order meanwhile: look at it again")]
    Changed,
}

impl kernel::Rejection for Rejection {
    fn reason(&self) -> &'static str {
        match self {
            Self::NoSuchOrder => "NO_SUCH_WORK_ORDER",
            Self::OutOfScope => "OUT_OF_SCOPE",
            Self::OrderExists => "ORDER_EXISTS",
            Self::NotTheAssignee => "NOT_THE_ASSIGNEE",
            Self::NotAccepted => "ORDER_NOT_ACCEPTED",
            Self::AlreadyAccepted => "ORDER_ALREADY_ACCEPTED",
            Self::Returned => "ORDER_RETURNED",
            Self::NotHandled => "ORDER_NOT_HANDLED",
            Self::AlreadyHandled => "ORDER_ALREADY_HANDLED",
            Self::VerifierIsHandler => "VERIFIER_IS_HANDLER",
            Self::NotAVerifier => "NOT_A_VERIFIER",
            Self::NotVerified => "ORDER_NOT_VERIFIED",
            Self::AlreadyVerified => "ORDER_ALREADY_VERIFIED",
            Self::Closed => "ORDER_CLOSED",
            Self::Suspended => "ORDER_SUSPENDED",
            Self::Split => "ORDER_SPLIT",
            Self::Withdrawn => "ORDER_WITHDRAWN",
            Self::NotReturned => "ORDER_NOT_RETURNED",
            Self::NeedsCounty => "RETURN_NEEDS_COUNTY",
            Self::ReturnedByAssignee => "RETURNED_BY_ASSIGNEE",
            Self::NeedsUpperTier => "NEEDS_UPPER_TIER",
            Self::NoExtensionAsked => "NO_EXTENSION_ASKED",
            Self::ExtensionAsked => "EXTENSION_ASKED",
            Self::TooLateToExtend => "EXTENSION_TOO_LATE",
            Self::ExtensionsUsedUp => "EXTENSIONS_USED_UP",
            Self::ExtensionTooLong => "EXTENSION_TOO_LONG",
            Self::NoSuspensionAsked => "NO_SUSPENSION_ASKED",
            Self::NotSuspended => "ORDER_NOT_SUSPENDED",
            Self::NoTierAbove => "NO_TIER_ABOVE",
            Self::RemindedToday => "REMINDED_TODAY",
            Self::NoLead => "ORDER_HAS_NO_LEAD",
            Self::LeadCannotAssist => "LEAD_CANNOT_ASSIST",
            Self::NotAnAssistant => "NOT_AN_ASSISTANT",
            Self::AssistanceGiven => "ASSISTANCE_GIVEN",
            Self::AssistanceOpen => "ASSISTANCE_OPEN",
            Self::ChildCannotSplit => "CHILD_CANNOT_SPLIT",
            Self::PartsNotDistinct => "PARTS_NOT_DISTINCT",
            Self::NotWithdrawn => "ORDER_NOT_WITHDRAWN",
            Self::WithdrawnWithCase => "WITHDRAWN_WITH_CASE",
            Self::NotClosed => "ORDER_NOT_CLOSED",
            Self::CalledBack => "ORDER_CALLED_BACK",
            Self::Changed => "ORDER_CHANGED",
        }
    }

    fn message_zh(&self) -> String {
        match self {
            Self::NoSuchOrder => "没有这个工单，请核对编号",
            Self::OutOfScope => "该事项不在您的职责范围内，请联系负责单位",
            Self::OrderExists => "该编号已属于另一事项的工单",
            Self::NotTheAssignee => "该工单已派给他人，只有承办人可以操作",
            Self::NotAccepted => "该工单尚未接单，请先接单",
            Self::AlreadyAccepted => "同事已接单，请与其沟通",
            Self::Returned => "该工单已退单，等待审定，请稍候",
            Self::NotHandled => "该工单尚未处置，请等待承办人反馈",
            Self::AlreadyHandled => "该工单已处置，等待核查",
            Self::VerifierIsHandler => "您参与了该工单的处置，须由他人核查",
            Self::NotAVerifier => "只有网格长、反映人或核查员可以核查该工单",
            Self::NotVerified => "该工单尚未核查，请先核查",
            Self::AlreadyVerified => "该工单已核查通过，只待办结",
            Self::Closed => "该工单已办结，如仍有问题请重新反映",
            Self::Suspended => "该工单已挂起，请先恢复",
            Self::Split => "该工单已拆分，请在子工单上办理",
            Self::Withdrawn => "该工单已撤回，无需办理",
            Self::NotReturned => "该工单未退单，无需审定",
            Self::NeedsCounty => "该工单已多次退单，须由县级审定",
            Self::ReturnedByAssignee => "该承办人已退单，请另选承办人或驳回退单",
            Self::NeedsUpperTier => "须由承办人的上级审批",
            Self::NoExtensionAsked => "该工单没有待审批的延期申请",
            Self::ExtensionAsked => "已有延期申请，请等待审批",
            Self::TooLateToExtend => "延期须在到期前申请",
            Self::ExtensionsUsedUp => "该工单延期次数已用完",
            Self::ExtensionTooLong => "申请的延期时间过长，请缩短",
            Self::NoSuspensionAsked => "该工单没有待审批的挂起申请",
            Self::NotSuspended => "该工单未挂起",
            Self::NoTierAbove => "该工单已提级至最高级",
            Self::RemindedToday => "您今天已催办，请明天再试",
            Self::NoLead => "该工单尚无主办单位，请先派单",
            Self::LeadCannotAssist => "主办单位不能同时协办，请另选协办单位",
            Self::NotAnAssistant => "只有协办单位可以操作",
            Self::AssistanceGiven => "本单位的协办情况已提交",
            Self::AssistanceOpen => "协办单位尚未提交，请等待或说明原因",
            Self::ChildCannotSplit => "子工单不能再次拆分",
            Self::PartsNotDistinct => "请拆分为2至10个承办人或地点不同的子工单",
            Self::NotWithdrawn => "该工单未撤回",
            Self::WithdrawnWithCase => "该工单随事项或主工单撤回，请先恢复事项或主工单",
            Self::NotClosed => "该工单尚未办结，办结后再回访",
            Self::CalledBack => "该工单已回访",
            Self::Changed => "该工单已有变化，请刷新后再操作",
        }
        .to_owned()
    }

    fn concerns_caller(&self) -> bool {
        match self {
            Self::OutOfScope
            | Self::NotTheAssignee
            | Self::VerifierIsHandler
            | Self::NotAVerifier
            | Self::NeedsCounty
            | Self::NeedsUpperTier
            | Self::NotAnAssistant => true,
            Self::NoSuchOrder
            | Self::OrderExists
            | Self::NotAccepted
            | Self::AlreadyAccepted
            | Self::Returned
            | Self::NotHandled
            | Self::AlreadyHandled
            | Self::NotVerified
            | Self::AlreadyVerified
            | Self::Closed
            | Self::Suspended
            | Self::Split
            | Self::Withdrawn
            | Self::NotReturned
            | Self::ReturnedByAssignee
            | Self::NoExtensionAsked
            | Self::ExtensionAsked
            | Self::TooLateToExtend
            | Self::ExtensionsUsedUp
            | Self::ExtensionTooLong
            | Self::NoSuspensionAsked
            | Self::NotSuspended
            | Self::NoTierAbove
            | Self::RemindedToday
            | Self::NoLead
            | Self::LeadCannotAssist
            | Self::AssistanceGiven
            | Self::AssistanceOpen
            | Self::ChildCannotSplit
            | Self::PartsNotDistinct
            | Self::NotWithdrawn
            | Self::WithdrawnWithCase
            | Self::NotClosed
            | Self::CalledBack
            | Self::Changed => false,
        }
    }
}
