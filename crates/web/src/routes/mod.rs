//! One resource per file: extract, ask, answer.

pub(crate) mod api;
pub(crate) mod assets;
pub(crate) mod auth;
mod callback;
pub(crate) mod health;
pub(crate) mod home;
pub(crate) mod library;
pub(crate) mod metrics;
pub(crate) mod nowhere;
pub(crate) mod recording;
pub(crate) mod rooms;
pub(crate) mod search;
mod sign_in;
mod sign_out;
mod start;
pub(crate) mod webhook;
