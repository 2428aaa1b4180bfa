//! The gateway over HTTP, on cases and orders that happened as the log says.

#[cfg(test)]
mod county;
#[cfg(test)]
mod events;
#[cfg(test)]
mod screen;
#[cfg(test)]
mod slow;
#[cfg(test)]
mod sse;
