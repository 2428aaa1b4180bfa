//! The stable reasons of the refusals, and what they say in Chinese.

use super::{MAX_INFORMATION, MAX_JOINERS, Rejection};

impl kernel::Rejection for Rejection {
    fn reason(&self) -> &'static str {
        match self {
            Self::NotReported => "CASE_NOT_REPORTED",
            Self::AlreadyReported => "CASE_ALREADY_REPORTED",
            Self::AlreadyAccepted => "CASE_ALREADY_ACCEPTED",
            Self::NotAcceptedYet => "CASE_NOT_ACCEPTED_YET",
            Self::AwaitsInformation => "CASE_AWAITS_INFORMATION",
            Self::AnswerStillDue(_) => "CASE_ANSWER_STILL_DUE",
            Self::Refused => "CASE_REFUSED",
            Self::Lapsed => "CASE_LAPSED",
            Self::Withdrawn => "CASE_WITHDRAWN",
            Self::Transferred(_) => "CASE_TRANSFERRED",
            Self::TransferStays(_) => "CASE_IS_THERE_ALREADY",
            Self::Merged(_) => "CASE_MERGED",
            Self::NotMerged => "CASE_NOT_MERGED",
            Self::MergeIntoItself => "MERGE_INTO_ITSELF",
            Self::MergeIntoMerged(_) => "MERGE_INTO_MERGED",
            Self::MergeIntoOver => "MERGE_INTO_OVER",
            Self::MergeIntoLater => "MERGE_INTO_LATER",
            Self::MergeTellsMore => "MERGE_TELLS_MORE",
            Self::Confidential => "CASE_CONFIDENTIAL",
            Self::JoinsOwn => "CASE_IS_OWN",
            Self::JoinersFull => "JOINERS_FULL",
            Self::HasJoiners => "CASE_HAS_JOINERS",
            Self::AlreadyAnswered => "CASE_ALREADY_ANSWERED",
            Self::NotResolvedYet => "CASE_NOT_RESOLVED_YET",
            Self::AlreadyResolved => "CASE_ALREADY_RESOLVED",
            Self::NoSpotCheck => "NO_SPOT_CHECK",
            Self::CheckerIsHandler => "CHECKER_IS_HANDLER",
            Self::SpotCheckOpen => "SPOT_CHECK_OPEN",
            Self::NotTheReporter => "NOT_THE_REPORTER",
            Self::RatedBefore => "RATED_BEFORE",
            Self::RatingOver => "RATING_WINDOW_OVER",
            Self::WindowOpen(_) => "RATING_WINDOW_OPEN",
            Self::ReopenWindowOver(_) => "CASE_REOPEN_WINDOW_OVER",
            Self::Archived => "CASE_ARCHIVED",
            Self::NotAnAlarm => "CASE_NOT_AN_ALARM",
            Self::InformationFull => "INFORMATION_FULL",
            Self::GridElsewhere { .. } => "GRID_NOT_IN_DIVISION",
        }
    }

    fn message_zh(&self) -> String {
        let fixed = match self {
            Self::NotReported => "没有这个事项，请核对编号",
            Self::AlreadyReported => "该事项已上报，另行上报请换用新的 request_id",
            Self::AlreadyAccepted => "该事项已受理，后续处置见其工单",
            Self::NotAcceptedYet => "该事项尚未受理，请先受理",
            Self::AwaitsInformation => "已请反映人补充情况，请等待答复，或径行作出决定",
            Self::AnswerStillDue(until) => {
                return format!("补充情况的期限至 {} 止，期满后方可终止", until.to_rfc3339());
            }
            Self::Refused => "该事项已不予受理，如有新情况请重新反映",
            Self::Lapsed => "逾期未补充情况，该事项已终止，请重新反映",
            Self::Withdrawn => "反映人已撤回该事项，如问题仍在请重新反映",
            Self::Transferred(successor) => {
                return format!("该事项已转办，请在转办后的事项 {successor} 上操作");
            }
            Self::TransferStays(here) => {
                return format!("该事项已在 {here} 办理，请选择应当转往的区划");
            }
            Self::Merged(into) => {
                return format!("该事项已合并到 {into}，请在该事项上操作，或先取消合并");
            }
            Self::NotMerged => "该事项没有合并，无需取消",
            Self::MergeIntoItself => "不能合并到自身，请选择其他事项",
            Self::MergeIntoMerged(into) => {
                return format!("目标事项已合并到 {into}，请直接合并到 {into}");
            }
            Self::MergeIntoOver => "目标事项已了结，只能合并到在办的事项",
            Self::MergeIntoLater => "目标事项反映在后，请将后者合并到前者",
            Self::MergeTellsMore => "该事项须保密而目标事项不保密，请反向合并",
            Self::Confidential => "该事项须保密，不能关注，请自行反映",
            Self::JoinsOwn => "这是您本人反映的事项，请直接补充情况",
            Self::JoinersFull => {
                return format!("该事项已有{MAX_JOINERS}人关注，请自行反映");
            }
            Self::HasJoiners => "已有他人关注该事项并等待结果，不能再撤回",
            Self::AlreadyAnswered => "该事项已答复，如未解决请申请重新办理",
            Self::NotResolvedYet => "该事项尚未办结，请待工单办结后再操作",
            Self::AlreadyResolved => "该事项已办结，如问题未解决请申请重新办理",
            Self::NoSpotCheck => "该事项没有待抽查的自行处置，只核查抽中的事项",
            Self::CheckerIsHandler => "自行处置人不能核查自己，请由他人核查",
            Self::SpotCheckOpen => "该事项已抽中核查，请先完成核查",
            Self::NotTheReporter => "只有反映人本人可以这样做",
            Self::RatedBefore => "该事项已评价，评价不可更改",
            Self::RatingOver => "评价期已过，如问题未解决请申请重新办理",
            Self::WindowOpen(until) => {
                return format!("评价期至 {} 止，期满后方可归档", until.to_rfc3339());
            }
            Self::ReopenWindowOver(until) => {
                return format!(
                    "该事项可在 {} 前申请重新办理，现已逾期，如问题再次出现请重新反映",
                    until.to_rfc3339()
                );
            }
            Self::Archived => "该事项已结案归档，如问题未解决请申请重新办理，或重新反映",
            Self::NotAnAlarm => "该事项不是设备告警，请将告警另行上报",
            Self::InformationFull => {
                return format!("该事项已补充{MAX_INFORMATION}次，请直接联系负责单位");
            }
            Self::GridElsewhere { grid, home } => {
                return format!("网格 {grid} 不在事项所属区划 {home} 内，请选择该区划内的网格");
            }
        };
        fixed.to_owned()
    }

    fn concerns_caller(&self) -> bool {
        matches!(self, Self::NotTheReporter | Self::CheckerIsHandler)
    }
}
