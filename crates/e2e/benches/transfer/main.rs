//! The transfer engine against `curl` and `aria2c`, which fetch from the same nginx in the same run.
//! Prints tables for docs/BENCHMARKS.md; `scripts/bench-transfer` installs the peers and builds.
//!
//!     scripts/bench-transfer [--rounds N] [--json] [large] [throttled] [many] [small] [resume]

mod nginx;
mod ours;
mod rows;
mod samples;
mod theirs;

use nginx::Nginx;
use rows::Report;

const MIB: u64 = 1_048_576;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--list") {
        return;
    }
    let after = |name: &str| arguments.iter().skip_while(|argument| *argument != name).nth(1);
    let rounds = after("--rounds").map_or(5, |text| text.parse().expect("--rounds takes a number"));
    let named: Vec<&str> = arguments
        .iter()
        .map(String::as_str)
        .filter(|argument| !argument.starts_with("--") && argument.parse::<u32>().is_err())
        .collect();
    let is_wanted = |name: &str| named.is_empty() || named.contains(&name);

    let nginx = Nginx::start();
    let mut report = Report::default();
    if is_wanted("large") {
        rows::large(&nginx, rounds, &mut report).await;
    }
    if is_wanted("throttled") {
        rows::throttled(&nginx, rounds, &mut report).await;
    }
    if is_wanted("many") {
        rows::many(&nginx, rounds, &mut report).await;
    }
    if is_wanted("small") {
        rows::small(&nginx, rounds, &mut report).await;
    }
    if is_wanted("resume") {
        rows::resume(&nginx, rounds, &mut report).await;
    }
    report.print(arguments.iter().any(|argument| argument == "--json"));
}
