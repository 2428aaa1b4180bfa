//! The testkit itself: what it starts is there, is real, and goes.

#[cfg(test)]
mod postgres;
#[cfg(test)]
mod suite;
