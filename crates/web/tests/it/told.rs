//! What pages tell of how things stand: numbers and the lists behind them, how old it is what is known,
//! and what became of what was asked for.

use archive::model::{ArtifactKind, Clock as _, Reason, RecordingState};
use archive::store::Store;
use jiff::tz::TimeZone;
use web::amounts::size;
use web::moments::Moments;
use web::words::{Language, Words};

use crate::house::{ALL, Browser, House};
use crate::rooms::{ADMINISTRATOR, MEMBER, plan, say, signed_in};
use crate::shelf::token;
use crate::storage::post;

const AUDITOR: &str = "李娜";
const WORDS: Words = Words::new(Language::Chinese);
const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// Moments as pages tell them.
fn moments(house: &House) -> Moments {
    Moments { zone: TimeZone::get("Asia/Shanghai").expect("a zone"), now_ms: house.clock.now_ms() }
}

/// What stands on the tile of this name.
fn tile<'a>(page: &'a str, key: &str) -> &'a str {
    let name = format!("<dt>{}</dt>", say(key));
    let tile = page.split(&name).nth(1).and_then(|rest| rest.split("</div>").next());
    tile.unwrap_or_else(|| panic!("{name} is not on {page}"))
}

/// The figure of a tile, taken so.
fn figure(text: &str, mood: &str) -> String {
    if mood.is_empty() {
        format!("<strong>{text}</strong>")
    } else {
        format!("<strong class=\"badge {mood}\">{text}</strong>")
    }
}

/// The row of a table in which this stands.
fn row<'a>(page: &'a str, text: &str) -> &'a str {
    let mut rows = page.split("<tr>").skip(1).filter_map(|rest| rest.split("</tr>").next());
    rows.find(|row| row.contains(text)).unwrap_or_else(|| panic!("{text} is in no row of {page}"))
}

/// Somebody who authorised just now, with these scopes; their open_id.
async fn authorise(house: &House, number: usize, name: &str, scopes: &str) -> String {
    let open_id = format!("ou_{number:032}");
    let values = vec![open_id.as_str().into(), name.into(), house.clock.now_ms().into(), scopes.into()];
    let sql = "INSERT INTO members (open_id, name, state, state_at, authorised_at, scopes)
        VALUES ($1, $2, 'active', $3, $3, $4)";
    house.catalog.db().execute(sql, values).await.unwrap();
    open_id
}

/// So many recordings stand at this: no two numbers are alike, nor are those of two piles.
fn many(state: RecordingState) -> usize {
    1 + RecordingState::ALL.iter().position(|it| *it == state).expect("one of them")
}

fn titled(state: RecordingState) -> String {
    format!("录制 {state}")
}

#[tokio::test]
async fn each_number_of_the_overview_leads_to_the_list_of_what_it_counts() {
    use RecordingState::{Archived, Denied, Failed, Found, Gone, Lost, NoGrant, NoMedia, Waiting};
    let house = plan().build().await;
    let sql = "INSERT INTO recordings (minute_token, state, title, found_at) VALUES ($1, $2, $3, 1)";
    let mut tx = house.catalog.db().begin().await.unwrap();
    let states = RecordingState::ALL.iter().flat_map(|state| std::iter::repeat_n(*state, many(*state)));
    for (number, state) in states.enumerate() {
        let values = vec![token(number).as_str().into(), state.as_str().into(), titled(state).into()];
        tx.execute(sql, values).await.unwrap();
    }
    tx.commit().await.unwrap();

    let mut browser = signed_in(&house, ADMINISTRATOR).await;
    let overview = browser.get(&house, "/overview").await.body;
    assert!(!overview.contains(&say("overview-empty")), "{overview}");
    let tiles: [(&str, &str, &[RecordingState]); 6] = [
        ("overview-to-archive", "/queue?of=to-archive", &[Found]),
        ("overview-archived", "/recordings?shelf=all", &[Archived]),
        ("overview-waiting", "/queue?of=waiting", &[Waiting]),
        ("overview-blocked", "/queue?of=blocked", &[Denied, NoGrant]),
        ("overview-failed", "/queue?of=failed", &[Failed, Lost]),
        ("overview-never", "/queue?of=never", &[Gone, NoMedia]),
    ];
    for (key, path, states) in tiles {
        let count: usize = states.iter().map(|state| many(*state)).sum();
        let link = format!("href=\"{path}\">{count}</a>");
        assert!(tile(&overview, key).contains(&link), "{link} is not on {overview}");
        let list = browser.get(&house, path).await.body;
        for state in RecordingState::ALL {
            // The library has no piles: what is archived stands there among all that nobody has taken away.
            let is_listed = states.contains(state) || (states == [Archived] && !state.is_removed());
            let expected = if is_listed { many(*state) } else { 0 };
            let row = format!("<bdi>{}</bdi>", titled(*state));
            assert_eq!(list.matches(&row).count(), expected, "{state} on {path}: {list}");
        }
    }
}

