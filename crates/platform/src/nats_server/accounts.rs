//! The accounts of the server, and the only bridge between any two of them: the mirror of the public
//! stream, which INTEGRATORS reads from OUT.

use kernel::Division;

use super::{
    integrators,
    keys::{Account, Seeds},
};

/// The durable consumer in OUT from which the mirror is filled. Integrators' own names are in lower
/// case, so none is this one.
pub(crate) const MIRROR_CONSUMER: &str = "INTEGRATORS";

/// What stands before the name of an API of OUT where INTEGRATORS imports it.
pub(crate) const OUT_API: &str = "OUT.API";

/// The public stream of a county; its mirror has the same name, in another account.
pub(crate) fn public_stream(county: Division) -> String {
    format!("WEFT_PUBLIC_{county}")
}

/// Where OUT delivers what the mirror takes in.
pub(crate) fn mirror_subject(county: Division) -> String {
    format!("weft.mirror.{}", public_stream(county))
}

/// What the accounts are made of.
pub(super) struct Accounts<'a> {
    pub(super) county: Division,
    pub(super) seeds: &'a Seeds,
}

impl Accounts<'_> {
    /// The body of the block `accounts`.
    ///
    /// What the mirror needs of OUT, and nothing else, crosses: the reset of that one consumer, what
    /// it delivers, and its flow control. INTEGRATORS can neither write to the public stream nor ask
    /// anything of its API. INTEGRATORS itself and an account for each integrator are in a file of
    /// their own; DEVICES comes with MQTT.
    pub(super) fn render(&self) -> String {
        let user =
            |account: Account| format!("users: [ {{ nkey: {} }} ]", self.seeds.public(account));
        let Bridge { reset, delivered, flow } = Bridge::of(self.county);
        format!(
            r#"  CORE {{ jetstream: enabled, {core} }}
  VAULT {{ jetstream: enabled, {vault} }}
  OUT {{
    jetstream: enabled
    {out}
    exports: [
      {{ service: "$JS.{reset}", accounts: [INTEGRATORS] }}
      {{ stream: "{delivered}", accounts: [INTEGRATORS] }}
      {{ service: "{flow}", accounts: [INTEGRATORS] }}
    ]
  }}
  include "{integrators}"
  DEVICES {{}}
  SYS {{}}
"#,
            core = user(Account::Core),
            vault = user(Account::Vault),
            out = user(Account::Out),
            integrators = integrators::FILE,
        )
    }
}

/// The subjects by which the mirror is filled.
struct Bridge {
    /// Without what stands before it.
    reset: String,
    delivered: String,
    flow: String,
}

impl Bridge {
    fn of(county: Division) -> Self {
        let stream = public_stream(county);
        Self {
            reset: format!("API.CONSUMER.RESET.{stream}.{MIRROR_CONSUMER}"),
            delivered: mirror_subject(county),
            flow: format!("$JS.FC.{stream}.{MIRROR_CONSUMER}.>"),
        }
    }
}

/// What the account INTEGRATORS imports of OUT.
pub(super) fn mirror_imports(county: Division) -> String {
    let Bridge { reset, delivered, flow } = Bridge::of(county);
    format!(
        r#"    imports: [
      {{ service: {{ account: OUT, subject: "$JS.{reset}" }}, to: "OUT.{reset}" }}
      {{ stream: {{ account: OUT, subject: "{delivered}" }} }}
      {{ service: {{ account: OUT, subject: "{flow}" }} }}
    ]
"#
    )
}
