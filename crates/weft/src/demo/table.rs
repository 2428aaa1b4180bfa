//! What the demo prints: where everything is, and one link a role that signs in once.

use anyhow::Context as _;
use api::access::v1::CreateSignInLinkRequest;
use futures::future::try_join_all;
use kernel::{Clock as _, Division};

use super::{
    people::People,
    prepare::word,
    world::{Job, Staff, World},
};
use crate::{client::refusal, clock::SystemClock};

/// The kind of body whose clerk the visitor may be: 村镇建设服务中心.
const CLERKS_BODY: &str = "d001";

/// How long a link can be used, and a session of it lasts, in seconds.
const TERMS: (i64, i64) = (24 * 3_600, 12 * 3_600);

/// Where things are.
pub(super) struct Places<'a> {
    pub(super) url: &'a str,
    pub(super) grpc: &'a str,
    pub(super) nats: Option<&'a str>,
    pub(super) data: String,
}

/// Everything that a visitor needs.
pub(super) async fn whole(people: &People, places: &Places<'_>) -> anyhow::Result<String> {
    let Places { url, grpc, nats, data } = places;
    let world = &people.world;
    let yours = world.yours;
    let name = world.places.iter().find(|place| place.grid == yours).map(|place| &place.name);
    let name = name.map_or("", String::as_str);
    let mut lines = vec![
        String::new(),
        format!("  泾川县 (620821) · 演示 demo · synthetic, from seed {}", world.seed),
        String::new(),
        row("居民 resident page", &format!("{url}/")),
        row("扫码上报 QR of a grid", &format!("{url}/q/{yours}")),
        row("工作台 work", &format!("{url}/work")),
        row("调度台 console", &format!("{url}/console")),
        row("大屏 screen", &format!("{url}/screen")),
        row("gRPC", grpc),
    ];
    lines.extend(nats.map(|nats| row("NATS", nats)));
    lines.push(row("指标 metrics", &format!("{url}/metrics")));
    lines.push(String::new());
    lines.push(links(people, url).await?);
    lines.push(String::new());
    lines.push(format!("  留给您 yours: 党原镇 {name} {yours}"));
    lines.push(
        "    演示程序不处理该网格的工单, 请您来办 · nobody else acts on the orders of this grid"
            .to_owned(),
    );
    let again = if data == super::FOLDER {
        "weft demo links".to_owned()
    } else {
        format!("weft demo links --data {data}")
    };
    lines.push(format!("  新链接 fresh links: {again}"));
    lines.push(
        "  停止 stop: Ctrl-C; 再次启动接着演 · started again, it goes on where it was".to_owned(),
    );
    lines.push(String::new());
    Ok(lines.join("\n"))
}

/// One link a role, each of which signs in once.
pub(super) async fn links(people: &People, url: &str) -> anyhow::Result<String> {
    let made = roles(&people.world)?.into_iter().map(|(title, staff)| async move {
        anyhow::Ok(row(&title, &link(people, staff, url).await?))
    });
    let mut lines = vec![
        "  登录链接, 每个只能用一次, 24 小时内有效 · sign-in links, each for one use within 24 hours"
            .to_owned(),
    ];
    lines.extend(try_join_all(made).await?);
    Ok(lines.join("\n"))
}

/// Whom a visitor may be.
fn roles(world: &World) -> anyhow::Result<Vec<(String, &Staff)>> {
    let (yours, county) = (world.yours.to_string(), world.county.to_string());
    let township = world.yours.village().township().context("a grid lies in a township")?;
    let clerk = clerk(world, township).unwrap_or_default();
    let township = township.to_string();
    [
        ("县调度员 county operator", Job::Operator, &county),
        ("党原镇调度员 township operator", Job::Operator, &township),
        ("网格员 grid member", Job::Member, &yours),
        ("村镇建设中心 department clerk", Job::Clerk, &clerk),
        ("核查员 verifier", Job::Verifier, &township),
        ("督办 supervisor", Job::Supervisor, &county),
        ("管理员 administrator", Job::Administrator, &county),
    ]
    .into_iter()
    .map(|(title, job, place)| {
        let staff = world.at(job, place).with_context(|| format!("nobody is the {title}"))?;
        Ok((title.to_owned(), staff))
    })
    .collect()
}

/// The body of a township whose clerk the visitor may be.
fn clerk(world: &World, township: Division) -> Option<String> {
    let mut bodies = world.bodies.iter();
    let body = bodies.find(|body| body.kind == CLERKS_BODY && body.division == township)?;
    Some(body.id.to_string())
}

async fn link(people: &People, staff: &Staff, url: &str) -> anyhow::Result<String> {
    let scope = staff.scope(None);
    let request = CreateSignInLinkRequest {
        request_id: format!("demo-{}-{:?}-{}", SystemClock.now().0, staff.job, staff.division),
        person_id: staff.person.to_string(),
        role: word(staff.job).into(),
        division: scope.division.map(|division| division.to_string()).unwrap_or_default(),
        grid: scope.grid.map(|grid| grid.to_string()).unwrap_or_default(),
        organisation_id: scope.org.map(|org| org.to_string()).unwrap_or_default(),
        ttl_seconds: TERMS.0,
        session_seconds: TERMS.1,
    };
    let mut access = people.access(people.security()?);
    let made = access.create_sign_in_link(request).await;
    let made = made.map_err(|status| anyhow::anyhow!(refusal(&status)))?.into_inner();
    Ok(format!("{}/sign-in/{}", url.trim_end_matches('/'), made.code))
}

/// A name and a value, in columns: a Chinese character is two wide.
fn row(name: &str, value: &str) -> String {
    let wide: usize = name.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
    format!("  {name}{}  {value}", " ".repeat(34_usize.saturating_sub(wide)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_below_each_other_in_both_scripts() {
        assert_eq!(row("gRPC", "x").len(), 2 + 34 + 2 + 1);
        // Four characters of three bytes and two columns each.
        assert_eq!(row("指标指标", "x").len(), 2 + 34 + 4 + 2 + 1);
    }
}
