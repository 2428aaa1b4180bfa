//! Why a command on a supervision is refused.

/// Why a command is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// There is no such supervision.
    #[error("there is no such supervision: check its id")]
    NoSuchSupervision,
    /// It lies outside of what the caller's role covers.
    #[error("this lies outside of what your role covers: ask the office in charge")]
    OutOfScope,
    /// The id belongs to another matter's supervision.
    #[error("this id belongs to the supervision of another matter")]
    SupervisionExists,
    /// The caller does not speak for the supervised body.
    #[error("only the supervised body may answer")]
    NotTheSupervised,
    /// The caller speaks for the supervised body.
    #[error("your own body is supervised: somebody above decides")]
    SupervisedYourself,
    /// The step is answered.
    #[error("this step is answered already: wait for the decision")]
    Answered,
    /// There is no step after a red card.
    #[error("a red card is the last step: close the supervision with its finding")]
    NoStepAbove,
    /// Ended with a finding.
    #[error("this supervision is closed: open another if the matter stays")]
    Closed,
}

impl kernel::Rejection for Rejection {
    fn reason(&self) -> &'static str {
        match self {
            Self::NoSuchSupervision => "NO_SUCH_SUPERVISION",
            Self::OutOfScope => "OUT_OF_SCOPE",
            Self::SupervisionExists => "SUPERVISION_EXISTS",
            Self::NotTheSupervised => "NOT_THE_SUPERVISED",
            Self::SupervisedYourself => "SUPERVISED_YOURSELF",
            Self::Answered => "SUPERVISION_ANSWERED",
            Self::NoStepAbove => "NO_STEP_ABOVE",
            Self::Closed => "SUPERVISION_CLOSED",
        }
    }

    fn message_zh(&self) -> String {
        match self {
            Self::NoSuchSupervision => "没有这个督办，请核对编号",
            Self::OutOfScope => "该事项不在您的职责范围内，请联系负责单位",
            Self::SupervisionExists => "该编号已属于另一督办",
            Self::NotTheSupervised => "只有被督办单位可以答复",
            Self::SupervisedYourself => "本单位被督办，须由上级处理",
            Self::Answered => "该督办环节已答复，请等待处理",
            Self::NoStepAbove => "红牌为最后一级，请作出结论",
            Self::Closed => "该督办已办结，如仍有问题请另行督办",
        }
        .to_owned()
    }

    fn concerns_caller(&self) -> bool {
        match self {
            Self::OutOfScope | Self::NotTheSupervised | Self::SupervisedYourself => true,
            Self::NoSuchSupervision
            | Self::SupervisionExists
            | Self::Answered
            | Self::NoStepAbove
            | Self::Closed => false,
        }
    }
}