#[tokio::test]
async fn it_is_told_when_the_last_event_came_and_whether_the_patrol_is_late() {
    let house = plan().build().await;
    let mut browser = signed_in(&house, ADMINISTRATOR).await;
    let never = browser.get(&house, "/overview").await.body;
    for (key, why) in
        [("status-last-event", "overview-no-event"), ("status-last-patrol", "overview-no-patrol")]
    {
        let shown = tile(&never, key);
        assert!(shown.contains(&figure(&say("overview-never-yet"), "warn")), "{shown}");
        assert!(shown.contains(&say(why)), "{shown}");
    }

    authorise(&house, 1, "甲", "").await;
    let event = "INSERT INTO events (event_id, kind, received_at) VALUES ('e', 'x', 0)";
    house.catalog.db().execute(event, Vec::new()).await.unwrap();
    let (came, ended) = ("UPDATE events SET received_at = $1", "UPDATE members SET patrolled_at = $1");
    let moments = moments(&house);
    for (key, sql, ago_ms, mood, why) in [
        ("status-last-event", came, 7 * DAY_MS, "", None),
        ("status-last-event", came, 8 * DAY_MS, "warn", None),
        // A round takes five minutes here; six may be late.
        ("status-last-patrol", ended, 30 * MINUTE_MS, "good", None),
        ("status-last-patrol", ended, 30 * MINUTE_MS + 1, "bad", Some("overview-patrol-stale")),
        ("status-last-patrol", ended, 5 * HOUR_MS, "bad", Some("overview-patrol-stale")),
    ] {
        let at_ms = moments.now_ms - ago_ms;
        house.catalog.db().execute(sql, vec![at_ms.into()]).await.unwrap();
        let page = browser.get(&house, "/overview").await.body;
        let shown = tile(&page, key);
        assert!(shown.contains(&figure(&moments.distance(at_ms, WORDS), mood)), "{shown}");
        let note = why.map_or_else(|| moments.say(Some(at_ms)), say);
        assert!(shown.contains(&format!("<small>{note}</small>")), "{shown}");
    }
}

#[tokio::test]
async fn that_everything_is_paused_is_said_and_that_one_recording_is_paused_is_not() {
    let house = plan().build().await;
    let mut browser = signed_in(&house, ADMINISTRATOR).await;
    for (what, is_said) in [(Some(token(1)), false), (None, true)] {
        house.catalog.pause(what.as_ref(), 1).await.unwrap();
        let page = browser.get(&house, "/overview").await.body;
        assert_eq!(page.contains(&say("overview-paused")), is_said, "{page}");
    }
    house.catalog.resume(None).await.unwrap();
    let page = browser.get(&house, "/overview").await.body;
    assert!(!page.contains(&say("overview-paused")), "{page}");
}

