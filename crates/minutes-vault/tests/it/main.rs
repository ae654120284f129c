//! The built program as an operator meets it: what it says, in both languages, and how it ends.

mod catalogue;
mod configuration;
mod coverage;
mod deeds;
mod installation;
mod lock;
mod verification;
