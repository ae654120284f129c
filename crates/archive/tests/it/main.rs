//! The catalogue's behaviour and that of the rooms that rest on it, once on SQLite and once on PostgreSQL.
//! With every statement run on both, no statement is left that only one of them takes.

#[macro_use]
mod databases;
mod company;
mod installation;
mod platform;

mod administration;
mod attended;
mod audit;
mod authorise;
mod backfill;
mod backup;
mod catalog;
mod clocks;
mod company_record;
mod coverage;
mod find;
mod grants;
mod inbox;
mod legacy;
mod library;
mod life;
mod long_connection;
mod meetings;
mod notices;
mod queue;
mod retention;
mod rounds;
mod search;
mod sightings;
mod sources;
mod subscriptions;
mod trash;
