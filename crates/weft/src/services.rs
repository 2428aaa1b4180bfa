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
