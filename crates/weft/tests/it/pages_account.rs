//! The way in, over the pages: enrolment, sign-in, renewal, sign-out, roles, and what a security
//! administrator does for people.

use std::{collections::BTreeMap, time::Duration};

use api::access::v1::{
    AssignRoleRequest, CreateEnrolmentLinkRequest, RegisterPersonRequest, Role as Word,
    access_service_client::AccessServiceClient,
};
use aws_lc_rs::hmac;
use kernel::Role;
use platform::{auth::scope::ScopeParts, grpc::Bearer};
use testkit::{Db, Suite, until};
use tonic::{service::interceptor::InterceptedService, transport::Channel};

use crate::browser::{Answer, Browser};

const PASSWORD: &str = "泾河水长流不息 2026";

/// A person at a browser that keeps its cookies.
struct Person<'a> {
    suite: &'a Suite,
    jar: BTreeMap<String, String>,
}

impl<'a> Person<'a> {
    fn new(suite: &'a Suite) -> Self {
        Self { suite, jar: BTreeMap::new() }
    }

    fn browser(&self) -> Browser {
        let cookies: Vec<_> =
            self.jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        Browser::new(self.suite.http(), &cookies.join("; "))
    }

    fn keep(&mut self, answer: Answer) -> Answer {
        for (name, value) in &answer.cookies {
            if value.is_empty() {
                self.jar.remove(name);
            } else {
                self.jar.insert(name.clone(), value.clone());
            }
        }
        answer
    }

    async fn get(&mut self, path: &str) -> Answer {
        let answer = self.browser().get(path).await;
        self.keep(answer)
    }

    async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let answer = self.browser().post(path, fields).await;
        self.keep(answer)
    }
}

type Access = AccessServiceClient<InterceptedService<Channel, Bearer>>;

struct County {
    suite: Suite,
}

impl County {
    async fn start() -> Self {
        Self { suite: Suite::start(vec![access::service(), gateway::service()], Db::Sqlite).await }
    }

    fn security(&self) -> Access {
        let scope = ScopeParts { division: Some(self.suite.county()), ..ScopeParts::default() };
        let bearer = self.suite.bearer(Role::SecurityAdministrator, scope);
        AccessServiceClient::with_interceptor(self.suite.channel(), bearer)
    }

    async fn registered(&self, name: &str, roles: &[Word]) -> String {
        let mut security = self.security();
        let person = RegisterPersonRequest {
            request_id: format!("person-{}", self.suite.clock_now().0),
            division: "620821".into(),
            name: name.into(),
            ..Default::default()
        };
        let person = security.register_person(person).await.unwrap().into_inner().person_id;
        self.suite.clock().advance(Duration::from_secs(1));
        for role in roles {
            let given = AssignRoleRequest {
                request_id: format!("{}-{}", role.as_str_name(), self.suite.clock_now().0),
                person_id: person.clone(),
                role: (*role).into(),
                division: "620821".into(),
                ..Default::default()
            };
            security.assign_role(given).await.unwrap();
            self.suite.clock().advance(Duration::from_secs(1));
        }
        person
    }

    async fn link(&self, person: &str) -> String {
        let request = CreateEnrolmentLinkRequest {
            request_id: format!("link-{}", self.suite.clock_now().0),
            person_id: person.into(),
            ttl_seconds: 0,
        };
        let made = self.security().create_enrolment_link(request).await.unwrap().into_inner();
        format!("/enrol/{}", made.code)
    }

    /// What the authenticator shows now.
    fn code(&self, secret: &[u8]) -> String {
        let step = self.suite.clock_now().0 / 30_000;
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
        let tag = hmac::sign(&key, &step.to_be_bytes());
        let at = usize::from(tag.as_ref()[19] & 15);
        let four: [u8; 4] = tag.as_ref()[at..at + 4].try_into().unwrap();
        format!("{:06}", (u32::from_be_bytes(four) & 0x7fff_ffff) % 1_000_000)
    }