#[tokio::test]
async fn how_long_the_room_lasts_is_told_after_a_day_of_growth() {
    let house = plan().build().await;
    let db = house.catalog.db();
    let recording = "INSERT INTO recordings (minute_token, state, found_at) VALUES ($1, 'archived', 1)";
    db.execute(recording, vec![token(1).as_str().into()]).await.unwrap();
    let media = "INSERT INTO artifacts (minute_token, kind, state) VALUES ($1, 'media', 'done')";
    db.execute(media, vec![token(1).as_str().into()]).await.unwrap();
    let store = Store::open(house.folder.path().join("downloads")).await.unwrap();
    let mut browser = signed_in(&house, ADMINISTRATOR).await;
    // A share of the room came in some time: half a day from any edge, since others write to this disk, too.
    for ([parts, of], age_ms, days, mood) in [
        ([20, 81], 10 * DAY_MS, Some(40_u64), "good"),
        ([20, 41], 10 * DAY_MS, Some(20), "warn"),
        ([2, 5], DAY_MS, Some(2), "warn"),
        ([2, 5], DAY_MS - 1, None, ""),
    ] {
        let usable_bytes = store.room().await.unwrap().usable_bytes;
        assert!(usable_bytes > 0, "this disk is full");
        let bytes = usable_bytes / of * parts;
        let values = vec![i64::try_from(bytes).unwrap().into(), (house.clock.now_ms() - age_ms).into()];
        db.execute("UPDATE artifacts SET bytes = $1, done_at = $2", values).await.unwrap();
        let page = browser.get(&house, "/overview").await.body;
        let shown = tile(&page, "status-bytes");
        assert!(shown.contains(&figure(&size(bytes), mood)), "{mood}: {shown}");
        let free = ("free", "|".into());
        let said = match days {
            Some(days) => WORDS.say_with("overview-room-days", &[free, ("days", days.into())]),
            None => WORDS.say_with("overview-room-no-forecast", &[free]),
        };
        let (before, behind) = said.split_once('|').unwrap();
        assert!(shown.contains(before) && shown.contains(behind), "{said}: {shown}");
    }
}

#[tokio::test]
async fn what_the_platform_said_of_its_own_copy_is_told_beside_ours_and_in_the_list() {
    let house = plan().build().await;
    let path = house.keep(1, MEMBER, "周会").await;
    let mut browser = signed_in(&house, MEMBER).await;
    let moments = moments(&house);
    let [asked_at, there_at, gone_at] = [1, 2, 3].map(|days| moments.now_ms - days * DAY_MS);
    let said = |key: &str, at_ms| WORDS.say_with(key, &[("moment", moments.say(Some(at_ms)).into())]);
    let asked = "INSERT INTO sources (minute_token, asked_at, there_at, gone_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (minute_token) DO UPDATE SET there_at = excluded.there_at, gone_at = excluded.gone_at";
    let answers = [
        None,
        Some((None, None, said("player-source-unknown", asked_at))),
        Some((Some(there_at), None, said("player-source-there", there_at))),
        Some((Some(there_at), Some(gone_at), said("player-source-gone", gone_at))),
        // It came back.
        Some((Some(there_at), None, said("player-source-there", there_at))),
    ];
    for answer in answers {
        let is_gone = answer.as_ref().is_some_and(|(_, gone_at, _)| gone_at.is_some());
        let expected = match answer {
            None => say("player-source-unasked"),
            Some((there_at, gone_at, expected)) => {
                let values = vec![token(1).as_str().into(), asked_at.into(), there_at.into(), gone_at.into()];
                house.catalog.db().execute(asked, values).await.unwrap();
                expected
            }
        };
        let page = browser.get(&house, &path).await.body;
        assert!(page.contains(&format!("<p>{expected}</p>")), "{expected} is not on {page}");
        assert_eq!(page.contains(&say("player-kept-only-here")), is_gone, "{expected}: {page}");
        for list in ["/recordings", "/recordings?view=cards"] {
            let list = browser.get(&house, list).await.body;
            assert_eq!(list.contains(&say("library-only-here")), is_gone, "{expected}: {list}");
        }
    }
}

