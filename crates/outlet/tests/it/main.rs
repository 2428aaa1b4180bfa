//! The outlet on a real nats-server: what is told, in which order, how often, and to whom.

#[cfg(test)]
mod attacks;
#[cfg(test)]
mod client;
#[cfg(test)]
mod ground;
#[cfg(test)]
mod hooks_refused;
#[cfg(test)]
mod integrators;
#[cfg(test)]
mod lasting;
#[cfg(test)]
mod receiver;
#[cfg(test)]
mod silence;
#[cfg(test)]
mod telling;
#[cfg(test)]
mod webhooks;
#[cfg(test)]
mod world;