    fn next_code(&self) {
        self.suite.clock().advance(Duration::from_secs(31));
    }
}

/// The secret that an enrolment page shows.
fn secret(page: &Answer) -> Vec<u8> {
    let shown = page.body.split("factor-secret\">").nth(1).unwrap().split('<').next().unwrap();
    let shown: String = shown.chars().filter(char::is_ascii_alphanumeric).collect();
    data_encoding::BASE32_NOPAD.decode(shown.as_bytes()).unwrap()
}

/// Enrols through the pages; answers the secret and what the last page answered.
async fn enrol(
    county: &County,
    who: &mut Person<'_>,
    link: &str,
    login: &str,
) -> (Vec<u8>, Answer) {
    assert_eq!(who.get(link).await.status, 200);
    let begun = who.post(link, &[]).await;
    assert_eq!((begun.status, begun.location.as_str()), (303, "/enrol"), "{}", begun.body);
    let page = who.get("/enrol").await;
    assert!(page.status == 200 && page.has("factor-qr"), "{}", page.body);
    let secret = secret(&page);
    let code = county.code(&secret);
    let form = [("login", login), ("password", PASSWORD), ("again", PASSWORD), ("code", &code)];
    (secret, who.post("/enrol", &form).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn from_a_link_to_a_copied_cookie_that_is_refused() {
    let county = County::start().await;
    let person = county.registered("li", &[Word::Operator]).await;
    let link = county.link(&person).await;
    let mut li = Person::new(&county.suite);

    li.get(&link).await;
    li.post(&link, &[]).await;
    let page = li.get("/enrol").await;
    let secret = secret(&page);
    let wrong = [("login", "li.jingyi"), ("password", PASSWORD), ("again", "x"), ("code", "1")];
    let kept = li.post("/enrol", &wrong).await;
    assert_eq!(kept.status, 422);
    assert!(kept.has("value=\"li.jingyi\"") && !kept.has(PASSWORD), "{}", kept.body);
    assert_eq!(self::secret(&kept), secret, "the same secret again");
    let code = county.code(&secret);
    let good =
        [("login", "li.jingyi"), ("password", PASSWORD), ("again", PASSWORD), ("code", &code)];
    let done = li.post("/enrol", &good).await;
    assert_eq!((done.status, done.location.as_str()), (303, "/console"), "{}", done.body);
    assert_eq!(li.jar.keys().collect::<Vec<_>>(), ["weft"], "the enrolment's cookie is gone");
    assert_eq!(li.get("/account").await.status, 200);
    let again = Person::new(&county.suite).post(&link, &[]).await;
    assert!(again.status == 422 && again.has("SIGN_IN_LINK_USED"), "{}", again.body);

    let mut stolen = Person::new(&county.suite);
    stolen.jar = li.jar.clone();
    assert_eq!(stolen.get("/account").await.status, 200);
    let out = li.post("/sign-out", &[]).await;
    assert_eq!((out.status, li.jar.len()), (303, 0));
    until("the copied cookie is refused", || async {
        let mut thief = Person::new(&county.suite);
        thief.jar = stolen.jar.clone();
        thief.get("/account").await.status != 200
    })
    .await;

    county.next_code();
    let code = county.code(&secret);
    let mut desk = Person::new(&county.suite);
    let wrong = [("login", "li.jingyi"), ("password", "not the password"), ("code", &*code)];
    let refused = desk.post("/sign-in", &wrong).await;
    assert_eq!(refused.status, 422);
    assert!(refused.has("value=\"li.jingyi\"") && !refused.has("not the password"));
    let good =
        [("login", "li.jingyi"), ("password", PASSWORD), ("code", &*code), ("back", "/account")];
    let signed = desk.post("/sign-in", &good).await;
    assert_eq!((signed.status, signed.location.as_str()), (303, "/account"), "{}", signed.body);

    let first = desk.jar["weft"].clone();
    county.suite.clock().advance(Duration::from_mins(4));
    desk.get("/account").await;
    assert_eq!(desk.jar["weft"], first, "a fresh token stays");
    county.suite.clock().advance(Duration::from_mins(2));
    desk.get("/account").await;
    assert_ne!(desk.jar["weft"], first, "a visit renews it");
    county.suite.clock().advance(Duration::from_mins(31));
    assert_eq!(desk.get("/account").await.status, 303, "a desk that was left is signed out");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_several_roles_chooses() {
    let county = County::start().await;
    let person = county.registered("li", &[Word::Operator, Word::Supervisor]).await;
    let link = county.link(&person).await;
    let mut li = Person::new(&county.suite);
    let (_, done) = enrol(&county, &mut li, &link, "li.jingyi").await;
    assert_eq!((done.status, done.location.as_str()), (303, "/account/role?back="));
    let page = li.get(&done.location).await;
    let assignment = page.value("back").clone();
    assert_eq!(assignment, "");
    let supervises = page.body.split("name=\"assignment\" value=\"").nth(1).unwrap();
    let supervises = supervises.split('"').next().unwrap();
    let old = li.jar["weft"].clone();
    let taken = li.post("/account/role", &[("assignment", supervises), ("back", "")]).await;
    assert_eq!((taken.status, taken.location.as_str()), (303, "/console"), "{}", taken.body);
    assert_ne!(li.jar["weft"], old);
    let page = li.get("/account").await;
    assert!(page.has("督办"), "{}", page.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_security_administrator_looks_after_people() {
    let county = County::start().await;
    let admin = county.registered("chen", &[Word::SecurityAdministrator]).await;
    let link = county.link(&admin).await;
    let mut chen = Person::new(&county.suite);
    let (_, done) = enrol(&county, &mut chen, &link, "chen.lu").await;
    assert_eq!(done.location, "/console/people");
    let person = county.registered("李静怡", &[]).await;
    county.suite.settled().await;
    let found = chen.get("/console/people?q=%E9%9D%99%E6%80%A1").await;
    assert!(found.status == 200 && found.has(&person), "{}", found.body);
    assert!(!found.has(&admin), "only who has the name: {}", found.body);
    let by_id = chen.get(&format!("/console/people?q={person}")).await;
    assert_eq!(by_id.location, format!("/console/people/{person}"));

    let page = chen.get(&by_id.location).await;
    let request_id = page.value("request_id");
    let give = |role, division| {
        [("what", "give"), ("request_id", &*request_id), ("role", role), ("division", division)]
    };
    let wrong = chen.post(&by_id.location, &give("operator", "kept-words")).await;
    assert!(wrong.status == 422 && wrong.has("kept-words"), "{}", wrong.body);
    let given = chen.post(&by_id.location, &give("operator", "620821101")).await;
    assert_eq!(given.status, 303, "{}", given.body);
    let page = chen.get(&given.location).await;
    assert!(page.has("值班调度"), "{}", page.body);
    let form = [("what", "link"), ("request_id", "l1")];
    let made = chen.post(&by_id.location, &form).await;
    let link = made.body.split("/enrol/").nth(1).unwrap().split('<').next().unwrap();
    let mut li = Person::new(&county.suite);
    let (_, done) = enrol(&county, &mut li, &format!("/enrol/{link}"), "li.jingyi").await;
    assert_eq!(done.location, "/console");
    let out = chen.post(&by_id.location, &[("what", "sessions"), ("request_id", "e1")]).await;
    assert_eq!(out.status, 303, "{}", out.body);
    until("she is out", || async {
        let mut again = Person::new(&county.suite);
        again.jar = li.jar.clone();
        again.get("/account").await.status == 303
    })
    .await;
    assert_eq!(Person::new(&county.suite).get("/console/people").await.status, 303);
}
