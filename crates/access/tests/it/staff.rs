//! People with accounts, as the tests of signing in need them.

use std::time::Duration;

use api::access::v1::{
    self, BeginEnrolmentRequest, CompleteEnrolmentRequest, CreateEnrolmentLinkRequest,
    GetEnrolmentRequest, SessionToken, SignInRequest,
};
use aws_lc_rs::hmac;
use data_encoding::BASE32_NOPAD;

use crate::world::{Client, World, person, role};

pub(crate) const PASSWORD: &str = "泾河水长流不息 2026";

/// Somebody with an account.
pub(crate) struct Member {
    pub(crate) person: String,
    pub(crate) login: String,
    pub(crate) password: String,
    /// Of the second factor.
    pub(crate) secret: Vec<u8>,
}

/// What the authenticator shows for a secret at this moment, so many steps away.
pub(crate) fn code(world: &World, secret: &[u8], away: i64) -> String {
    let step = world.suite.context().clock.now().0 / 30_000 + away;
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let at = usize::from(tag.as_ref()[19] & 15);
    let four: [u8; 4] = tag.as_ref()[at..at + 4].try_into().unwrap();
    format!("{:06}", (u32::from_be_bytes(four) & 0x7fff_ffff) % 1_000_000)
}

/// Lets so much time pass that the authenticator shows another code.
pub(crate) fn next_code(world: &World) {
    world.suite.clock().advance(Duration::from_secs(31));
}

impl World {
    /// Registers a person; the name of the request is the person's own.
    pub(crate) async fn registered(&self, name: &str) -> String {
        let registered = self.administrator().register_person(person(name, "620821")).await;
        registered.unwrap().into_inner().person_id
    }

    /// Gives a person a role, and answers the assignment.
    pub(crate) async fn gives(&self, id: &str, person: &str, what: v1::Role) -> String {
        let request = v1::AssignRoleRequest { role: what.into(), ..role(id, person, "620821101") };
        self.security().assign_role(request).await.unwrap().into_inner().assignment_id
    }

    /// Makes a link by which a person sets up an account.
    pub(crate) async fn link(&self, id: &str, person: &str) -> String {
        let request = CreateEnrolmentLinkRequest {
            request_id: id.into(),
            person_id: person.into(),
            ttl_seconds: 0,
        };
        self.security().create_enrolment_link(request).await.unwrap().into_inner().code
    }

    /// Begins an enrolment, and answers its holder's client with the secret that is shown.
    pub(crate) async fn begins(&self, code: &str) -> (Client, Vec<u8>) {
        let request = BeginEnrolmentRequest { code: code.into() };
        let begun = self.anybody().begin_enrolment(request).await.unwrap().into_inner();
        let mut holder = self.holder(&begun.token);
        let shown = holder.get_enrolment(GetEnrolmentRequest {}).await.unwrap().into_inner();
        (holder, BASE32_NOPAD.decode(shown.secret.as_bytes()).unwrap())
    }

    /// Sets up the account of a person.
    pub(crate) async fn enrols(&self, person: &str, login: &str) -> (Member, Option<SessionToken>) {
        let link = self.link(&format!("link-{login}"), person).await;
        let (mut holder, secret) = self.begins(&link).await;
        let request = CompleteEnrolmentRequest {
            login: login.into(),
            password: PASSWORD.into(),
            code: code(self, &secret, 0),
        };
        let session = holder.complete_enrolment(request).await.unwrap().into_inner().session;
        let (person, login) = (person.to_owned(), login.to_owned());
        (Member { person, login, password: PASSWORD.into(), secret }, session)
    }

    /// A registered operator with an account, and the session that began with it.
    pub(crate) async fn operator(&self, login: &str) -> (Member, SessionToken) {
        let person = self.registered(login).await;
        self.gives(&format!("role-{login}"), &person, v1::Role::Operator).await;
        let (member, session) = self.enrols(&person, login).await;
        (member, session.unwrap())
    }
}

/// What somebody types who signs in with the code of this moment.
pub(crate) fn typed(world: &World, member: &Member) -> SignInRequest {
    SignInRequest {
        login: member.login.clone(),
        password: member.password.clone(),
        code: code(world, &member.secret, 0),
        assignment_id: String::new(),
    }
}
