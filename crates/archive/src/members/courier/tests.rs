//! The courier at its end of the pipes. What it does as a process of its own is in `e2e`.

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, duplex, split};

use super::outcomes::tests::{keep, renewal, renewed};
use super::wire::{Said, line};
use super::*;
use crate::model::{Reason, SystemClock};

/// Settings for a platform that nobody may ask: its port is closed.
fn nowhere() -> feishu::Settings {
    let base: url::Url = "http://127.0.0.1:1".parse().unwrap();
    feishu::Settings {
        app: feishu::AppCredentials { app_id: "cli_test".to_owned(), app_secret: "app-secret".into() },
        open_base: base.clone(),
        accounts_base: base,
        allow_private_media: false,
        user_agent: "test".to_owned(),
        rate_factor: 1.0,
    }
}

#[tokio::test]
async fn asked_again_for_a_renewal_that_was_made_it_leaves_the_platform_alone() {
    let folder = tempfile::tempdir().unwrap();
    let outcomes = Outcomes::open(folder.path().to_owned(), [7; 32]).unwrap();
    let (made, not_made) = (renewal("ou_a", 1), renewal("ou_a", 2));
    keep(&outcomes, &made, &renewed("rt")).await;

    let (ours, theirs) = duplex(1 << 16);
    let (orders, reports) = split(theirs);
    let courier = tokio::spawn(carry(BufReader::new(orders), reports, Arc::new(SystemClock)));
    let (said, mut orders) = split(ours);
    let mut said = BufReader::new(said).lines();
    orders.write_all(&line(&Hello::new(&nowhere(), &outcomes)).unwrap()).await.unwrap();
    let mut hears = async || serde_json::from_str::<Said>(&said.next_line().await.unwrap().unwrap()).unwrap();
    assert!(matches!(hears().await, Said::Ready));

    orders.write_all(&line(&Order::new(&made, "spent")).unwrap()).await.unwrap();
    assert!(matches!(hears().await, Said::Done(about, Report::Kept) if about == made));
    orders.write_all(&line(&Order::new(&not_made, "rt")).unwrap()).await.unwrap();
    let Said::Done(about, Report::Refused(refusal)) = hears().await else { panic!() };
    assert_eq!((about, refusal.reason), (not_made, Reason::PlatformTrouble));

    // The service is killed in the middle of a line.
    orders.write_all(b"{\"renewal\":{\"open_id\":\"ou_a\"").await.unwrap();
    orders.shutdown().await.unwrap();
    courier.await.unwrap().unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "the lock and one outcome");
}

#[tokio::test]
async fn without_room_for_its_outcome_no_exchange_is_begun() {
    let folder = tempfile::tempdir().unwrap();
    let outcomes = Outcomes::open(folder.path().join("renewals"), [7; 32]).unwrap();
    let client = feishu::Client::new(nowhere()).unwrap();
    let exchange = Exchange::new(client, outcomes.clone(), Arc::new(SystemClock));
    std::fs::remove_dir(outcomes.folder()).unwrap();
    let report = exchange.run(&Order::new(&renewal("ou_a", 1), "rt")).await;
    let Report::Refused(refusal) = report else { panic!() };
    assert_eq!(refusal.reason, Reason::DataDirNotWritable);
}

async fn reason_of_a_renewal_by(program: &'static str) -> Reason {
    let folder = tempfile::tempdir().unwrap();
    let client = feishu::Client::new(nowhere()).unwrap();
    let courier =
        Courier::in_process(folder.path().to_owned(), &client, &Seal::new(&[7; 32]), Arc::new(SystemClock));
    let courier = courier.unwrap().by(move || Command::new(program), &nowhere());
    match courier.renew(&renewal("ou_a", 1), &"rt".into()).await {
        Report::Refused(refusal) => refusal.reason,
        Report::Kept => panic!("there is nobody who could have renewed it"),
    }
}

#[tokio::test]
async fn where_no_process_can_be_started_this_one_makes_the_exchange() {
    assert_eq!(reason_of_a_renewal_by("/nonexistent/program").await, Reason::PlatformTrouble);
}

#[tokio::test]
async fn a_courier_that_ends_without_a_word_is_trouble_and_no_refusal() {
    assert_eq!(reason_of_a_renewal_by("true").await, Reason::RenewalInterrupted);
}
