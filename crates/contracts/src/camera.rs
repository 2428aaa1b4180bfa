//! What camera publishes: which cameras there are, where they stand, and on what grounds.

use kernel::{
    Division, GbId, GridCode, Timestamp,
    geo::{Crs, Position},
    hash::Sha256,
    id::{CameraId, ImportId, OrganisationId, RecordId},
};
use serde::{Deserialize as _, Serialize as _};

use crate::codec::{event_set, payloads, words};

words! {
    /// What kind of place a camera looks at. Places in which none may hang have no word here.
    pub enum PlaceKind {
        /// 道路、路口.
        Road,
        /// 广场、公园.
        Square,
        /// 村口.
        VillageEntrance,
        /// 居民小区公共区域.
        ResidentialArea,
        /// 农户门口: a household's own, shared by its consent.
        HouseholdEntrance,
        /// 机关、村委会办公区.
        PublicBuilding,
        /// 学校门口.
        School,
        /// 医院、卫生院.
        Hospital,
        /// 集市、商场.
        Market,
        /// 车站.
        Station,
        /// 景区.
        ScenicArea,
        /// 河道、水库.
        Water,
        /// 林区, against fire.
        Forest,
        /// 农田.
        Farmland,
        /// 企业厂区.
        Firm,
        /// 建筑工地.
        BuildingSite,
        /// 地质灾害点.
        HazardPoint,
        /// 其他公共场所.
        OtherPublic,
    }

    /// Why a camera was taken out of the register.
    pub enum RetireReason {
        /// 拆除.
        Removed,
        /// 更换.
        Replaced,
        /// 依法停用.
        Unlawful,
        /// 撤回同意.
        ConsentWithdrawn,
    }
}

/// Where a camera stands and on what grounds. Its name and address stand in a row of the document.
#[derive(
    Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
pub struct CameraFacts {
    /// The division in which it stands.
    pub division: Division,
    /// The grid in which it stands, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grid: Option<GridCode>,
    /// Where it stands, in CGCS2000.
    pub position: Position,
    /// The system in which the position was given.
    pub source_crs: Crs,
    /// What kind of place it looks at.
    pub place_kind: PlaceKind,
    /// Who operates it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<OrganisationId>,
    /// Whether it stands near a protected site (State Council order 799, article 10).
    pub secrecy_adjacent: bool,
    /// The document in whose row the consent stands that such a place, or a household, needs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<RecordId>,
    /// Whether a notice sign is up (article 13).
    pub signage: bool,
    /// For how many days its pictures are kept, at least 30 (article 17).
    pub retention_days: u32,
    /// The beginning of the day, in Asia/Shanghai, from which it is in use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_on: Option<Timestamp>,
    /// The record that holds the document with its name.
    pub document: RecordId,
    /// The row in it, from 1, the header not counted.
    pub row: u32,
}

payloads! {
    /// A camera is in the register.
    pub struct CameraRegistered {
        /// The camera, whose key is its GB/T 28181 id.
        pub camera: CameraId,
        /// The id after GB/T 28181; it authorises nothing.
        pub gb_id: GbId,
        /// Where it stands and on what grounds.
        pub facts: CameraFacts,
    }

    /// What is known of a camera has changed.
    pub struct CameraUpdated {
        /// The camera.
        pub camera: CameraId,
        /// All that holds from now on.
        pub facts: CameraFacts,
    }

    /// A camera is no longer in the register.
    pub struct CameraRetired {
        /// The camera.
        pub camera: CameraId,
        /// Why.
        pub reason: RetireReason,
    }

    /// A whole file of cameras is in the register.
    pub struct ImportCompleted {
        /// The import, whose id follows from the file's digest.
        pub import: ImportId,
        /// The digest of the file.
        pub digest: Sha256,
        /// How many rows it had.
        pub rows: u32,
    }
}

event_set! {
    /// What may happen to a camera.
    "camera" "camera"
    pub enum CameraEvent {
        /// Registered.
        CameraRegistered "camera_registered" 1 [];
        /// Changed.
        CameraUpdated "camera_updated" 1 [];
        /// Taken out.
        CameraRetired "camera_retired" 1 [];
    }
}

event_set! {
    /// What may happen to an import of cameras.
    "camera" "camera_import"
    pub enum CameraImportEvent {
        /// Complete.
        ImportCompleted "import_completed" 1 [];
    }
}
