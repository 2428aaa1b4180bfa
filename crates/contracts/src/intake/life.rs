//! What may happen to a case beside its straight line: it is joined and merged, asked about, handed
//! on, withdrawn, answered, handled on the spot, checked and called back about.

use kernel::{
    Division, Timestamp,
    hash::Sha256,
    id::{CaseId, MediaId, PersonId, RecordId},
};

use crate::codec::payloads;

payloads! {
    /// Somebody follows a case instead of reporting the same matter again (我也关注).
    pub struct CaseJoined {
        /// The case.
        pub case: CaseId,
        /// Who joined.
        pub joiner: PersonId,
        /// The hash of the joiner's own tracking code.
        pub tracking: Sha256,
        /// What they wrote.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub text: Option<RecordId>,
        /// How they can be reached.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub contact: Option<RecordId>,
        /// The photos that they added.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub photos: Vec<MediaId>,
    }

    /// A case is about the same matter as another, and goes with that one from now on (合并).
    pub struct CaseMerged {
        /// The case.
        pub case: CaseId,
        /// The case that it goes with, which was reported before it.
        pub into: CaseId,
        /// Who decided so.
        pub by: PersonId,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub reason: Option<RecordId>,
    }

    /// A merged case is its own again, as if it had never been merged.
    pub struct CaseUnmerged {
        /// The case.
        pub case: CaseId,
        /// The case that it went with.
        pub from: CaseId,
        /// Who decided so.
        pub by: PersonId,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub reason: Option<RecordId>,
    }

    /// A case belongs elsewhere in the county: it ends here, and its successor goes on there (转办).
    pub struct CaseTransferred {
        /// The case.
        pub case: CaseId,
        /// The case that goes on.
        pub successor: CaseId,
        /// Where it goes on.
        pub to: Division,
        /// Who decided so.
        pub by: PersonId,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub reason: Option<RecordId>,
    }

    /// The reporter took the report back (撤回).
    pub struct CaseWithdrawn {
        /// The case.
        pub case: CaseId,
        /// Who took it back: the reporter, or who holds their tracking code.
        pub by: PersonId,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub reason: Option<RecordId>,
    }

    /// The reporter is asked for more (补充材料). A case that is not accepted yet waits for it; of one
    /// that is, only the order does.
    pub struct InformationRequested {
        /// The case.
        pub case: CaseId,
        /// Who asks.
        pub by: PersonId,
        /// What is asked.
        pub question: RecordId,
        /// Until when it can be answered.
        pub answer_due: Timestamp,
    }

    /// Nobody answered what was asked before acceptance: the case ends here.
    pub struct CaseLapsed {
        /// The case.
        pub case: CaseId,
        /// Who had asked.
        pub asked_by: PersonId,
        /// Until when it could be answered.
        pub answer_due: Timestamp,
    }

    /// A question was answered at once, without an order (直接答复).
    pub struct CaseAnswered {
        /// The case.
        pub case: CaseId,
        /// Who answered.
        pub by: PersonId,
        /// The answer.
        pub answer: RecordId,
    }

    /// A case became confidential, or is so no more.
    pub struct ConfidentialitySet {
        /// The case.
        pub case: CaseId,
        /// Who decided so.
        pub by: PersonId,
        /// Whether it is confidential now.
        pub confidential: bool,
    }

    /// A grid's member settled the matter on the spot (自行处置): there is no order.
    pub struct CaseHandledOnSite {
        /// The case.
        pub case: CaseId,
        /// Who settled it.
        pub by: PersonId,
        /// What was done.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub text: Option<RecordId>,
        /// How it looked before.
        pub photos_before: Vec<MediaId>,
        /// How it looks now.
        pub photos_after: Vec<MediaId>,
    }

    /// A matter that was settled on the spot is to be looked at by somebody else (抽查).
    pub struct SpotCheckDrawn {
        /// The case.
        pub case: CaseId,
        /// The share that is drawn, in hundredths.
        pub share_percent: u32,
    }

    /// Somebody else looked at what was settled on the spot.
    pub struct SpotCheckConfirmed {
        /// The case.
        pub case: CaseId,
        /// Who looked.
        pub by: PersonId,
        /// Whether it was settled as reported; otherwise the case is taken up again.
        pub found_true: bool,
        /// What they wrote.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub note: Option<RecordId>,
    }

    /// Staff called the reporter back about how the case was handled (回访).
    pub struct CaseCalledBack {
        /// The case.
        pub case: CaseId,
        /// Who called.
        pub by: PersonId,
        /// Which attempt of this round it was, from 1.
        pub attempt: u32,
        /// Whether somebody was reached.
        pub reached: bool,
        /// What they noted.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub note: Option<RecordId>,
    }

    /// A device raised the alarm of this case again; written at 1, 2, 5, 10, 20, 50 and so on, so that
    /// a storm of alarms is one case with few events.
    pub struct AlarmCounted {
        /// The case.
        pub case: CaseId,
        /// How often the alarm was raised so far.
        pub count: u32,
    }
}