#[tokio::test]
async fn what_somebody_granted_and_when_that_was_of_use_is_told() {
    let house = plan().build().await;
    let scopes = ALL.user_scopes();
    let (lacking, granted) = scopes.split_last().unwrap();
    let open_id = authorise(&house, 1, "甲", &granted.join(" ")).await;
    authorise(&house, 2, "乙", &scopes.join(" ")).await;
    let moments = moments(&house);
    let [renewed, patrolled, heard] =
        [10 * MINUTE_MS, 3 * HOUR_MS, 2 * DAY_MS].map(|ago_ms| moments.now_ms - ago_ms);
    let db = house.catalog.db();
    let used = "UPDATE members SET patrolled_at = $2, heard_at = $3 WHERE open_id = $1";
    db.execute(used, vec![open_id.as_str().into(), patrolled.into(), heard.into()]).await.unwrap();
    let grant = "INSERT INTO grants
        (open_id, version, key_id, access, access_expires_at, refresh_due_at, refreshed_at)
        VALUES ($1, 1, 'k', $2, $3, $3, $3)";
    let values = vec![open_id.as_str().into(), vec![1_u8].into(), renewed.into()];
    db.execute(grant, values).await.unwrap();

    let page = signed_in(&house, ADMINISTRATOR).await.get(&house, "/people").await.body;
    let (part, whole) = (row(&page, "<bdi>甲</bdi>"), row(&page, "<bdi>乙</bdi>"));
    assert!(part.contains(&format!("<summary>{} / {}</summary>", granted.len(), scopes.len())), "{part}");
    assert!(whole.contains(&format!("<summary>{0} / {0}</summary>", scopes.len())), "{whole}");
    for scope in &scopes {
        let named = format!("{} <code>{scope}</code>", WORDS.scope(scope));
        let (given, refused) = (format!("<li>✓ {named}"), format!("✗</strong> {named}"));
        assert!(whole.contains(&given), "{given} is not in {whole}");
        let expected = if scope == lacking { &refused } else { &given };
        assert!(part.contains(expected), "{expected} is not in {part}");
    }
    assert!(part.contains(&WORDS.reason(Reason::ScopeNotGranted)), "{part}");
    for (key, at_ms) in
        [("people-renewed", renewed), ("people-patrolled", patrolled), ("people-heard", heard)]
    {
        let used = format!("{} {}", say(key), moments.say_with_distance(Some(at_ms), WORDS));
        assert!(part.contains(&used), "{used} is not in {part}");
        let never = format!("{} {}", say(key), moments.say(None));
        assert!(whole.contains(&never), "{never} is not in {whole}");
    }
}

