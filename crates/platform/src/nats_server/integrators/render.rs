//! The register as nats-server's configuration has it: the account INTEGRATORS, which holds the mirror,
//! and an account for each integrator.
//!
//! An account each, because a request's reply subject is not held to the permissions of who asks:
//! whoever shares an account with the mirror can have the server publish an empty answer to the
//! subject that deletes it. From an account that imports four subjects, an answer comes back to that
//! account alone.

use kernel::Division;

use super::{API, Integrator};
use crate::nats_server::accounts::{mirror_imports, public_stream};

/// What a user may take of the server: connections, subscriptions, and bytes of a message.
const LIMITS: &str = "max_connections: 8, max_subscriptions: 64, max_payload: 65536";

/// The file's text; `own` is the public key of Weft's user of INTEGRATORS.
pub(super) fn render(county: Division, own: &str, everybody: &[Integrator]) -> String {
    let active = || everybody.iter().filter(|user| user.is_active());
    let exports: String = active().map(|user| exports(county, user)).collect();
    let accounts: String = active().map(|user| account(county, user)).collect();
    let imports = mirror_imports(county);
    format!(
        r"# Written by weft from integrators.json; changes are lost. `weft nats users` changes it.
  INTEGRATORS {{
    jetstream: enabled
    # weft itself, which makes the mirror and the integrators' consumers on it
    users: [ {{ nkey: {own} }} ]
    exports: [
{exports}    ]
{imports}  }}
{accounts}"
    )
}

/// The account of a user.
fn name(user: &Integrator) -> String {
    format!("INTEGRATOR_{}", user.name)
}

/// What a user may ask of the API for the user's one consumer; the first has many answers.
const ASKED: [&str; 3] = ["CONSUMER.MSG.NEXT", "CONSUMER.INFO", "CONSUMER.RESET"];

/// Acknowledgements, with exactly as many tokens as the server's own: with fewer, a subject could be
/// read as another consumer's.
fn acknowledged(stream: &str, user: &Integrator) -> String {
    format!("$JS.ACK.{stream}.{}.*.*.*.*.*", user.name)
}

fn exports(county: Division, user: &Integrator) -> String {
    let (stream, account) = (public_stream(county), name(user));
    let ask = |what: &str| {
        let many = if what == ASKED[0] { "response_type: stream, " } else { "" };
        let user = &user.name;
        format!(
            "      {{ service: \"$JS.API.{what}.{stream}.{user}\", {many}accounts: [{account}] }}\n"
        )
    };
    let asked: String = ASKED.into_iter().map(ask).collect();
    let acknowledged = acknowledged(&stream, user);
    format!("{asked}      {{ service: \"{acknowledged}\", accounts: [{account}] }}\n")
}

/// The user's account: what is not allowed here is refused, and nothing else is in it.
fn account(county: Division, user: &Integrator) -> String {
    let (stream, account) = (public_stream(county), name(user));
    let acknowledged = acknowledged(&stream, user);
    let asked: Vec<String> =
        ASKED.into_iter().map(|what| format!("{what}.{stream}.{}", user.name)).collect();
    let allowed: Vec<String> = asked.iter().map(|asked| format!("\"{API}.{asked}\"")).collect();
    let allowed = allowed.join(", ");
    let import = |asked: &String| {
        format!(
            "      {{ service: {{ account: INTEGRATORS, subject: \"$JS.API.{asked}\" }}, to: \"{API}.{asked}\" }}"
        )
    };
    let imports = asked.iter().map(import).collect::<Vec<_>>().join("\n");
    let name = &user.name;
    let sign_in = |key: &str| {
        format!(
            r#"      {{ nkey: {key}, permissions: {{
        publish: {{ allow: [ {allowed}, "{acknowledged}" ] }}
        subscribe: {{ allow: [ "_INBOX_{name}.>" ] }}
      }} }}"#
        )
    };
    let users = user.keys().map(sign_in).collect::<Vec<_>>().join("\n");
    format!(
        r#"  # {name}: {prefix}
  {account} {{
    limits {{ {LIMITS} }}
    users: [
{users}
    ]
    imports: [
{imports}
      {{ service: {{ account: INTEGRATORS, subject: "{acknowledged}" }} }}
    ]
  }}
"#,
        prefix = user.prefix(),
    )
}
