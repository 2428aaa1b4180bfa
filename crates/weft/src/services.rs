//! The services that the binary has. A new one is one line here.

use platform::service::Service;

/// Every service, in the order in which they start.
pub(crate) fn all() -> Vec<Service> {
    vec![
        access::service(),
        grid::service(),
        intake::service(),
        dispatch::service(),
        points::service(),
        gateway::service(),
        camera::service(),
        media::service(),
        outlet::service(),
    ]
}

/// The services of these names, with what every process has besides.
pub(crate) fn chosen(names: &[String]) -> anyhow::Result<Vec<Service>> {
    let mut services = all();
    let known: Vec<&str> = services.iter().map(|service| service.name).collect();
    if let Some(unknown) = names.iter().find(|name| !known.contains(&name.as_str())) {
        anyhow::bail!("no service {unknown:?}; choose from {}", known.join(", "));
    }
    if !names.is_empty() {
        services.retain(|service| names.iter().any(|name| name == service.name));
    }
    services.push(crate::admin::service());
    Ok(services)
}

#[cfg(test)]
mod tests {
    use kernel::Role::{self, Administrator, AuditAdministrator, SecurityAdministrator};
    use platform::auth::Access;

    use super::*;

    /// The methods that a role may call, beside those for anybody.
    fn of(role: Role) -> Vec<&'static str> {
        let services = chosen(&[]).unwrap();
        let rows = services.iter().flat_map(|service| service.methods);
        rows.filter(|(_, access)| matches!(access, Access::Roles(roles) if roles.contains(&role)))
            .map(|(path, _)| *path)
            .collect()
    }

    #[test]
    fn the_three_administrators_do_not_reach_into_each_others_work() {
        let audit = of(AuditAdministrator);
        assert!(audit.contains(&"/weft.access.v1.AccessService/ListAuditRecords"));
        let elsewhere: Vec<_> = audit
            .iter()
            .filter(|path| !path.starts_with("/weft.access.") && !path.starts_with("/weft.outlet."))
            .collect();
        assert_eq!(
            elsewhere,
            Vec::<&&str>::new(),
            "the audit administrator reads the trail and the register of deliveries"
        );

        let handles = |path: &&str| {
            ["intake", "dispatch", "media", "points", "camera", "admin"]
                .iter()
                .any(|service| path.starts_with(&format!("/weft.{service}.")))
        };
        let security: Vec<_> = of(SecurityAdministrator).into_iter().filter(handles).collect();
        let keys =
            ["GetVault", "RotateVault"].map(|it| format!("/weft.admin.v1.AdminService/{it}"));
        assert_eq!(security, keys, "who gives roles handles no case, and looks after the keys");

        let texts = |path: &&str| {
            ["dispatch", "media"]
                .iter()
                .any(|service| path.starts_with(&format!("/weft.{service}.")))
                || ["ReportCase", "AddInformation", "RevealContact", "FindByPhone"]
                    .iter()
                    .any(|method| path.ends_with(&format!("IntakeService/{method}")))
        };
        // The tables by which dispatch decides are settings: they name no case's texts.
        let settings =
            |path: &&str| path.contains(".RulesService/") || path.ends_with("NotificationRules");
        let system = of(Administrator).into_iter().filter(texts);
        let system: Vec<_> = system.filter(|path| !settings(path)).collect();
        assert_eq!(system, Vec::<&str>::new(), "who keeps the system reads no texts of cases");
        for method in ["AssignRole", "RevokeRole", "CreateSignInLink", "CreateServiceToken"] {
            let path = format!("/weft.access.v1.AccessService/{method}");
            assert!(!of(Administrator).contains(&path.as_str()), "{method}");
            assert!(of(SecurityAdministrator).contains(&path.as_str()), "{method}");
        }
        let shared = audit.iter().filter(|path| of(Administrator).contains(path));
        let shared: Vec<_> = shared.filter_map(|path| path.rsplit('/').next()).collect();
        let own = |method: &&str| {
            ["Session", "Role", "Password", "SecondFactor", "Account", "Substitution"]
                .iter()
                .any(|of| method.contains(of))
        };
        assert!(shared.iter().all(own), "beside what is everybody's own: {shared:?}");
    }
}