#[tokio::test]
async fn all_who_must_authorise_again_are_asked_at_once_and_nobody_else() {
    let mut plan = plan();
    plan.site.public_url = Some("https://vault.test".parse().unwrap());
    let house = plan.build().await;
    let mut people = Vec::new();
    for (number, state, reason) in [
        (1, "must_authorise", Some("grant_revoked")),
        (2, "must_authorise", Some("grant_used_elsewhere")),
        (3, "active", None),
        (4, "departed", Some("account_unavailable")),
        // However often they click, nothing changes.
        (5, "must_authorise", Some("no_refresh_token")),
    ] {
        let open_id = authorise(&house, number, &format!("同事{number}"), &ALL.user_scopes().join(" ")).await;
        let stands = "UPDATE members SET state = $2, reason = $3 WHERE open_id = $1";
        let values = vec![open_id.as_str().into(), state.into(), reason.into()];
        house.catalog.db().execute(stands, values).await.unwrap();
        people.push(open_id);
    }
    // Nothing says so yet, but what they granted is not enough any more, or its year is over.
    for (number, outdated) in [
        (6, "UPDATE members SET scopes = '' WHERE open_id = $1"),
        (7, "UPDATE members SET authorised_at = authorised_at - 366 * 86400000 WHERE open_id = $1"),
    ] {
        let open_id = authorise(&house, number, &format!("同事{number}"), &ALL.user_scopes().join(" ")).await;
        house.catalog.db().execute(outdated, vec![open_id.as_str().into()]).await.unwrap();
        people.push(open_id);
    }
    let mut browser = signed_in(&house, ADMINISTRATOR).await;
    let page = browser.get(&house, "/people").await.body;
    assert!(page.contains(&format!("{} (4)", say("people-remind-lapsed"))), "{page}");
    for count in [4, 0] {
        let answer = post(&mut browser, &house, "/people/invite", &[("whom", "lapsed")]).await;
        assert_eq!(answer.header("location"), format!("/people?said=invited&count={count}"), "none twice");
    }
    let notices = house.catalog.notices(10).await.unwrap();
    let mut asked: Vec<_> = notices.iter().map(|it| (it.receiver.as_str(), it.matter.as_str())).collect();
    asked.sort_unstable();
    let expected = [0, 1, 5, 6].map(|place: usize| (people[place].as_str(), "invitation"));
    assert_eq!(asked, expected);

    let page = browser.get(&house, "/people?said=invited&count=2").await.body;
    assert!(page.contains(&WORDS.say_with("said-invited", &[("count", 2.into())])), "{page}");
    for (number, is_asked) in [(1, true), (2, true), (3, false), (4, false), (5, false), (6, true), (7, true)]
    {
        let row = row(&page, &format!("<bdi>同事{number}</bdi>"));
        assert_eq!(row.contains(&say("people-being-invited")), is_asked, "{row}");
    }
}

#[tokio::test]
async fn what_came_of_reading_all_files_again_is_told() {
    let house = plan().build().await;
    house.keep(1, MEMBER, "周会").await;
    house.keep(2, MEMBER, "机密年会").await;
    let (db, moments) = (house.catalog.db(), moments(&house));
    let written_at = moments.now_ms - 50 * DAY_MS;
    let written = "UPDATE artifacts SET done_at = $1, verified_at = $1 WHERE state = 'done'";
    db.execute(written, vec![written_at.into()]).await.unwrap();
    for (kind, days) in [("media", 2), ("summary", 40)] {
        let read = "UPDATE artifacts SET verified_at = $3 WHERE minute_token = $1 AND kind = $2";
        let at_ms = moments.now_ms - days * DAY_MS;
        db.execute(read, vec![token(1).as_str().into(), kind.into(), at_ms.into()]).await.unwrap();
    }
    let mut administrator = signed_in(&house, ADMINISTRATOR).await;
    let page = administrator.get(&house, "/storage").await.body;
    for (key, at_ms) in
        [("storage-last-read", moments.now_ms - 2 * DAY_MS), ("storage-oldest-read", written_at)]
    {
        let said = figure(&moments.say_with_distance(Some(at_ms), WORDS), "");
        assert!(tile(&page, key).contains(&said), "{said}: {page}");
    }
    assert!(tile(&page, "storage-read-again").contains(&figure("1 / 6", "")), "{page}");
    assert!(tile(&page, "storage-faults").contains(&figure("0", "good")), "{page}");
    assert!(!page.contains("机密年会"), "{page}");

    let faults = [(ArtifactKind::Media, Reason::FileDamaged), (ArtifactKind::Summary, Reason::FileMissing)];
    for (kind, reason) in faults {
        house.catalog.reopen_artifact(&token(2), kind, reason, "read again").await.unwrap();
    }
    let mut auditor = signed_in(&house, AUDITOR).await;
    for (browser, has_history) in [(&mut administrator, true), (&mut auditor, false)] {
        let page = browser.get(&house, "/storage").await.body;
        assert!(tile(&page, "storage-read-again").contains(&figure("1 / 4", "")), "{page}");
        assert!(tile(&page, "storage-faults").contains(&figure("2", "bad")), "{page}");
        for (kind, reason) in faults {
            let row = row(&page, &WORDS.reason(reason));
            for expected in ["<bdi>机密年会</bdi>", token(2).as_str(), &WORDS.artifact_kind(kind)] {
                assert!(row.contains(expected), "{expected} is not in {row}");
            }
            assert_eq!(row.contains(&format!("href=\"/queue/{}\"", token(2))), has_history, "{row}");
        }
    }
}

