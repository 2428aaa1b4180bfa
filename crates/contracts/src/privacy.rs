//! What access publishes of the rights of persons over what is kept of them: the register of their
//! requests, and what came of each. The person is whoever is a key's owner in the vault: a person, or the
//! case in which the desk took down what somebody else said.

use kernel::{
    Timestamp,
    id::{CaseId, PersonId},
};
use serde::{Deserialize as _, Serialize as _};

use crate::codec::{event_set, payloads, words};

words! {
    /// Why data is erased, or its use restricted (PIPL, articles 44 to 47).
    pub enum RequestBasis {
        /// The person asks for it.
        PersonsRequest,
        /// The consent was withdrawn.
        ConsentWithdrawn,
        /// What it was kept for is reached, or cannot be reached any more.
        PurposeReached,
        /// It was collected or used unlawfully.
        UnlawfulProcessing,
        /// A law or an authority asks for it.
        LegalDuty,
    }

    /// Which service's events name what was erased.
    pub enum Holder {
        /// The register of persons.
        Access,
        /// Cases.
        Intake,
        /// Work orders.
        Dispatch,
        /// Points.
        Points,
        /// Photos.
        Media,
    }
}

payloads! {
    /// What a person left may be kept and not used.
    pub struct ProcessingRestricted {
        /// The person.
        pub person: PersonId,
        /// Who decided it.
        pub by: PersonId,
        /// Why.
        pub basis: RequestBasis,
    }

    /// It may be used again.
    pub struct RestrictionLifted {
        /// The person.
        pub person: PersonId,
        /// Who decided it.
        pub by: PersonId,
    }

    /// All that is kept of a person was handed out; written before it was.
    pub struct PersonalDataExported {
        /// The person.
        pub person: PersonId,
        /// To whom: the person, or who acts for them.
        pub by: PersonId,
    }

    /// What a person left is to be erased.
    pub struct ErasureRequested {
        /// The person.
        pub person: PersonId,
        /// Who decided it.
        pub by: PersonId,
        /// Why.
        pub basis: RequestBasis,
        /// Until when it has to be done.
        pub deadline: Timestamp,
    }

    /// Something of the person's is still being handled: what they left is restricted until it is over.
    pub struct ErasureHeld {
        /// The person.
        pub person: PersonId,
        /// How many of their cases are open.
        pub open_cases: u32,
    }

    /// The person's key is gone from the vault, and so is what the index had of them.
    pub struct PersonErased {
        /// The person.
        pub person: PersonId,
    }

    /// What one service's events name is gone.
    pub struct ErasureApplied {
        /// The person.
        pub person: PersonId,
        /// Which service's.
        pub holder: Holder,
        /// How many texts.
        pub texts: u32,
        /// How many photos.
        pub photos: u32,
    }

    /// Nothing is left to erase.
    pub struct ErasureCompleted {
        /// The person.
        pub person: PersonId,
    }

    /// What was written and photographed with a case was kept as long as it may be, and is gone.
    pub struct CaseTextsErased {
        /// The case.
        pub case: CaseId,
        /// How many texts.
        pub texts: u32,
        /// How many photos.
        pub photos: u32,
    }
}

event_set! {
    /// What may happen to a person's data: one stream each.
    "access" "data_request"
    pub enum DataRequestEvent {
        /// Restricted.
        ProcessingRestricted "processing_restricted" 1 [];
        /// The restriction lifted.
        RestrictionLifted "restriction_lifted" 1 [];
        /// Handed out.
        PersonalDataExported "personal_data_exported" 1 [];
        /// To be erased.
        ErasureRequested "erasure_requested" 1 [];
        /// To be erased when what is open is over.
        ErasureHeld "erasure_held" 1 [];
        /// The key erased.
        PersonErased "person_erased" 1 [];
        /// A service's part erased.
        ErasureApplied "erasure_applied" 1 [];
        /// Done.
        ErasureCompleted "erasure_completed" 1 [];
    }
}

event_set! {
    /// What may happen to the texts of a case: one stream each, beside the case's own.
    "access" "retention"
    pub enum RetentionEvent {
        /// Erased.
        CaseTextsErased "case_texts_erased" 1 [];
    }
}
