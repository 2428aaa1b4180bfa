//! The table of methods: which roles may call which. A method without a row stops the start.

use std::collections::{BTreeSet, HashMap};

use kernel::ErrorCode;
use prost::{DecodeError, Message};
use prost_types::FileDescriptorSet;

use super::{principal::Principal, role::Role};
use crate::grpc::status::ServiceError;

/// Who may call a method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody, without a token: health, reflection, and methods whose secret is in the request,
    /// such as a tracking code. A valid token still makes the caller known.
    Public,
    /// The bearers of these roles.
    Roles(&'static [Role]),
}

/// A row of the table: the method's path, such as `/weft.intake.v1.IntakeService/ReportCase`, and
/// who may call it. Each service has its rows in a constant.
pub type MethodRow = (&'static str, Access);

/// Why the table and the services do not agree.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// A descriptor set does not decode.
    #[error("a file descriptor set does not decode: build the api crate again")]
    Descriptors(#[from] DecodeError),
    /// The rows are not the methods.
    #[error("the method table is wrong; without a row: [{}]; no such method: [{}]; more than one row: [{}]", .missing.join(", "), .unknown.join(", "), .repeated.join(", "))]
    Table {
        /// Methods without a row: give each one.
        missing: Vec<String>,
        /// Rows without a method: take them out, or mend their path.
        unknown: Vec<String>,
        /// Methods with several rows: leave one.
        repeated: Vec<String>,
    },
}

/// Why a caller may not call a method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// There is no such method.
    NoSuchMethod,
    /// The caller's role is not in the row.
    Role,
    /// The caller's token names the methods that it is for, and this is none of them.
    Method,
}

/// The checked table.
#[derive(Clone, Debug)]
pub struct Policy {
    rows: HashMap<&'static str, Access>,
    /// Health and reflection, which every server has.
    open: BTreeSet<String>,
}

impl Policy {
    /// The table of these rows, if they name every method of the services in these descriptor sets
    /// exactly once. Health and reflection need no rows: they are public.
    pub fn new(rows: &[MethodRow], file_descriptor_sets: &[&[u8]]) -> Result<Self, PolicyError> {
        let open = methods_of(&[
            tonic_health::pb::FILE_DESCRIPTOR_SET,
            tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET,
            tonic_reflection::pb::v1alpha::FILE_DESCRIPTOR_SET,
        ])?;
        let mut existing = methods_of(file_descriptor_sets)?;
        existing.retain(|path| !open.contains(path));
        let mut table = HashMap::new();
        let mut repeated = BTreeSet::new();
        for (path, access) in rows {
            if table.insert(*path, *access).is_some() {
                repeated.insert((*path).to_owned());
            }
        }
        let missing: Vec<String> =
            existing.iter().filter(|path| !table.contains_key(path.as_str())).cloned().collect();
        let mut unknown: Vec<String> = table
            .keys()
            .filter(|path| !existing.contains(**path))
            .map(|path| (*path).to_owned())
            .collect();
        unknown.sort_unstable();
        if missing.is_empty() && unknown.is_empty() && repeated.is_empty() {
            return Ok(Self { rows: table, open });
        }
        Err(PolicyError::Table { missing, unknown, repeated: repeated.into_iter().collect() })
    }

    /// Who may call a method; `None` where there is none of this path.
    pub fn access(&self, path: &str) -> Option<Access> {
        self.rows.get(path).copied().or_else(|| self.open.contains(path).then_some(Access::Public))
    }

    /// Whether a caller may call a method.
    pub fn check(&self, path: &str, principal: &Principal) -> Result<(), Denied> {
        match self.access(path) {
            None => Err(Denied::NoSuchMethod),
            Some(Access::Public) => Ok(()),
            Some(Access::Roles(roles)) if roles.contains(&principal.role) => {
                let only = &principal.basis.methods;
                let named = only.is_empty() || only.iter().any(|method| method == path);
                if named { Ok(()) } else { Err(Denied::Method) }
            }
            Some(Access::Roles(_)) => Err(Denied::Role),
        }
    }
}

/// The refusal of a role, for the caller.
pub(super) fn role_refused(role: Role) -> ServiceError {
    ServiceError::new(
        ErrorCode::PermissionDenied,
        "ROLE_NOT_ALLOWED",
        format!("the role {role} may not do this: ask someone whose role may"),
        "您的角色无权执行此操作，请联系有权限的人员",
    )
    .with("role", role.as_str())
}

/// The refusal of a token that is for other methods, for the caller.
pub(super) fn method_refused() -> ServiceError {
    ServiceError::new(
        ErrorCode::PermissionDenied,
        "METHOD_NOT_ALLOWED",
        "this token is for other methods: ask for one that names this method",
        "此令牌未授权该接口，请申请包含该接口的令牌",
    )
}

