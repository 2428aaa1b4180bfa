//! A camera: registered under the rules of State Council order 799, changed, retired.

mod rejection;

use contracts::camera::{
    CameraEvent, CameraFacts, CameraRegistered, CameraRetired, CameraUpdated, PlaceKind,
    RetireReason,
};
use kernel::{
    Aggregate, Division, GbId, GridCode, Timestamp,
    geo::{Crs, Position},
    id::{CameraId, OrganisationId, RecordId},
};

pub use rejection::Rejection;

/// For how many days pictures are kept at least (article 17).
pub const MIN_RETENTION_DAYS: u32 = 30;

/// The aggregate.
pub struct Camera;

/// What is known of a camera.
#[derive(Clone, Debug, Default)]
pub enum State {
    /// Nobody has registered it.
    #[default]
    Unknown,
    /// It is in the register.
    Registered(Box<CameraFacts>),
    /// It was taken out.
    Retired,
}

/// A place from outside, before anybody knows whether a camera may hang there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// One that may be looked at.
    Permitted(PlaceKind),
    /// The inside of a place where none may hang (article 8).
    Forbidden(ForbiddenPlace),
}

/// Where no camera may hang.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForbiddenPlace {
    /// 客房、包间.
    GuestRoom,
    /// 宿舍房间.
    DormitoryRoom,
    /// 公共浴室.
    Bathroom,
    /// 卫生间.
    Toilet,
    /// 更衣室.
    ChangingRoom,
    /// 哺乳室.
    NursingRoom,
    /// 试衣间.
    FittingRoom,
    /// 其他可能侵犯隐私的部位.
    OtherPrivate,
}

/// What is stated of a camera.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    /// The division in which it stands.
    pub division: Division,
    /// The grid, where there is one.
    pub grid: Option<GridCode>,
    /// Where it stands, in CGCS2000.
    pub position: Position,
    /// The system in which the position was given.
    pub source_crs: Crs,
    /// What it looks at.
    pub place: Place,
    /// Who operates it.
    pub operator: Option<OrganisationId>,
    /// Whether it stands near a protected site.
    pub secrecy_adjacent: bool,
    /// The document in whose row a consent stands.
    pub consent: Option<RecordId>,
    /// Whether a notice sign is up.
    pub signage: bool,
    /// For how many days its pictures are kept.
    pub retention_days: u32,
    /// The beginning of the day from which it is in use.
    pub started_on: Option<Timestamp>,
    /// The record that holds the document with its name.
    pub document: RecordId,
    /// The row in it, from 1.
    pub row: u32,
}

/// What may be asked of a camera.
#[derive(Clone, Debug)]
pub enum Command {
    /// Enter it into the register.
    RegisterCamera {
        /// The camera.
        camera: CameraId,
        /// Its id after GB/T 28181.
        gb_id: GbId,
        /// What is stated of it.
        details: Details,
        /// Now.
        at: Timestamp,
    },
    /// State anew what is known of it.
    UpdateCamera {
        /// The camera.
        camera: CameraId,
        /// What is stated of it.
        details: Details,
        /// Now.
        at: Timestamp,
    },
    /// Take it out.
    RetireCamera {
        /// The camera.
        camera: CameraId,
        /// Why.
        reason: RetireReason,
        /// Now.
        at: Timestamp,
    },
}

/// The facts that may be registered, where order 799 allows them.
fn permitted(details: Details) -> Result<CameraFacts, Rejection> {
    let place_kind = match details.place {
        Place::Permitted(kind) => kind,
        Place::Forbidden(place) => return Err(Rejection::ForbiddenPlace(place)),
    };
    if details.secrecy_adjacent && details.consent.is_none() {
        return Err(Rejection::SecrecyConsentMissing);
    }
    if place_kind == PlaceKind::HouseholdEntrance && details.consent.is_none() {
        return Err(Rejection::HouseholdConsentMissing);
    }
    if details.retention_days < MIN_RETENTION_DAYS {
        return Err(Rejection::RetentionTooShort(details.retention_days));
    }
    let Details {
        division,
        grid,
        position,
        source_crs,
        place: _,
        operator,
        secrecy_adjacent,
        consent,
        signage,
        retention_days,
        started_on,
        document,
        row,
    } = details;
    Ok(CameraFacts {
        division,
        grid,
        position,
        source_crs,
        place_kind,
        operator,
        secrecy_adjacent,
        consent,
        signage,
        retention_days,
        started_on,
        document,
        row,
    })
}

/// Whether both say the same of a camera; in which document its name and its consent stand does not
/// matter.
pub fn say_the_same(left: &CameraFacts, right: &CameraFacts) -> bool {
    let both_consent = left.consent.is_some() && right.consent.is_some();
    let consent = if both_consent { &left.consent } else { &right.consent }.clone();
    let (document, row) = (left.document.clone(), left.row);
    *left == CameraFacts { document, row, consent, ..right.clone() }
}

impl Aggregate for Camera {
    const CATEGORY: &'static str = CameraEvent::CATEGORY;
    type State = State;
    type Command = Command;
    type Event = CameraEvent;
    type Rejection = Rejection;

    fn decide(state: &State, command: Command) -> Result<Vec<CameraEvent>, Rejection> {
        use Command::{RegisterCamera, RetireCamera, UpdateCamera};
        use State::{Registered, Retired, Unknown};
        match (state, command) {
            (Unknown, RegisterCamera { gb_id, .. }) if !gb_id.is_camera() => {
                Err(Rejection::NotACamera(gb_id))
            }
            (Unknown, RegisterCamera { camera, gb_id, details, at }) => {
                let facts = permitted(details)?;
                Ok(vec![CameraRegistered { occurred_at: at, camera, gb_id, facts }.into()])
            }
            (Registered(known), RegisterCamera { gb_id, details, .. }) => {
                if say_the_same(known, &permitted(details)?) {
                    Ok(vec![])
                } else {
                    Err(Rejection::CameraAlreadyRegistered(gb_id))
                }
            }
            (Registered(known), UpdateCamera { camera, details, at }) => {
                let facts = permitted(details)?;
                if **known == facts {
                    Ok(vec![])
                } else {
                    Ok(vec![CameraUpdated { occurred_at: at, camera, facts }.into()])
                }
            }
            (Registered(_), RetireCamera { camera, reason, at }) => {
                Ok(vec![CameraRetired { occurred_at: at, camera, reason }.into()])
            }
            (Retired, RetireCamera { .. }) => Ok(vec![]),

            (Unknown, UpdateCamera { camera, .. } | RetireCamera { camera, .. }) => {
                Err(Rejection::UnknownCamera(camera))
            }
            (Retired, RegisterCamera { camera, .. } | UpdateCamera { camera, .. }) => {
                Err(Rejection::CameraRetired(camera))
            }
        }
    }

    fn evolve(state: State, event: &CameraEvent) -> State {
        match (state, event) {
            (_, CameraEvent::CameraRegistered(event)) => {
                State::Registered(Box::new(event.facts.clone()))
            }
            (State::Registered(_), CameraEvent::CameraUpdated(event)) => {
                State::Registered(Box::new(event.facts.clone()))
            }
            (State::Registered(_), CameraEvent::CameraRetired(_)) => State::Retired,
            (
                state @ (State::Unknown | State::Retired),
                CameraEvent::CameraUpdated(_) | CameraEvent::CameraRetired(_),
            ) => state,
        }
    }
}

#[cfg(test)]
mod tests;
