//! The stand-in over real sockets, held against the platform's page. Nothing here knows its types.

mod events;
mod faults;
mod lab;
mod limits;
mod long_connection;
mod media;
mod meetings;
mod messages;
mod minutes;
mod oauth;
mod scenarios;
