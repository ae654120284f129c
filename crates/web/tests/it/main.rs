//! The doors from outside: real requests through the whole router, over a real catalogue, with the
//! stand-in platform behind.

mod api;
mod callback;
mod first_run;
mod guards;
mod health;
mod hostile;
mod house;
mod leafing;
mod log;
mod page;
mod people;
mod player;
mod queue;
mod roles;
mod rooms;
mod session;
mod sheets;
mod shelf;
mod start;
mod storage;
mod told;
mod walls;
mod webhook;
mod weight;