/// The paths of all methods of the services in these descriptor sets.
pub fn methods_of(file_descriptor_sets: &[&[u8]]) -> Result<BTreeSet<String>, DecodeError> {
    let mut paths = BTreeSet::new();
    for set in file_descriptor_sets {
        for file in FileDescriptorSet::decode(*set)?.file {
            let package = file.package();
            let dot = if package.is_empty() { "" } else { "." };
            for service in &file.service {
                paths.extend(
                    service
                        .method
                        .iter()
                        .map(|m| format!("/{package}{dot}{}/{}", service.name(), m.name())),
                );
            }
        }
    }
    Ok(paths)
}

#[cfg(test)]
pub(crate) mod tests {
    use kernel::Timestamp;
    use prost_types::{FileDescriptorProto, MethodDescriptorProto, ServiceDescriptorProto};

    use super::*;
    use crate::auth::{principal::Basis, scope::Scope};

    /// The descriptor set of one service `weft.test.v1.TestService` with these methods.
    pub(crate) fn descriptors(names: &[&str]) -> Vec<u8> {
        let method = |name: &&str| MethodDescriptorProto {
            name: Some((*name).to_owned()),
            input_type: Some(".weft.test.v1.Nothing".to_owned()),
            output_type: Some(".weft.test.v1.Nothing".to_owned()),
            ..MethodDescriptorProto::default()
        };
        let service = ServiceDescriptorProto {
            name: Some("TestService".to_owned()),
            method: names.iter().map(method).collect(),
            options: None,
        };
        let nothing = prost_types::DescriptorProto {
            name: Some("Nothing".to_owned()),
            ..prost_types::DescriptorProto::default()
        };
        let file = FileDescriptorProto {
            name: Some("weft/test/v1/test.proto".to_owned()),
            package: Some("weft.test.v1".to_owned()),
            message_type: vec![nothing],
            service: vec![service],
            syntax: Some("proto3".to_owned()),
            ..FileDescriptorProto::default()
        };
        FileDescriptorSet { file: vec![file] }.encode_to_vec()
    }

    const READ: MethodRow = ("/weft.test.v1.TestService/Read", Access::Roles(&[Role::Operator]));
    const TRACK: MethodRow = ("/weft.test.v1.TestService/Track", Access::Public);
    const OLD: MethodRow = ("/weft.test.v1.TestService/Old", Access::Public);

    #[test]
    fn a_method_without_a_row_a_row_without_a_method_and_two_rows_stop_the_start() {
        let set = descriptors(&["Read", "Write", "Track"]);
        let error = Policy::new(&[READ, OLD, TRACK, TRACK], &[&set]).unwrap_err();
        let PolicyError::Table { missing, unknown, repeated } = &error else {
            unreachable!("the sets decode")
        };
        assert_eq!(missing, &["/weft.test.v1.TestService/Write"]);
        assert_eq!(unknown, &[OLD.0]);
        assert_eq!(repeated, &[TRACK.0]);
        assert!(error.to_string().contains("without a row: [/weft.test.v1.TestService/Write]"));
        assert!(Policy::new(&[], &[b"no set"]).is_err());
    }

    #[test]
    fn a_role_calls_what_its_row_allows_and_nothing_else() {
        let policy = Policy::new(&[READ, TRACK], &[&descriptors(&["Read", "Track"])]).unwrap();
        let bearer = |role| Principal {
            person: "620821000000-p1".parse().unwrap(),
            role,
            scope: Scope::Own,
            token_id: String::new(),
            expires_at: Timestamp(0),
            basis: Basis::default(),
        };
        assert_eq!(policy.check(READ.0, &bearer(Role::Operator)), Ok(()));
        assert_eq!(policy.check(READ.0, &bearer(Role::Administrator)), Err(Denied::Role));
        assert_eq!(policy.check(TRACK.0, &bearer(Role::Resident)), Ok(()));
        let named = |method: &str| {
            let basis = Basis { methods: vec![method.to_owned()], ..Basis::default() };
            Principal { basis, ..bearer(Role::Operator) }
        };
        assert_eq!(policy.check(READ.0, &named(READ.0)), Ok(()));
        assert_eq!(policy.check(READ.0, &named(TRACK.0)), Err(Denied::Method));
        assert_eq!(policy.check(OLD.0, &bearer(Role::Operator)), Err(Denied::NoSuchMethod));
        assert_eq!(policy.access("/grpc.health.v1.Health/Check"), Some(Access::Public));
        let reflection = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
        assert_eq!(policy.access(reflection), Some(Access::Public));
        let older = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";
        assert_eq!(policy.access(older), Some(Access::Public));
        assert_eq!(policy.access("/grpc.health.v1.Health/Nothing"), None);
    }
}