#[tokio::test]
async fn messages_are_told_with_what_became_of_them() {
    let house = plan().build().await;
    let mut browser = signed_in(&house, ADMINISTRATOR).await;
    let none = browser.get(&house, "/settings").await.body;
    assert!(none.contains(&say("settings-no-messages")), "{none}");
    let moments = moments(&house);
    let (made_at, sent_at) = (moments.now_ms - 3 * DAY_MS, moments.now_ms - 2 * DAY_MS);
    // Of who has never come here only the id is known.
    let (administrator, member) = (house.person(ADMINISTRATOR), house.person(MEMBER));
    let messages = [
        ("invitation", (member, member), "none", None, ("message-waiting", "note")),
        ("unreachable", (administrator, ADMINISTRATOR), "open", None, ("message-open", "warn")),
        ("ended", (member, member), "over", None, ("message-over", "good")),
        ("standstill", ("webhook", "webhook"), "none", Some("code 502 <b>"), ("message-failed", "bad")),
        ("summary", (member, member), "open", Some("code 230013"), ("message-failed", "bad")),
    ];
    let sql = "INSERT INTO notices
        (id, receiver, matter, about, facts, card, made_at, sent_at, over_at, reason, reason_detail)
        VALUES ($1, $2, $1, '', '{}', $3, $4, $5, $6, $7, $8)";
    for (matter, (receiver, _), card, detail, _) in messages {
        let values = vec![
            matter.into(),
            receiver.into(),
            card.into(),
            made_at.into(),
            (card != "none").then_some(sent_at).into(),
            (card == "over").then_some(moments.now_ms).into(),
            detail.map(|_| "bot_out_of_reach").into(),
            detail.into(),
        ];
        house.catalog.db().execute(sql, values).await.unwrap();
    }
    let page = browser.get(&house, "/settings").await.body;
    assert!(!page.contains(&say("settings-no-messages")), "{page}");
    for (matter, (_, name), card, detail, (state, mood)) in messages {
        let row = row(&page, &format!("<td>{}</td>", say(&format!("card-{matter}-open-title"))));
        let at_ms = if card == "none" { made_at } else { sent_at };
        for expected in [
            format!("<bdi>{name}</bdi>"),
            moments.say_with_distance(Some(at_ms), WORDS),
            format!("<span class=\"badge {mood}\">{}</span>", say(state)),
            detail.unwrap_or_default().replace('<', "&#60;").replace('>', "&#62;"),
        ] {
            assert!(row.contains(&expected), "{expected} is not in {row}");
        }
    }
}

#[tokio::test]
async fn each_page_is_titled_with_whose_archive_it_is() {
    for company in [None, Some("星河 & 科技")] {
        let mut plan = plan();
        plan.site.company_name = company.map(str::to_owned);
        let house = plan.build().await;
        let whose = company.map_or_else(String::new, |name| format!("{} · ", name.replace('&', "&#38;")));
        let (mut nobody, mut somebody) = (Browser::default(), signed_in(&house, ADMINISTRATOR).await);
        let [start, sign_in, nowhere] = [
            ("/auth/start", "start-title"),
            ("/auth/sign-in", "sign-in-title"),
            ("/nowhere", "notice-not-found-title"),
        ];
        let [library, overview, settings] = [
            ("/recordings", "library-heading"),
            ("/overview", "overview-title"),
            ("/settings", "settings-title"),
        ];
        for (browser, pages) in
            [(&mut nobody, [start, sign_in, nowhere]), (&mut somebody, [library, overview, settings])]
        {
            for (path, key) in pages {
                let page = browser.get(&house, path).await.body;
                let title = format!("<title>{} · {whose}{}</title>", say(key), say("site-name"));
                assert!(page.contains(&title), "{title} is not on {page}");
            }
        }
    }
}
