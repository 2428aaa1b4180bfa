//! The public stream under two writers, and after its messages are gone.

use std::time::Duration;

use async_nats::{HeaderMap, jetstream};
use futures::StreamExt as _;
use platform::{
    nats_server::{Account, Reach},
    publication::{
        Mark, Notice, POSITION, Publication, PublicationError, PublicationSettings, Resume,
    },
};
use testkit::nats::TestNats;

async fn publication(nats: &TestNats) -> Publication {
    let reach = Reach::new(&nats.url(), nats.credentials(), "620821".parse().unwrap());
    let settings = PublicationSettings { max_bytes: 16 << 20, max_age: Duration::from_hours(24) };
    Publication::open(&reach, settings).await.unwrap()
}

fn notice(position: u64) -> Notice {
    Notice {
        position,
        subject: "weft.pub.v1.620821.101.203.intake.case_reported".to_owned(),
        headers: HeaderMap::new(),
        body: "{}".into(),
    }
}

/// Publishes up to a position as an outlet does: again from the end when it was overtaken.
async fn publish_up_to(publication: Publication, last: u64) -> u32 {
    let mut overtaken = 0;
    loop {
        let from = publication.resume().await.unwrap();
        if from.after == last {
            return overtaken;
        }
        let next = (from.after + 1)..=(from.after + 7).min(last);
        let notices: Vec<Notice> = next.map(notice).collect();
        match publication.publish(from.last, &notices).await {
            Ok(_) => {}
            Err(PublicationError::Overtaken) => overtaken += 1,
            Err(error) => panic!("{error}"),
        }
    }
}

async fn positions(nats: &TestNats) -> Vec<u64> {
    let context = jetstream::new(nats.client(Account::Out).await);
    let mut stream = context.get_stream("WEFT_PUBLIC_620821").await.unwrap();
    let count = usize::try_from(stream.info().await.unwrap().state.messages).unwrap();
    let consumer = stream.create_consumer(jetstream::consumer::pull::Config::default());
    let messages = consumer.await.unwrap().messages().await.unwrap().take(count);
    messages
        .map(|message| {
            let headers = message.unwrap().message.headers.unwrap();
            headers.get(POSITION).unwrap().as_str().parse::<u64>().unwrap()
        })
        .collect()
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn two_that_publish_at_once_leave_no_gap_and_no_double() {
    let nats = TestNats::start().await;
    let (one, other) = (publication(&nats).await, publication(&nats).await);
    let both = futures::join!(publish_up_to(one, 600), publish_up_to(other, 600));
    assert!(both.0 + both.1 > 0, "they never met");
    assert_eq!(positions(&nats).await, (1..=600).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn where_to_go_on_is_known_when_the_messages_are_gone() {
    let nats = TestNats::start().await;
    let publication = publication(&nats).await;
    assert_eq!(publication.resume().await.unwrap(), Resume::default());
    // Of the log's events only some are public.
    let notices: Vec<Notice> = [2, 5, 9].map(notice).into();
    assert_eq!(publication.publish(0, &notices).await.unwrap(), 3);
    assert_eq!(publication.resume().await.unwrap(), Resume { after: 9, skip: 0, last: 3 });
    publication.mark(Mark { position: 7, sequence: 2 }).await.unwrap();
    let context = jetstream::new(nats.client(Account::Out).await);
    context.get_stream("WEFT_PUBLIC_620821").await.unwrap().purge().await.unwrap();
    assert_eq!(publication.resume().await.unwrap(), Resume { after: 7, skip: 1, last: 3 });
    assert_eq!(publication.publish(3, &[notice(12)]).await.unwrap(), 4);
    assert_eq!(publication.resume().await.unwrap(), Resume { after: 12, skip: 0, last: 4 });
}
