//! Why something is refused of a mediation.

/// Why a command is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Nobody has entered it.
    #[error("this dispute is not entered for mediation: enter it first")]
    NotOpened,
    /// It was entered before.
    #[error("this dispute is entered for mediation already: go on with that")]
    Exists,
    /// There is no party of this number.
    #[error("there is no party of this number: they are counted from 1 in the order of entry")]
    NoSuchParty,
    /// Not every party has agreed.
    #[error("mediation is voluntary: have every party's consent written down first")]
    NotConsented,
    /// A higher tier mediates now.
    #[error("a higher tier mediates this dispute now: leave it to them, or ask to be joined")]
    HigherTier,
    /// No session was held.
    #[error("no session was held yet: write one down before the result")]
    NoSession,
    /// It has ended.
    #[error("this mediation has ended: open another case if the dispute comes up again")]
    Concluded,
    /// It has not ended.
    #[error("this mediation has not ended yet: conclude it first")]
    NotConcluded,
    /// There was no agreement.
    #[error("there was no agreement in this mediation: there is nothing to look at again")]
    NotSettled,
    /// There is no date of this number.
    #[error("there is no follow-up of this number: look at its dates")]
    NoSuchFollowUp,
    /// That was done.
    #[error("this follow-up is written down already")]
    FollowedUp,
    /// The party has said what it thinks.
    #[error("this party has rated the mediation already")]
    Rated,
    /// An urgent case took its place.
    #[error("a sign of violence stopped this mediation: the urgent case goes on instead")]
    Urgent,
}

impl kernel::Rejection for Rejection {
    fn reason(&self) -> &'static str {
        match self {
            Self::NotOpened => "MEDIATION_NOT_OPENED",
            Self::Exists => "MEDIATION_EXISTS",
            Self::NoSuchParty => "NO_SUCH_PARTY",
            Self::NotConsented => "PARTIES_NOT_CONSENTED",
            Self::HigherTier => "MEDIATED_AT_HIGHER_TIER",
            Self::NoSession => "NO_SESSION_HELD",
            Self::Concluded => "MEDIATION_CONCLUDED",
            Self::NotConcluded => "MEDIATION_NOT_CONCLUDED",
            Self::NotSettled => "DISPUTE_NOT_SETTLED",
            Self::NoSuchFollowUp => "NO_SUCH_FOLLOW_UP",
            Self::FollowedUp => "ALREADY_FOLLOWED_UP",
            Self::Rated => "PARTY_HAS_RATED",
            Self::Urgent => "MEDIATION_TURNED_URGENT",
        }
    }

    fn message_zh(&self) -> String {
        match self {
            Self::NotOpened => "该纠纷尚未登记调解，请先登记",
            Self::Exists => "该纠纷已登记调解，请在原记录上继续",
            Self::NoSuchParty => "没有这个序号的当事人，按登记顺序从1数起",
            Self::NotConsented => "调解须自愿，请先记录各方当事人同意",
            Self::HigherTier => "该纠纷已由上级调解，请移交上级或申请参与",
            Self::NoSession => "尚未进行调解，请先记录一次调解",
            Self::Concluded => "该调解已结束，如纠纷再起请另行登记",
            Self::NotConcluded => "该调解尚未结束，请先结束调解",
            Self::NotSettled => "该调解未达成协议，无需回访",
            Self::NoSuchFollowUp => "没有这个序号的回访，请查看回访日期",
            Self::FollowedUp => "该次回访已记录",
            Self::Rated => "该当事人已评价",
            Self::Urgent => "因发现暴力迹象调解已停止，请办理转出的紧急事项",
        }
        .to_owned()
    }

    fn concerns_caller(&self) -> bool {
        match self {
            Self::HigherTier => true,
            Self::NotOpened
            | Self::Exists
            | Self::NoSuchParty
            | Self::NotConsented
            | Self::NoSession
            | Self::Concluded
            | Self::NotConcluded
            | Self::NotSettled
            | Self::NoSuchFollowUp
            | Self::FollowedUp
            | Self::Rated
            | Self::Urgent => false,
        }
    }
}
