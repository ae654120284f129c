//! The plan for companies of every size.

use proptest::prelude::*;

use super::*;

const MINUTE_MS: i64 = 60_000;
const INTERVAL_MS: i64 = 5 * MINUTE_MS;
/// Four fifths of the 88 a minute that the client lets through.
const USUAL: Allowance = Allowance { searches_a_minute: 70.4, searches_a_look: 1, interval_ms: INTERVAL_MS };

fn minutes(members: Members) -> [i64; 3] {
    let plan = Plan::of(members, &USUAL);
    [Need::Untold, Need::Active, Need::Quiet].map(|need| (plan.every_ms(need) + MINUTE_MS - 1) / MINUTE_MS)
}

#[test]
fn a_small_company_is_seen_at_every_interval() {
    assert_eq!(minutes([0, 0, 10]), [5, 5, 5]);
    assert_eq!(minutes([10, 100, 200]), [5, 5, 5]);
    assert_eq!(minutes([0, 0, 0]), [5, 5, 5]);
    assert_eq!(Plan::of([0, 0, 10], &USUAL).attended_every_ms, INTERVAL_MS, "what they attended, as often");
    assert!(millis(Plan::of([0, 0, 90_000], &USUAL).attended_every_ms) <= LONGEST_REST_MS);
}

#[test]
fn what_is_not_enough_for_all_goes_to_those_in_need() {
    assert_eq!(minutes([0, 0, 500]), [5, 5, 8]);
    assert_eq!(minutes([50, 50, 400]), [5, 5, 9]);
    assert_eq!(minutes([50, 1_000, 950]), [5, 24, 70]);
}

#[test]
fn ten_thousand_are_seen_every_three_hours_and_of_whom_nothing_tells_every_five_minutes() {
    assert_eq!(minutes([0, 0, 10_000]), [5, 50, 150]);
    assert_eq!(minutes([40, 1_000, 8_960]), [5, 131, 175]);
    assert_eq!(minutes([1_000, 1_000, 8_000]), [65, 175, 175], "five minutes is more than the share allows");
    assert_eq!(minutes([10_000, 0, 0]), [150, 150, 150], "no event comes at all");
}

#[test]
fn thirty_thousand_are_seen_as_evenly_as_the_share_allows() {
    assert_eq!(minutes([30, 3_000, 26_970]), [449, 449, 449]);
    assert!(Plan::of([30, 3_000, 26_970], &USUAL).is_stretched);
    assert!(!Plan::of([30, 1_000, 8_970], &USUAL).is_stretched);
}

#[test]
fn an_interval_beyond_three_hours_is_what_somebody_wants() {
    let calm = Allowance { interval_ms: 24 * 60 * MINUTE_MS, ..USUAL };
    assert_eq!(Plan::of([5, 500, 5_000], &calm).every_ms, [24 * 60 * MINUTE_MS; 3]);
}

proptest! {
    #[test]
    fn the_looks_fit_in_the_share_and_nobody_is_forgotten(
        members in [0_usize..2_000, 0_usize..20_000, 0_usize..40_000],
        searches_a_minute in 0.5_f64..2_000.0,
        searches_a_look in 1_usize..=2,
        interval_ms in 10_000_i64..LONGEST_MS,
    ) {
        let plan = Plan::of(members, &Allowance { searches_a_minute, searches_a_look, interval_ms });
        let [untold, active, quiet] = plan.every_ms;
        prop_assert!(interval_ms <= untold && untold <= active && active <= quiet, "{plan:?}");
        let a_minute = |count: usize, every_ms: i64| float(count) * 60_000.0 / millis(every_ms);
        let looks: f64 = members.into_iter().zip(plan.every_ms).map(|(count, every)| a_minute(count, every)).sum();
        // In a company so large that it would be longer than a week, the queue's bound counts more.
        let is_bounded = millis(plan.attended_every_ms) >= LONGEST_REST_MS;
        let attended = if is_bounded { 0.0 } else { a_minute(members.iter().sum(), plan.attended_every_ms) };
        let searches = looks * float(searches_a_look) + attended;
        prop_assert!(searches <= searches_a_minute * 1.000_1, "{searches} of {searches_a_minute}: {plan:?}");
        let affords_all = a_minute(members.iter().sum(), LONGEST_MS) * float(searches_a_look) <= searches_a_minute * FOR_LOOKS;
        prop_assert!(!affords_all || quiet <= LONGEST_MS + 1, "{plan:?}");
        prop_assert!(affords_all || quiet - untold <= 1, "as evenly as possible: {plan:?}");
    }
}
