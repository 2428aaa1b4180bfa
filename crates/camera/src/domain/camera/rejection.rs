//! Why a command on a camera is refused.

use kernel::{GbId, id::CameraId};

use super::{ForbiddenPlace, MIN_RETENTION_DAYS};

/// Why a command is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The id names another device.
    #[error("{0} names no camera: digits 11 to 13 of a camera are 131 or 132")]
    NotACamera(GbId),
    /// Article 8.
    #[error("no camera may hang inside {}: order 799, article 8, forbids it", .0.en())]
    ForbiddenPlace(ForbiddenPlace),
    /// Article 10.
    #[error("near a protected site a consent is needed (order 799, article 10): name its document")]
    SecrecyConsentMissing,
    /// A household shares its camera or does not.
    #[error("a household's camera needs the household's consent: name its document")]
    HouseholdConsentMissing,
    /// Article 17.
    #[error(
        "pictures are kept for at least {MIN_RETENTION_DAYS} days (order 799, article 17), found {0}: keep them longer"
    )]
    RetentionTooShort(u32),
    /// The id is taken.
    #[error("{0} is registered already with other data: update that camera, or mend the id")]
    CameraAlreadyRegistered(GbId),
    /// Nobody registered it.
    #[error("no camera {0} is registered: register it first")]
    UnknownCamera(CameraId),
    /// It was taken out.
    #[error("{0} was retired: register its successor under an id of its own")]
    CameraRetired(CameraId),
}

impl Rejection {
    /// The field that is to blame.
    pub const fn field(&self) -> &'static str {
        match self {
            Self::NotACamera(_)
            | Self::CameraAlreadyRegistered(_)
            | Self::UnknownCamera(_)
            | Self::CameraRetired(_) => "gb_id",
            Self::ForbiddenPlace(_) => "place_kind",
            Self::SecrecyConsentMissing | Self::HouseholdConsentMissing => "consent_document",
            Self::RetentionTooShort(_) => "retention_days",
        }
    }
}

impl kernel::Rejection for Rejection {
    fn reason(&self) -> &'static str {
        match self {
            Self::NotACamera(_) => "NOT_A_CAMERA",
            Self::ForbiddenPlace(_) => "FORBIDDEN_PLACE",
            Self::SecrecyConsentMissing => "SECRECY_CONSENT_MISSING",
            Self::HouseholdConsentMissing => "HOUSEHOLD_CONSENT_MISSING",
            Self::RetentionTooShort(_) => "RETENTION_TOO_SHORT",
            Self::CameraAlreadyRegistered(_) => "CAMERA_ALREADY_REGISTERED",
            Self::UnknownCamera(_) => "UNKNOWN_CAMERA",
            Self::CameraRetired(_) => "CAMERA_RETIRED",
        }
    }

    fn message_zh(&self) -> String {
        match self {
            Self::NotACamera(id) => {
                format!("{id} 不是摄像机编码, 第11至13位应为131或132")
            }
            Self::ForbiddenPlace(place) => {
                format!("禁止在{}内部安装摄像头(国务院令第799号第八条)", place.zh())
            }
            Self::SecrecyConsentMissing => {
                "涉密单位周边安装须事先征得同意(国务院令第799号第十条), 请填写同意文件".to_owned()
            }
            Self::HouseholdConsentMissing => "农户摄像头须经户主同意, 请填写同意文件".to_owned(),
            Self::RetentionTooShort(days) => format!(
                "图像信息保存期限不少于{MIN_RETENTION_DAYS}日(国务院令第799号第十七条), 现为{days}日"
            ),
            Self::CameraAlreadyRegistered(id) => {
                format!("{id} 已登记且信息不同, 请改用更新或核对编码")
            }
            Self::UnknownCamera(id) => format!("摄像头 {id} 未登记, 请先登记"),
            Self::CameraRetired(id) => format!("摄像头 {id} 已注销, 请用新编码登记"),
        }
    }
}

impl ForbiddenPlace {
    const fn en(self) -> &'static str {
        match self {
            Self::GuestRoom => "a guest room",
            Self::DormitoryRoom => "a room of a dormitory",
            Self::Bathroom => "a public bath",
            Self::Toilet => "a toilet",
            Self::ChangingRoom => "a changing room",
            Self::NursingRoom => "a nursing room",
            Self::FittingRoom => "a fitting room",
            Self::OtherPrivate => "a place where others' privacy can be seen or heard",
        }
    }

    const fn zh(self) -> &'static str {
        match self {
            Self::GuestRoom => "客房、包间",
            Self::DormitoryRoom => "宿舍房间",
            Self::Bathroom => "公共浴室",
            Self::Toilet => "卫生间",
            Self::ChangingRoom => "更衣室",
            Self::NursingRoom => "哺乳室",
            Self::FittingRoom => "试衣间",
            Self::OtherPrivate => "可能侵犯他人隐私的部位",
        }
    }
}
