//! What integrators are told: the public events, and how each comes from a private one.
//!
//! A public event carries the ids of cases, orders, grids and organisations, codes, words, numbers
//! and times. It never carries a person, a position, a record of the vault, a photo, or a hash that
//! somebody could use to find one. The translation is one exhaustive match a set of events: a new
//! private event does not compile until somebody has decided whether it is public, and as what.
//!
//! To publish a new set: a row in `sets!` below, and its module in `public/`.

pub mod dispatch;
pub mod grid;
pub mod intake;

use kernel::{DecodeError, StoredEvent as _, Timestamp};

use crate::{EventType, access};

/// Names, for each private set, where its public form comes from; none where nothing of it is public.
macro_rules! sets {
    (
        public { $($variant:ident: $private:path => $public:path, $translate:path;)* }
        private { $($kept:path;)* }
    ) => {
        /// A public event of any set.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Event {
            $(#[doc = concat!("Of [`", stringify!($public), "`].")] $variant($public),)*
        }

        impl Event {
            /// `weft.public.<service>.<event>.v<n>`.
            pub fn ce_type(&self) -> &'static str {
                match self { $(Self::$variant(event) => event.ce_type(),)* }
            }

            /// When it happened.
            pub fn occurred_at(&self) -> Timestamp {
                match self { $(Self::$variant(event) => event.occurred_at(),)* }
            }

            /// The body: JSON.
            pub fn encode(&self) -> Vec<u8> {
                match self { $(Self::$variant(event) => event.encode(),)* }
            }

            /// Reads a body of this or any earlier version, as a subscriber does.
            pub fn decode(ce_type: &str, payload: &[u8]) -> Result<Self, DecodeError> {
                $({
                    let read = <$public>::decode(ce_type, payload);
                    if !matches!(read, Err(DecodeError::UnknownType(_))) {
                        return read.map(Self::$variant);
                    }
                })*
                Err(DecodeError::UnknownType(ce_type.to_owned()))
            }
        }

        /// Every public event type, in the order of their names.
        pub fn event_types() -> Vec<EventType> {
            let mut types: Vec<EventType> = [$(<$public>::types()),*].concat();
            types.sort_by_key(|event| event.ce_type);
            types
        }

        /// What the world is told of a private event as the log stores it; none for nothing. A type
        /// that no row names is an error: a newer program wrote it, and leaving it out would be for
        /// ever.
        pub fn translate(ce_type: &str, payload: &[u8]) -> Result<Option<Event>, DecodeError> {
            $({
                let read = <$private>::decode(ce_type, payload);
                if !matches!(read, Err(DecodeError::UnknownType(_))) {
                    return read.map(|event| $translate(&event).map(Event::$variant));
                }
            })*
            $({
                let read = <$kept>::decode(ce_type, payload);
                if !matches!(read, Err(DecodeError::UnknownType(_))) {
                    return read.map(|_| None);
                }
            })*
            Err(DecodeError::UnknownType(ce_type.to_owned()))
        }
    };
}

sets! {
    public {
        Category: crate::intake::CategoryEvent => intake::CategoryEvent, intake::of_category;
        Case: crate::intake::CaseEvent => intake::CaseEvent, intake::of_case;
        WorkOrder: crate::dispatch::WorkOrderEvent => dispatch::WorkOrderEvent, dispatch::of_work_order;
        Division: crate::grid::DivisionEvent => grid::DivisionEvent, grid::of_division;
        Grid: crate::grid::GridEvent => grid::GridEvent, grid::of_grid;
    }
    private {
        access::PersonEvent;
        access::OrganisationEvent;
        access::SignInLinkEvent;
        access::SessionEvent;
        access::AccountEvent;
        access::SubstitutionEvent;
        access::ServiceTokenEvent;
        crate::grid::ImportEvent;
        crate::grid::roster::RosterEvent;
        crate::grid::roster::LeaveEvent;
        crate::dispatch::calendar::CalendarEvent;
        crate::dispatch::rules::RoutingRulesEvent;
        crate::intake::DisclosureEvent;
        crate::dispatch::mediation::MediationEvent;
        crate::dispatch::notification::NotificationRulesEvent;
        crate::dispatch::notification::NotificationEvent;
        crate::dispatch::notification::NotificationReaderEvent;
        crate::intake::admission::AdmissionEvent;
        crate::intake::hotspot::HotspotEvent;
        // How the bodies of a county work together is theirs: the orders that come of it are told.
        crate::dispatch::convocation::ConvocationEvent;
        crate::dispatch::campaign::CampaignEvent;
        crate::dispatch::campaign::CampaignTaskEvent;
        crate::dispatch::instruction::InstructionEvent;
        crate::dispatch::incident::IncidentEvent;
        crate::dispatch::team::TeamEvent;
        crate::dispatch::supervision::SupervisionEvent;
        crate::camera::CameraEvent;
        crate::camera::CameraImportEvent;
        crate::points::LedgerEvent;
        crate::privacy::DataRequestEvent;
        crate::privacy::RetentionEvent;
        crate::outlet::WebhookEvent;
        crate::outlet::IntegratorEvent;
        crate::outlet::DeliveriesEvent;
    }
}

impl Event {
    /// The service that the event comes from, a token of its subject.
    pub fn service(&self) -> &'static str {
        self.ce_type().split('.').nth(2).unwrap_or_default()
    }

    /// The event's name, the last token of its subject.
    pub fn name(&self) -> &'static str {
        self.ce_type().split('.').nth(3).unwrap_or_default()
    }
}

/// The subject of a public event about an aggregate that was born in this division.
pub fn subject(division: kernel::Division, event: &Event) -> String {
    format!("{SUBJECTS}.{}.{}.{}", division.subject_tokens(), event.service(), event.name())
}

/// What every public subject begins with.
const SUBJECTS: &str = "weft.pub.v1";
