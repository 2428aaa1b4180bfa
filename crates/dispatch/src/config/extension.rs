//! How much more time there may be (延期).

use kernel::limit::Limit;
use platform::service::StartError;
use serde::Deserialize;

/// The section `[dispatch.extension]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExtensionSection {
    /// How often an order may be extended.
    pub max_times: u32,
    /// The longest extension, such as `10wd`.
    pub longest: String,
}

/// The same as decisions use it.
#[derive(Clone, Copy, Debug)]
pub struct Extension {
    /// How often an order may be extended.
    pub max_times: u32,
    /// The longest extension.
    pub longest: Limit,
}

impl TryFrom<ExtensionSection> for Extension {
    type Error = StartError;

    fn try_from(section: ExtensionSection) -> Result<Self, StartError> {
        let longest = section
            .longest
            .parse()
            .map_err(|error| StartError::Other(format!("dispatch.extension.longest: {error}")))?;
        Ok(Self { max_times: section.max_times, longest })
    }
}
