//! `demo`: a stand-in company inside the process. Its people authorise through the real pages, its
//! platform fires real events over real sockets, and the real service archives what there is.

mod company;
mod progress;
mod report;

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use archive::Waits;
use archive::queue::Backoff;
use web::words::Words;

use self::company::Company;
use self::progress::Progress;
use self::report::Report;
use crate::cli::DemoArgs;
use crate::commands::serve::{first_link, readable};
use crate::commands::{Outcome, doctor};
use crate::config::Config;
use crate::lifecycle::Lifecycle;
use crate::wiring::Service;

/// A demonstration's waits: the stand-in's recordings become ready in seconds, not in hours.
fn brisk() -> Waits {
    let from = |first: Duration, longest: u64| Backoff { first, longest: Duration::from_secs(longest) };
    Waits {
        not_ready: from(Duration::from_secs(1), 3_600),
        trouble: from(Duration::from_millis(500), 60),
        meeting: from(Duration::from_secs(1), 3_600),
        ..Waits::default()
    }
}

/// Runs the demonstration; whether everything that can be archived is, and verified.
pub async fn run(args: &DemoArgs, words: Words) -> Result<Outcome> {
    let began = Instant::now();
    let company = Company::open().await?;
    let config = Arc::new(Config::for_demo(args, company.ready())?);
    let life = Lifecycle::new()?;
    let checkup = doctor::checkup(Arc::clone(&config), Vec::new());
    let service = Service::start(&config, brisk(), checkup, &life).await?;
    let base = format!("http://{}", readable(service.address));
    if !args.json {
        println!("{}", words.say_with("demo-open", &[("url", format!("{base}/auth/start").into())]));
        if let Some(url) = first_link(&service, &base).await? {
            println!("{}", words.say_with("serve-first-administrator", &[("url", url.into())]));
        }
        println!(
            "{}",
            words.say_with(
                "demo-files",
                &[("dir", service.archive.store.root().display().to_string().into())]
            )
        );
    }

    let progress = Progress::start(&service, args.json, words);
    let archive = Arc::clone(&service.archive);
    let stop = life.stop.clone();
    let mut outcome = None;
    let ended = life
        .run_until(async {
            let played = async {
                company.authorise_everybody(&base, &archive).await?;
                company.play(&base, &archive).await
            };
            let settled = match played.await {
                Ok(played_at_ms) => company.until_settled(&archive, played_at_ms).await,
                Err(error) => Err(error),
            };
            let report = match settled {
                Ok(()) => Report::draw(&archive, &company, began.elapsed()).await,
                Err(error) => Err(error),
            };
            progress.finish();
            outcome = Some(report);
            if let Some(Ok(report)) = &outcome {
                report.print(args.json, words);
            }
            if !args.exit_when_done && matches!(outcome, Some(Ok(_))) {
                println!("{}", words.say("demo-goes-on"));
                stop.cancelled().await;
            }
        })
        .await;
    service.archive.catalog.db().close().await;
    company.close().await;
    ended?;
    match outcome {
        Some(report) => Ok(Outcome::of(report?.is_complete())),
        // Interrupted before the end: nothing is proved.
        None => Ok(Outcome::Bad),
    }
}
