//! The client against small scripted servers on loopback, and the event vectors that other code made.

mod auth;
mod calls;
mod events;
mod link;
mod long_connection;
mod media;
mod messages;
mod platform;
