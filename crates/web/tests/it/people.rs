//! The table of people and what the overview says of them: whose authorisation ends when.

use archive::members::Features;
use archive::model::Clock as _;

use crate::house::House;
use crate::rooms::{ADMINISTRATOR, plan, say, signed_in};

const DAY_MS: i64 = 86_400_000;
const GRANT_DAYS: i64 = 365;
const ALL: Features = Features { transcripts: true, summaries: true };

/// Somebody whose authorisation, which lacks nothing, ends in so many days.
async fn authorised(house: &House, number: i64, name: &str, days_left: i64) {
    let now_ms = house.clock.now_ms();
    let authorised_at = now_ms - (GRANT_DAYS - days_left) * DAY_MS;
    let scopes = ALL.user_scopes().join(" ");
    let values = vec![
        format!("ou_{number:032}").as_str().into(),
        name.into(),
        now_ms.into(),
        authorised_at.into(),
        scopes.as_str().into(),
    ];
    let sql = "INSERT INTO members (open_id, name, state, state_at, authorised_at, scopes)
        VALUES ($1, $2, 'active', $3, $4, $5)";
    house.catalog.db().execute(sql, values).await.unwrap();
}

/// Where each of these stands on a page; none where one of them is not on it.
fn places(page: &str, names: &[&str]) -> Option<Vec<usize>> {
    names.iter().map(|name| page.find(&format!("<bdi>{name}</bdi>"))).collect()
}

#[tokio::test]
async fn those_who_must_authorise_again_soon_stand_first_and_lead_to_the_others() {
    let house = plan().build().await;
    for number in 0..25 {
        authorised(&house, number, &format!("同事{number:02}"), 25 - number).await;
    }
    authorised(&house, 90, "明年", 200).await;
    authorised(&house, 91, "月底", 30).await;
    // Their authorisation is over or was never enough: nothing of it ends soon.
    authorised(&house, 92, "已过期", -1).await;
    authorised(&house, 93, "权限不足", 10).await;
    let lacking = "UPDATE members SET scopes = '' WHERE name = '权限不足'";
    house.catalog.db().execute(lacking, Vec::new()).await.unwrap();
    let mut browser = signed_in(&house, ADMINISTRATOR).await;
    let overview = browser.get(&house, "/overview").await.body;
    let ending = overview.split(&say("overview-endings")).nth(1).unwrap_or_else(|| panic!("{overview}"));
    let places_of = places(ending, &["同事24", "同事23", "同事05"]).unwrap_or_else(|| panic!("{ending}"));
    assert!(places_of.is_sorted(), "the next to end first: {ending}");
    for unnamed in ["同事04", "月底", "明年", "已过期", "权限不足"] {
        assert!(!ending.contains(unnamed), "{unnamed} is one of the first twenty: {ending}");
    }
    assert!(ending.contains("/people?only=ending\">另有 6 人</a>"), "{ending}");

    let listed = browser.get(&house, "/people?only=ending").await.body;
    let places_of =
        places(&listed, &["同事24", "同事23", "同事00", "月底"]).unwrap_or_else(|| panic!("{listed}"));
    assert!(places_of.is_sorted() && !listed.contains("明年"), "{listed}");
    assert!(!listed.contains("已过期") && !listed.contains("权限不足"), "{listed}");
    assert!(listed.contains(&say("people-show-all")), "{listed}");
    let everybody = browser.get(&house, "/people").await.body;
    assert!(everybody.contains("明年") && everybody.contains("only=ending"), "{everybody}");
}

#[tokio::test]
async fn where_nobody_must_authorise_soon_nothing_is_said_of_it() {
    let house = plan().build().await;
    authorised(&house, 1, "明年", 200).await;
    let mut browser = signed_in(&house, ADMINISTRATOR).await;
    assert!(!browser.get(&house, "/overview").await.body.contains(&say("overview-endings")));
    let everybody = browser.get(&house, "/people").await.body;
    assert!(everybody.contains("明年") && !everybody.contains("only="), "{everybody}");
    let nobody = browser.get(&house, "/people?only=ending").await;
    assert!(nobody.status == 200 && !nobody.body.contains("明年"), "{}", nobody.body);
    assert!(nobody.body.contains(&say("listing-empty")) && !nobody.body.contains(&say("people-empty")));
}
