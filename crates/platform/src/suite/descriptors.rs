//! The descriptors of the services that a process runs, out of those of all.

use prost::Message as _;
use prost_types::FileDescriptorSet;

use crate::auth::MethodRow;

/// The set without the services of which no method is served here. It is made once a process and
/// lives as long, as reflection wants it.
pub fn only(all: &'static [u8], rows: &[MethodRow]) -> &'static [u8] {
    let Ok(mut set) = FileDescriptorSet::decode(all) else { return all };
    let served = |package: &str, service: &str| {
        let prefix = format!("/{package}.{service}/");
        rows.iter().any(|(path, _)| path.starts_with(&prefix))
    };
    for file in &mut set.file {
        let package = file.package().to_owned();
        file.service.retain(|service| served(&package, service.name()));
    }
    Box::leak(set.encode_to_vec().into_boxed_slice())
}
