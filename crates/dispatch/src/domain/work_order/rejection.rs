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
    /// Given back, and not routed yet.
    #[error("this order was returned and is being routed again: wait for it")]
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
            Self::Returned => "该工单已退单，正在重新派单，请稍候",
            Self::NotHandled => "该工单尚未处置，请等待承办人反馈",
            Self::AlreadyHandled => "该工单已处置，等待核查",
            Self::VerifierIsHandler => "您参与了该工单的处置，须由他人核查",
            Self::NotAVerifier => "只有网格长、反映人或核查员可以核查该工单",
            Self::NotVerified => "该工单尚未核查，请先核查",
            Self::AlreadyVerified => "该工单已核查通过，只待办结",
            Self::Closed => "该工单已办结，如仍有问题请重新反映",
        }
        .to_owned()
    }

    fn concerns_caller(&self) -> bool {
        match self {
            Self::OutOfScope
            | Self::NotTheAssignee
            | Self::VerifierIsHandler
            | Self::NotAVerifier => true,
            Self::NoSuchOrder
            | Self::OrderExists
            | Self::NotAccepted
            | Self::AlreadyAccepted
            | Self::Returned
            | Self::NotHandled
            | Self::AlreadyHandled
            | Self::NotVerified
            | Self::AlreadyVerified
            | Self::Closed => false,
        }
    }
}
