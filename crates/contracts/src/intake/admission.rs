//! The admission list (准入清单): which matters may be given to the grids, for how long, and which may
//! not.

use kernel::{
    Division, Timestamp,
    id::{AdmissionId, CategoryCode, OrganisationId, PersonId, RecordId},
};
use serde::{Deserialize as _, Serialize as _};

use crate::codec::{event_set, payloads, words};

words! {
    /// What the grids may be given of a matter.
    pub enum GridTask {
        /// Cases of it, reported one by one.
        Case,
        /// A campaign over many grids (专项任务).
        Campaign,
        /// Regular patrols for it.
        Patrol,
        /// Visits to households about it.
        Visit,
    }

    /// Why a matter may not enter the grids.
    pub enum AdmissionRefusal {
        /// It is not on the list, and no part of what grids are for.
        NotAdmitted,
        /// No law or rule lets grids do it.
        NoLegalBasis,
        /// It would keep members from their work.
        TooMuchWork,
        /// Another body does it already.
        DoneElsewhere,
    }

    /// Why a matter is off the list.
    pub enum AdmissionEnd {
        /// Its term is over.
        TermOver,
        /// Somebody took it off.
        Withdrawn,
    }
}

payloads! {
    /// Somebody asks that a matter may enter the grids.
    pub struct AdmissionRequested {
        /// The request.
        pub admission: AdmissionId,
        /// What it is about, where the catalogue has it.
        pub category: Option<CategoryCode>,
        /// Where: this division and all below it.
        pub division: Division,
        /// What the grids would be given.
        pub tasks: Vec<GridTask>,
        /// What they would do, in the words of who asks.
        pub matter: RecordId,
        /// Who asks.
        pub by: PersonId,
        /// For which organisation.
        pub unit: Option<OrganisationId>,
        /// Until when it is asked for; none for good.
        pub until: Option<Timestamp>,
    }

    /// The matter may enter the grids.
    pub struct AdmissionGranted {
        /// The request.
        pub admission: AdmissionId,
        /// What it is about, where the catalogue has it.
        pub category: Option<CategoryCode>,
        /// Where: this division and all below it.
        pub division: Division,
        /// What the grids may be given.
        pub tasks: Vec<GridTask>,
        /// Until when; none for good.
        pub until: Option<Timestamp>,
        /// The version of the catalogue at that time.
        pub catalogue_version: u32,
        /// Who granted it.
        pub by: PersonId,
    }

    /// The matter may not enter the grids.
    pub struct AdmissionRefused {
        /// The request.
        pub admission: AdmissionId,
        /// What it is about, where the catalogue has it.
        pub category: Option<CategoryCode>,
        /// Why not.
        pub reason: AdmissionRefusal,
        /// What who asked is told.
        pub explanation: Option<RecordId>,
        /// Who refused it.
        pub by: PersonId,
    }

    /// The matter may not enter the grids any more.
    pub struct AdmissionEnded {
        /// The request.
        pub admission: AdmissionId,
        /// What it is about, where the catalogue has it.
        pub category: Option<CategoryCode>,
        /// Where it was admitted.
        pub division: Division,
        /// Why.
        pub reason: AdmissionEnd,
        /// Who ended it; none where its term is over.
        pub by: Option<PersonId>,
    }
}

event_set! {
    /// What may happen to a matter that asks to enter the grids.
    "intake" "admission"
    pub enum AdmissionEvent {
        /// Asked for.
        AdmissionRequested "admission_requested" 1 [];
        /// Granted.
        AdmissionGranted "admission_granted" 1 [];
        /// Refused.
        AdmissionRefused "admission_refused" 1 [];
        /// Ended.
        AdmissionEnded "admission_ended" 1 [];
    }
}
