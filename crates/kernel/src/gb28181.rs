//! Ids of devices after GB/T 28181, appendix "coding rule A": 20 digits, which are the centre (8: the
//! division of a county and 2 more), the industry (2), the type of device (3), the network (1) and a
//! serial (6).
//!
//! The standard's text is not at hand; the tables here are what several public implementations agree
//! on. An id says what somebody wrote on a device: it is validated, kept apart, and never used to
//! authorise.

use std::{borrow::Cow, fmt, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::Division;

/// The first two digits of the divisions that there are (GB/T 2260).
const PROVINCES: [&str; 34] = [
    "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41",
    "42", "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71",
    "81", "82",
];

/// What kind of device or group an id names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GbType {
    /// 数字视频录像机 (DVR): 111.
    Dvr,
    /// 网络视频录像机 (NVR): 118.
    Nvr,
    /// 摄像机: 131.
    Camera,
    /// 网络摄像机 (IPC): 132.
    IpCamera,
    /// 报警输入设备: 134.
    AlarmInput,
    /// 中心信令控制服务器: 200.
    Server,
    /// 业务分组: 215.
    Group,
    /// 虚拟组织: 216.
    VirtualOrganisation,
}

impl GbType {
    /// Every known type.
    pub const ALL: [Self; 8] = [
        Self::Dvr,
        Self::Nvr,
        Self::Camera,
        Self::IpCamera,
        Self::AlarmInput,
        Self::Server,
        Self::Group,
        Self::VirtualOrganisation,
    ];

    /// The three digits.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Dvr => "111",
            Self::Nvr => "118",
            Self::Camera => "131",
            Self::IpCamera => "132",
            Self::AlarmInput => "134",
            Self::Server => "200",
            Self::Group => "215",
            Self::VirtualOrganisation => "216",
        }
    }

    /// The word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Dvr => "dvr",
            Self::Nvr => "nvr",
            Self::Camera => "camera",
            Self::IpCamera => "ip_camera",
            Self::AlarmInput => "alarm_input",
            Self::Server => "server",
            Self::Group => "group",
            Self::VirtualOrganisation => "virtual_organisation",
        }
    }
}

/// Whose device it is, as the industry's number says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GbSector {
    /// 政府机关: 00 to 14, of 00 to 39.
    Government,
    /// 企业/事业单位: 40 to 59, of 40 to 79.
    Enterprise,
    /// 居民自建: 80 to 89.
    Residents,
    /// 其他主体: 90 to 99.
    Other,
}

/// A valid id of 20 digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GbId([u8; 20]);

/// Why a text is no id: which digits are wrong, counted from 1, and what is expected there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidGbId {
    /// Another length.
    #[error("a GB/T 28181 id has 20 digits, found {0} characters: copy all of it")]
    Length(usize),
    /// Something other than 0 to 9.
    #[error("digit {place} of a GB/T 28181 id is {found:?}: write 0 to 9 only")]
    NotADigit {
        /// From 1.
        place: usize,
        /// What stands there.
        found: char,
    },
    /// No division of the state begins so.
    #[error(
        "digits 1 to 6 are {0}, which begin no division: write the 6 digits of the county (GB/T 2260)"
    )]
    Division(String),
    /// A number that the standard keeps free.
    #[error("digits 9 and 10 are {0}, an industry that is not assigned: use 00-14, 40-59 or 80-99")]
    Industry(String),
    /// A type that Weft does not know.
    #[error(
        "digits 11 to 13 are {0}, an unknown type: use 131 or 132 for a camera (known are 111, 118, 131, 132, 134, 200, 215, 216)"
    )]
    Type(String),
}

impl InvalidGbId {
    /// The same in Chinese.
    pub fn message_zh(&self) -> String {
        match self {
            Self::Length(found) => format!("国标编码应为20位数字, 现有{found}个字符, 请完整填写"),
            Self::NotADigit { place, .. } => format!("国标编码第{place}位不是数字, 请核对"),
            Self::Division(found) => {
                format!("国标编码第1至6位 {found} 不是行政区划代码, 请填写县级6位代码")
            }
            Self::Industry(found) => {
                format!("国标编码第9、10位 {found} 是未分配的行业编码, 应为00-14、40-59或80-99")
            }
            Self::Type(found) => {
                format!("国标编码第11至13位 {found} 是未知的类型编码, 摄像机应为131或132")
            }
        }
    }
}

impl GbId {
    /// The 20 digits.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Digits 1 to 8: the centre to which the device belongs.
    pub fn centre(&self) -> &str {
        &self.as_str()[..8]
    }

    /// Digits 1 to 6 as a division; none where the centre stands above the counties (`340200`).
    pub fn county(&self) -> Option<Division> {
        self.as_str()[..6].parse().ok()
    }

    /// Digits 9 and 10.
    pub fn industry(&self) -> &str {
        &self.as_str()[8..10]
    }

    /// Whose device it is.
    pub fn sector(&self) -> GbSector {
        sector(self.industry()).unwrap_or(GbSector::Other)
    }

    /// Digits 11 to 13.
    pub fn device_type(&self) -> GbType {
        device_type(&self.as_str()[10..13]).unwrap_or(GbType::Camera)
    }

    /// Digit 14, from 0 to 9.
    pub const fn network(&self) -> u8 {
        self.0[13] - b'0'
    }

    /// Digits 15 to 20, from 0 to 999,999.
    pub fn serial(&self) -> u32 {
        self.as_str()[14..].parse().unwrap_or_default()
    }

    /// Whether it names a camera: its type is 131 or 132.
    pub fn is_camera(&self) -> bool {
        matches!(self.device_type(), GbType::Camera | GbType::IpCamera)
    }
}

fn device_type(code: &str) -> Option<GbType> {
    GbType::ALL.into_iter().find(|known| known.code() == code)
}

fn sector(industry: &str) -> Option<GbSector> {
    match industry.parse::<u8>().ok()? {
        0..=14 => Some(GbSector::Government),
        40..=59 => Some(GbSector::Enterprise),
        80..=89 => Some(GbSector::Residents),
        90..=99 => Some(GbSector::Other),
        15..=39 | 60..=79 | 100.. => None,
    }
}

/// Whether six digits begin with a province, and have nothing below a part that is zero: the centre
/// of a prefecture is `620800`.
fn is_division(digits: &str) -> bool {
    let (province, rest) = digits.split_at(2);
    PROVINCES.contains(&province) && (!rest.starts_with("00") || rest == "0000")
}

impl FromStr for GbId {
    type Err = InvalidGbId;

    fn from_str(text: &str) -> Result<Self, InvalidGbId> {
        if let Some((place, found)) = text.chars().enumerate().find(|(_, c)| !c.is_ascii_digit()) {
            let place = place + 1;
            return Err(InvalidGbId::NotADigit { place, found });
        }
        let digits: [u8; 20] =
            text.as_bytes().try_into().map_err(|_| InvalidGbId::Length(text.len()))?;
        if !is_division(&text[..6]) {
            return Err(InvalidGbId::Division(text[..6].to_owned()));
        }
        if sector(&text[8..10]).is_none() {
            return Err(InvalidGbId::Industry(text[8..10].to_owned()));
        }
        if device_type(&text[10..13]).is_none() {
            return Err(InvalidGbId::Type(text[10..13].to_owned()));
        }
        Ok(Self(digits))
    }
}

impl fmt::Display for GbId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for GbId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for GbId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for GbId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<'_, str>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl JsonSchema for GbId {
    fn schema_name() -> Cow<'static, str> {
        "GbId".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[0-9]{20}$" })
    }
}

#[cfg(test)]
mod tests;
