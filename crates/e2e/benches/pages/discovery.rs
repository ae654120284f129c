//! What a year of discovery leaves behind: events that were worked off, meetings, recorded or not, who saw what by which
//! track, and the company's record, read without a gap. What is older than a year was found by back-fill.

use archive::catalog::{Arg, Catalog, CompanyRecord};

use crate::filled::{HOUR_MS, YEAR_MS};

/// `$1`: when the archive began, unix ms; `$2`: now.
const LEFT_BEHIND: [&str; 7] = [
    // The owner's; those who attended have theirs.
    "INSERT INTO sightings (minute_token, track, open_id, first_at, last_at, times)
     SELECT r.minute_token, t.track, r.owner_id, r.found_at, MIN(r.found_at + t.later_ms, $2), t.times FROM recordings r,
        (SELECT 'recording_ready' AS track, 0 AS later_ms, 1 AS times UNION ALL SELECT 'minute_generated', 0, 1
         UNION ALL SELECT 'patrol', 86400000, 12) t
     WHERE r.created_ms >= $1
        AND (t.track = 'recording_ready' OR r.owner_id IN (SELECT open_id FROM members))",
    "INSERT INTO sightings (minute_token, track, open_id, first_at, last_at)
     SELECT minute_token, 'backfill', owner_id, found_at, found_at FROM recordings WHERE created_ms < $1",
    "INSERT INTO meetings (meeting_id, meeting_no, topic, owner_id, organizer, start_ms, end_ms, is_recorded, track,
        heard_at, outcome, outcome_at, minute_token)
     SELECT r.meeting_id, printf('%09d', r.rowid * 7919 % 1000000000), r.title, r.owner_id, m.name,
        r.created_ms - r.duration_ms, r.created_ms, 1, 'meeting_ended', r.found_at, 'recorded', r.found_at,
        r.minute_token
     FROM recordings r LEFT JOIN members m ON m.open_id = r.owner_id
     WHERE r.meeting_id IS NOT NULL",
    // Two of three are recorded by nobody; of some that were, no recording came.
    "INSERT INTO meetings (meeting_id, meeting_no, topic, owner_id, organizer, start_ms, end_ms, is_recorded, track,
        heard_at, asked_at, times_asked, outcome, outcome_at, outcome_detail)
     SELECT k.prefix || SUBSTR(m.meeting_id, 3), m.meeting_no, m.topic, m.owner_id, m.organizer, m.start_ms, m.end_ms,
        k.is_recorded, m.track, m.heard_at, m.heard_at + 3600000, 12, k.outcome, m.heard_at + 3600000, k.detail
     FROM meetings m, (SELECT '68' AS prefix, 1 AS every, 0 AS is_recorded, 'never_recorded' AS outcome,
            'not found: 121004 data not exist' AS detail
         UNION ALL SELECT '67', 1, 0, 'never_recorded', 'not found: 121004 data not exist'
         UNION ALL SELECT '66', 200, 1, 'refused', 'permission denied: 121005 no permission') k
     WHERE m.rowid % k.every = 0",
    "INSERT INTO events (event_id, kind, received_at, created_ms, handled_at)
     SELECT LOWER(HEX(RANDOMBLOB(16))), k.kind, r.found_at, r.found_at - 800, r.found_at + 300 FROM recordings r,
        (SELECT 'vc.meeting.recording_ready_v1' AS kind UNION ALL SELECT 'minutes.minute.generated_v1') k
     WHERE r.created_ms >= $1",
    "INSERT INTO events (event_id, kind, received_at, created_ms, handled_at)
     SELECT LOWER(HEX(RANDOMBLOB(16))), 'vc.meeting.all_meeting_ended_v1', heard_at, heard_at - 800, heard_at + 300
     FROM meetings",
    // The platform was asked for each within the last weeks; of one of a hundred the archive's copy is the only one.
    "INSERT INTO sources (minute_token, asked_at, there_at, gone_at)
     SELECT minute_token, asked_at, CASE WHEN is_gone THEN NULL ELSE asked_at END, CASE WHEN is_gone THEN asked_at END
     FROM (SELECT minute_token, MAX(state_at, $2 - rowid % 25 * 86400000) AS asked_at,
            state = 'gone' OR rowid % 100 = 0 AS is_gone
         FROM recordings WHERE state IN ('archived', 'gone') AND COALESCE(reason, '') <> 'not_found')",
];

pub(crate) async fn fill(catalog: &Catalog, now_ms: i64) {
    let began_ms = now_ms - YEAR_MS;
    let mut tx = catalog.db().begin().await.expect("a transaction");
    for sql in LEFT_BEHIND {
        tx.execute(sql, [began_ms, now_ms].map(Arg::from).into()).await.expect("rows");
    }
    tx.commit().await.expect("committed");
    // So that its weeks count as complete; the administrator's grant, without the scope for it, brings no more.
    let record = CompanyRecord {
        since_ms: Some(began_ms),
        until_ms: Some(now_ms),
        followed_ms: Some(now_ms - HOUR_MS / 3),
        looked_at: Some(now_ms),
        ..CompanyRecord::default()
    };
    let record = serde_json::to_string(&record).expect("JSON");
    catalog.set_meta("company_record", &record).await.expect("a fact");
}
