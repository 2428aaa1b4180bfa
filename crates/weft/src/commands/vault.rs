//! `weft vault status` and `weft vault rotate`: under which master key the persons' keys are sealed.

use std::process::ExitCode;

use anyhow::Context as _;
use api::admin::v1::{
    GetVaultRequest, RotateVaultRequest, VaultKeys, admin_service_client::AdminServiceClient,
};
use platform::vault::Keyring;

use crate::{
    cli::{SuiteArgs, Vault},
    client::{administrator, configuration, refusal},
    output,
};

pub(super) async fn run(what: Vault) -> anyhow::Result<ExitCode> {
    match what {
        Vault::Status { suite } => status(&suite).await?,
        Vault::Rotate { suite } => rotate(&suite).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn status(suite: &SuiteArgs) -> anyhow::Result<()> {
    let keys = asked(suite).await?;
    let VaultKeys { generation, current, left, replaced, restricted, erased } = keys;
    output::line(&format!("generation\t{generation}"));
    output::line(&format!("keys under it\t{current}"));
    output::line(&format!("keys under an older one\t{left}"));
    output::line(&format!("replaced, not overwritten yet\t{replaced}"));
    output::line(&format!("persons restricted\t{restricted}"));
    output::line(&format!("persons erased\t{erased}"));
    Ok(())
}

async fn rotate(suite: &SuiteArgs) -> anyhow::Result<()> {
    let (config, _) = configuration(&suite.settings, &[])?;
    let folder = config.data_dir.join("keys");
    let before = asked(suite).await?;
    let newest = Keyring::newest_in(&folder)?.with_context(|| {
        format!(
            "{} has no master key: name the data folder of the suite with --data",
            folder.display()
        )
    })?;
    // A rotation that was cut short is ended before another begins.
    if newest <= before.generation && before.left == 0 && before.replaced == 0 {
        let made = Keyring::create_next(&folder)?;
        output::note(&format!("generation {made} of the master key is in {}", folder.display()));
    } else {
        output::note("a rotation was cut short: it goes on");
    }
    let (channel, bearer) = administrator(suite).await?;
    let refused = |status: tonic::Status| anyhow::anyhow!(refusal(&status));
    let mut answers = AdminServiceClient::with_interceptor(channel, bearer)
        .rotate_vault(RotateVaultRequest {})
        .await
        .map_err(refused)?
        .into_inner();
    let keys = loop {
        let answer = answers.message().await.map_err(refused)?.context(
            "the suite ended before every key was sealed anew; run `weft vault rotate` again",
        )?;
        let keys = answer.keys.unwrap_or_default();
        if answer.done {
            break keys;
        }
    };
    output::line(&format!(
        "{} keys are sealed under generation {}; older files of the master key are needed no more, \
         except for copies of the vault from before",
        keys.current, keys.generation
    ));
    Ok(())
}

async fn asked(suite: &SuiteArgs) -> anyhow::Result<VaultKeys> {
    let (channel, bearer) = administrator(suite).await?;
    let answer = AdminServiceClient::with_interceptor(channel, bearer)
        .get_vault(GetVaultRequest {})
        .await
        .map_err(|status| anyhow::anyhow!(refusal(&status)))?;
    Ok(answer.into_inner().keys.unwrap_or_default())
}
