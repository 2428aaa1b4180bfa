//! `GetNotificationRules` and `PutNotificationRules`: who is told of what, and in which words. They are
//! the county's.

use api::dispatch::v1::{
    Audience, GetNotificationRulesRequest, GetNotificationRulesResponse, NotificationChannel,
    NotificationRoute, NotificationTemplate, PutNotificationRulesRequest,
    PutNotificationRulesResponse,
};
use contracts::{
    dispatch::notification::{NotificationRulesEvent, Route, Transition},
    subject,
};
use kernel::id::RecordId;
use platform::{
    auth::Placement,
    executor::{Target, derived_key},
    grpc::{ServiceError, Violations, call::Call},
};
use tonic::Request;

use super::Post;
use crate::{
    domain::notification::{
        rules::Command,
        shipped,
        template::{MAX_CHARS, Template, unknown_place},
    },
    projections::notification_rules::{self, InForce},
};

const MAX_ROUTES: usize = 200;
const MAX_CHANNELS: usize = 3;

impl Post {
    pub(super) async fn get_notification_rules(
        &self,
        request: Request<GetNotificationRulesRequest>,
    ) -> Result<GetNotificationRulesResponse, ServiceError> {
        let _call = Call::of(&request)?;
        let message = request.into_inner();
        self.context.wait(&self.rules, message.min_position.map(Into::into)).await?;
        let position = self.context.position(&self.rules);
        let InForce { rule_version, routes, .. } = notification_rules::find(&self.rules, None)
            .unwrap_or_else(|| InForce { routes: shipped::routes(), ..InForce::default() });
        let templates = self.wording.every(rule_version).await.unwrap_or_default();
        Ok(GetNotificationRulesResponse {
            rule_version,
            routes: routes.iter().map(shown).collect(),
            templates: templates
                .into_iter()
                .map(|Template { transition, zh, en }| NotificationTemplate {
                    transition,
                    text_zh: zh,
                    text_en: en,
                })
                .collect(),
            position: Some(position.into()),
        })
    }

    pub(super) async fn put_notification_rules(
        &self,
        request: Request<PutNotificationRulesRequest>,
    ) -> Result<PutNotificationRulesResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let request_id = v.request_id(&message.request_id);
        let routes = routes(&mut v, &message.routes);
        let templates = templates(&mut v, &message.templates);
        v.finish()?;
        let (Some(request_id), Some(routes), Some(templates)) = (request_id, routes, templates)
        else {
            unreachable!("checked above")
        };
        let county = self.context.county;
        call.principal.require(&Placement::of_division(county))?;
        let request = call.request(request_id, "PutNotificationRules", &message);
        // The same templates are the same record.
        let written = serde_json::to_vec(&templates).map_err(ServiceError::internal)?;
        let record = RecordId::new(county, derived_key(&[b"notification templates", &written]));
        self.wording.store(&record, &templates).await?;
        let id = subject::notification_rules_id(county);
        let target = Target {
            subject: subject::notification_rules(&id),
            id: id.to_string(),
            creates: false,
        };
        let by = call.principal.person.clone();
        let make = move |at| Command::PutNotificationRules {
            at,
            routes: routes.clone(),
            templates: record.clone(),
            by: by.clone(),
        };
        let done = self.own_rules.execute(target, request, make).await?;
        // A version is an event: where nothing changed it is the last.
        let put = done.events.iter().map(|event| {
            let NotificationRulesEvent::NotificationRulesPut(put) = event;
            put.rule_version
        });
        let rule_version = put.max().unwrap_or(u32::try_from(done.version).unwrap_or_default());
        let position = Some(done.position.into());
        Ok(PutNotificationRulesResponse { version: done.version, position, rule_version })
    }
}

fn shown(route: &Route) -> NotificationRoute {
    let audience = Audience::from_str_name(&api::name(&route.audience, "AUDIENCE_"));
    let channel = |channel| {
        let name = api::name(channel, "NOTIFICATION_CHANNEL_");
        NotificationChannel::from_str_name(&name).unwrap_or_default().into()
    };
    NotificationRoute {
        transition: route.transition.to_string(),
        audience: audience.unwrap_or_default().into(),
        channels: route.channels.iter().map(channel).collect(),
    }
}

fn transition(v: &mut Violations, field: &str, text: &str) -> Option<Transition> {
    let found = text.parse().ok();
    if found.is_none() {
        v.push(
            field,
            "nobody can be told of such an event: choose a transition of the list in force",
            "没有这种流转环节，请从现行规则中选择",
        );
    }
    found
}

fn routes(v: &mut Violations, given: &[NotificationRoute]) -> Option<Vec<Route>> {
    if given.len() > MAX_ROUTES {
        v.push(
            "routes",
            format!("these are more than {MAX_ROUTES}"),
            format!("最多{MAX_ROUTES}项"),
        );
        return None;
    }
    let mut routes: Vec<Route> = Vec::with_capacity(given.len());
    for route in given {
        let transition = transition(v, "routes.transition", &route.transition)?;
        let audience = api::word(route.audience().as_str_name(), "AUDIENCE_");
        let audience = v.required("routes.audience", audience)?;
        let said = |known: &Route| known.transition == transition && known.audience == audience;
        if routes.iter().any(said) {
            v.push(
                "routes",
                format!("{transition} is said twice of this audience: leave one out"),
                format!("{transition} 的同一对象重复，请只保留一项"),
            );
            return None;
        }
        let mut channels = Vec::new();
        for channel in route.channels().take(MAX_CHANNELS + 1) {
            let channel = api::word(channel.as_str_name(), "NOTIFICATION_CHANNEL_");
            let channel = v.required("routes.channels", channel)?;
            if !channels.contains(&channel) {
                channels.push(channel);
            }
        }
        routes.push(Route { transition, audience, channels });
    }
    Some(routes)
}

fn templates(v: &mut Violations, given: &[NotificationTemplate]) -> Option<Vec<Template>> {
    let mut templates: Vec<Template> = Vec::with_capacity(given.len().min(Transition::ALL.len()));
    for template in given {
        let word = transition(v, "templates.transition", &template.transition)?.to_string();
        if templates.iter().any(|known| known.transition == word) {
            v.push(
                "templates",
                format!("{word} has two templates: leave one out"),
                format!("{word} 有两个模板，请只保留一个"),
            );
            return None;
        }
        let zh = text(v, "templates.text_zh", &template.text_zh);
        let en = text(v, "templates.text_en", &template.text_en);
        templates.push(Template { transition: word, zh: zh?, en: en? });
    }
    Some(templates)
}

fn text(v: &mut Violations, field: &str, text: &str) -> Option<String> {
    let text = v.required_text(field, text, MAX_CHARS)?;
    if let Some(place) = unknown_place(&text) {
        v.push(
            field,
            format!(
                "{place} is no place: there are {{case}}, {{work_order}}, {{category}}, {{due}}"
            ),
            format!(
                "{place} 不是可用的占位符：可用 {{case}}、{{work_order}}、{{category}}、{{due}}"
            ),
        );
        return None;
    }
    if text.contains('\n') {
        v.push(field, "a template is one line", "模板须为一行");
        return None;
    }
    Some(text)
}
