//! The built program over real sockets, against the stand-in platform.

mod bad_input;
mod courier;
mod coverage;
mod covers;
mod faults;
mod grants;
mod history;
mod kill;
mod legacy;
mod life;
mod limits;
mod long_connection;
mod machine;
mod main_job;
mod operator;
mod pages;
mod patrol;
mod pause;
mod proof;
mod scrub;
mod three_ways;
mod trash;
