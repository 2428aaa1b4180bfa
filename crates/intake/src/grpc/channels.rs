//! Which channel suits whom, and what comes with it.

use contracts::intake::Channel;
use platform::{auth::Role, grpc::Violations};

/// How long the number of another register may be.
const MAX_REFERENCE: usize = 40;

/// Notes where a channel is not the caller's: a resident does not patrol, and a partner speaks for
/// nobody's counter. Staff may scan a code like anybody.
pub(super) fn check(v: &mut Violations, role: Role, channel: Channel) {
    if suits(role, channel) {
        return;
    }
    let (en, zh) = match role {
        Role::Integrator => (
            "an integrator reports through CHANNEL_PORTAL, CHANNEL_WEBSITE, CHANNEL_OPEN311 or \
             CHANNEL_DEVICE",
            "对接单位须以 CHANNEL_PORTAL、CHANNEL_WEBSITE、CHANNEL_OPEN311 或 CHANNEL_DEVICE 上报",
        ),
        Role::Resident => (
            "a resident reports through CHANNEL_QR_PAGE or CHANNEL_SNAP",
            "居民须以 CHANNEL_QR_PAGE 或 CHANNEL_SNAP 反映",
        ),
        Role::GridMember
        | Role::DepartmentClerk
        | Role::Verifier
        | Role::Operator
        | Role::Supervisor
        | Role::Administrator
        | Role::SecurityAdministrator
        | Role::AuditAdministrator => (
            "this channel is the desk's or a partner's: choose the one by which the matter came to you",
            "该渠道属于调度岗或对接单位，请选择实际的来源渠道",
        ),
    };
    v.push("channel", en, zh);
}

fn suits(role: Role, channel: Channel) -> bool {
    use Channel as C;
    match role {
        Role::Resident => matches!(channel, C::QrPage | C::Snap),
        Role::Integrator => {
            matches!(channel, C::Portal | C::Website | C::Open311 | C::Device)
        }
        Role::GridMember | Role::DepartmentClerk | Role::Verifier => matches!(
            channel,
            C::QrPage | C::Snap | C::Patrol | C::Visit | C::GridGroup | C::Counter | C::Campaign
        ),
        Role::Operator | Role::Supervisor => !matches!(channel, C::Portal | C::Open311),
        Role::Administrator | Role::SecurityAdministrator | Role::AuditAdministrator => false,
    }
}

/// Who may report what somebody else said.
pub(super) fn may_speak_for_others(role: Role) -> bool {
    match role {
        Role::GridMember
        | Role::DepartmentClerk
        | Role::Verifier
        | Role::Operator
        | Role::Supervisor => true,
        Role::Resident
        | Role::Integrator
        | Role::Administrator
        | Role::SecurityAdministrator
        | Role::AuditAdministrator => false,
    }
}

/// The number under which another register has the matter; notes what is wrong with it.
pub(super) fn reference(v: &mut Violations, text: &str) -> Option<String> {
    let printable = text.bytes().all(|byte| byte.is_ascii_graphic());
    if printable && text.len() <= MAX_REFERENCE {
        return Some(text.to_owned());
    }
    v.push(
        "reference",
        "write at most 40 letters, digits and signs, without spaces",
        "请填写不超过40位的字母、数字和符号，不含空格",
    );
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_who_reports_has_a_channel_and_none_has_all() {
        for role in Role::ALL {
            let channels = Channel::ALL.iter().filter(|channel| suits(role, **channel)).count();
            let reports = !matches!(
                role,
                Role::Administrator | Role::SecurityAdministrator | Role::AuditAdministrator
            );
            assert_eq!(channels > 0, reports, "{role}");
            assert!(channels < Channel::ALL.len(), "{role}");
        }
        assert!(!suits(Role::Resident, Channel::Patrol));
        assert!(!suits(Role::GridMember, Channel::LeaderMailbox));
    }
}
