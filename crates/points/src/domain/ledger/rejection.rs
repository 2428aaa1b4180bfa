//! Why a ledger refuses.

use kernel::id::{AwardId, CaseId, ProgrammeId};

/// Why a command is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// There is no such programme.
    #[error("there is no programme {0}: create it first")]
    NotCreated(ProgrammeId),
    /// The division has its programme.
    #[error("the division has the programme {0} already: use it")]
    ProgrammeExists(ProgrammeId),
    /// No rule was set when the report was found true.
    #[error("no rule was in force when the report was found true: set one for what comes")]
    NoRuleInForce,
    /// The rule gives 0 points.
    #[error("the rule gives no points for reports: set another for what comes")]
    RuleGivesNothing,
    /// The resident has what the rule gives for a day.
    #[error("the rule gives one resident {0} points a day, and has given them")]
    DailyCapReached(u32),
    /// The case was resolved again since.
    #[error("the case {0} was resolved again since: the later resolution counts")]
    ResolutionSuperseded(CaseId),
    /// There is no such award.
    #[error("this programme has no award {0}: look at the statement")]
    AwardUnknown(AwardId),
    /// Nobody gives points to themselves.
    #[error("nobody gives points to themselves: ask a colleague")]
    GiverIsReceiver,
    /// A balance would leave the range of 64 bits.
    #[error("the ledger holds no such amounts: give less")]
    LedgerFull,
}

impl kernel::Rejection for Rejection {
    fn reason(&self) -> &'static str {
        match self {
            Self::NotCreated(_) => "PROGRAMME_NOT_CREATED",
            Self::ProgrammeExists(_) => "PROGRAMME_EXISTS",
            Self::NoRuleInForce => "NO_RULE_IN_FORCE",
            Self::RuleGivesNothing => "RULE_GIVES_NOTHING",
            Self::DailyCapReached(_) => "DAILY_CAP_REACHED",
            Self::ResolutionSuperseded(_) => "RESOLUTION_SUPERSEDED",
            Self::AwardUnknown(_) => "AWARD_UNKNOWN",
            Self::GiverIsReceiver => "GIVER_IS_RECEIVER",
            Self::LedgerFull => "LEDGER_FULL",
        }
    }

    fn message_zh(&self) -> String {
        match self {
            Self::NotCreated(id) => format!("没有积分项目 {id}, 请先创建"),
            Self::ProgrammeExists(id) => format!("该区划已有积分项目 {id}, 请直接使用"),
            Self::NoRuleInForce => "核实时尚无生效的积分规则, 请设置规则供今后使用".to_owned(),
            Self::RuleGivesNothing => "现行规则对反映不予积分, 可为今后另设规则".to_owned(),
            Self::DailyCapReached(cap) => format!("规则每人每日最多 {cap} 分, 当日已记满"),
            Self::ResolutionSuperseded(case) => format!("事项 {case} 此后已重新办结, 以后者为准"),
            Self::AwardUnknown(id) => format!("本项目没有积分记录 {id}, 请核对明细"),
            Self::GiverIsReceiver => "不能给自己记分, 请由同事办理".to_owned(),
            Self::LedgerFull => "数额超出账本范围, 请减少".to_owned(),
        }
    }

    fn concerns_caller(&self) -> bool {
        *self == Self::GiverIsReceiver
    }
}
