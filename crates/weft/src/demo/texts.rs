//! What people report in the demo and what is done about it: sentences of our own, in
//! `resources/demo/reports.csv`. The first of them are scenes that the visitor may recognise.

use std::collections::BTreeSet;

use anyhow::Context as _;
use kernel::Division;
use serde::Deserialize;

use super::photo::Scene;

const REPORTS: &str = include_str!("../../../../resources/demo/reports.csv");

/// A matter.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Matter {
    /// The code of a leaf of the catalogue.
    pub(super) category: String,
    /// The village in which it plays; anywhere where none.
    pub(super) village: Option<Division>,
    /// What a photo of it shows; none of what nobody should take photos of.
    pub(super) scene: Scene,
    /// What the reporter writes.
    pub(super) report: String,
    /// What the handler writes in the end.
    pub(super) done: String,
}

/// All of them, those of a certain village first.
pub(super) fn matters() -> anyhow::Result<Vec<Matter>> {
    let mut table = csv::Reader::from_reader(REPORTS.as_bytes());
    let rows = table.deserialize().collect::<Result<_, _>>();
    rows.context("resources/demo/reports.csv has a row that cannot be read")
}

/// The villages that matters play in.
pub(super) fn villages() -> anyhow::Result<BTreeSet<Division>> {
    Ok(matters()?.into_iter().filter_map(|matter| matter.village).collect())
}

/// Why an order is returned.
pub(super) const RETURNS: [&str; 3] = [
    "现场看过，不属于本单位的管护范围，请转产权单位。",
    "位置在相邻网格，请转该网格处理。",
    "需要大型设备，本网格无力处置，请转职能部门。",
];

/// Why a verifier sends an order back.
pub(super) const SENT_BACK: [&str; 3] = [
    "现场还有一处没有处理到位，请补办后再反馈。",
    "反馈照片看不清处置结果，请补充。",
    "回访时反映人说问题仍在，请再去一次。",
];

/// What a handler writes of a matter that is not so.
pub(super) const NOT_SO: &str = "到现场核实，未发现反映的情况，已向附近住户了解。";

/// Why a case is reopened.
pub(super) const REOPENED: [&str; 3] = [
    "才过了一天又是老样子，请再处理一下。",
    "只处理了一半，另一头没有弄。",
    "晚上去看还是没有好。",
];

/// Why an enquiry is refused.
pub(super) const REFUSED: &str = "该问题已在其他程序中办理，请按原渠道查询进度。";

/// What a resident says with a rating, from the worst to the best.
pub(super) const COMMENTS: [&str; 5] = [
    "拖得太久，也没有人联系我。",
    "办是办了，效果一般。",
    "处理了，希望能更快一点。",
    "处理得不错，谢谢。",
    "来得很快，处理得很好！",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_matter_has_a_leaf_of_the_catalogue_and_good_sentences() {
        let catalogue = include_str!("../../../../resources/categories.csv");
        let leaves: BTreeSet<&str> =
            catalogue.lines().skip(1).filter_map(|line| line.split(',').nth(2)).collect();
        let matters = matters().unwrap();
        assert!(matters.len() > 50);
        for matter in &matters {
            assert!(leaves.contains(matter.category.as_str()), "{matter:?}");
            assert!(matter.report.ends_with(['。', '？', '！']), "{matter:?}");
            assert!(matter.done.ends_with('。'), "{matter:?}");
        }
        let told = matters.iter().take_while(|matter| matter.village.is_some()).count();
        assert_eq!(told, 7);
        assert!(matters[told..].iter().all(|matter| matter.village.is_none()));
    }
}
