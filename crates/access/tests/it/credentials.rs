//! What a person changes of their own account.

use std::time::Duration;

use api::access::v1::{
    self, ConfirmSecondFactorRequest, EnrolSecondFactorRequest, GetAccountRequest,
    SetPasswordRequest, SignInRequest,
};
use data_encoding::BASE32_NOPAD;

use crate::{
    staff::{Member, code, next_code, typed},
    world::{World, fields, reason},
};

const NEW: &str = "a quiet morning on the loess";

pub(crate) async fn a_person_changes_what_is_their_own(world: World) {
    let (mut member, other) = world.operator("li.jingyi").await;
    next_code(&world);
    let signed = world.anybody().sign_in(typed(&world, &member)).await.unwrap().into_inner();
    let mut li = world.holder(&signed.session.unwrap().token);
    next_code(&world);

    let change = |old: &str, new: &str, code: String| SetPasswordRequest {
        old_password: old.into(),
        new_password: new.into(),
        code,
    };
    let now = code(&world, &member.secret, 0);
    let short = li.set_password(change(&member.password, "short", now.clone())).await;
    assert_eq!(fields(short), ["new_password"]);
    let own = li.set_password(change(&member.password, "x li.jingyi 2026", now.clone())).await;
    assert_eq!(fields(own), ["new_password"]);
    let wrong = li.set_password(change("not the old one", NEW, now.clone())).await;
    assert_eq!(reason(wrong), "SIGN_IN_REFUSED", "whoever found the desk open gets no further");
    li.set_password(change(&member.password, NEW, now)).await.unwrap();
    let gone = world.holder(&other.token).renew_session(v1::RenewSessionRequest {}).await;
    assert_eq!(reason(gone), "TOKEN_REVOKED", "the other session has ended");
    li.renew_session(v1::RenewSessionRequest {}).await.unwrap();
    next_code(&world);
    let old = world.anybody().sign_in(typed(&world, &member)).await;
    assert_eq!(reason(old), "SIGN_IN_REFUSED");
    member.password = NEW.into();
    world.anybody().sign_in(typed(&world, &member)).await.unwrap();

    next_code(&world);
    let none = li.confirm_second_factor(ConfirmSecondFactorRequest { code: "1".into() }).await;
    assert_eq!(reason(none), "SECOND_FACTOR_NOT_OFFERED");
    let request =
        EnrolSecondFactorRequest { password: NEW.into(), code: code(&world, &member.secret, 0) };
    let shown = li.enrol_second_factor(request).await.unwrap().into_inner();
    let secret = BASE32_NOPAD.decode(shown.secret.as_bytes()).unwrap();
    assert!(shown.authenticator_url.contains(&shown.secret));
    let mine = li.get_account(GetAccountRequest::default()).await.unwrap().into_inner();
    assert_eq!(mine.offered_secret, shown.secret);
    let by_another = GetAccountRequest { person_id: member.person.clone() };
    let seen = world.security().get_account(by_another).await.unwrap().into_inner();
    assert_eq!((seen.login.as_str(), seen.offered_secret.as_str()), ("li.jingyi", ""));
    let wrong = ConfirmSecondFactorRequest { code: code(&world, &member.secret, 0) };
    assert_eq!(reason(li.confirm_second_factor(wrong).await), "CODE_WRONG");
    next_code(&world);
    // Until the new one is proven, the old one counts.
    world.anybody().sign_in(typed(&world, &member)).await.unwrap();
    next_code(&world);
    let good = ConfirmSecondFactorRequest { code: code(&world, &secret, 0) };
    li.confirm_second_factor(good).await.unwrap();
    next_code(&world);
    let by_old = world.anybody().sign_in(typed(&world, &member)).await;
    assert_eq!(reason(by_old), "SIGN_IN_REFUSED");
    let member = Member { secret, ..member };
    let now = SignInRequest { ..typed(&world, &member) };
    world.anybody().sign_in(now).await.unwrap();
    world.suite.clock().advance(Duration::from_mins(31));
    let idle = li.renew_session(v1::RenewSessionRequest {}).await;
    assert_eq!(reason(idle), "TOKEN_EXPIRED");
}
