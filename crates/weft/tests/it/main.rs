//! The binary as its users run it: real processes, real nats-server, real databases.
//! And what no service can play alone.

#[cfg(test)]
mod apart;
#[cfg(test)]
mod authority;
#[cfg(test)]
mod browser;
#[cfg(test)]
mod collector;
#[cfg(test)]
mod commands;
#[cfg(test)]
mod county;
#[cfg(test)]
mod demo;
#[cfg(test)]
mod examples;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod operations;
#[cfg(test)]
mod pages_account;
#[cfg(test)]
mod pages_console;
#[cfg(test)]
mod pages_resident;
#[cfg(test)]
mod pages_screen;
#[cfg(test)]
mod pages_work;
#[cfg(test)]
mod privacy;
#[cfg(test)]
mod public_stream;
#[cfg(test)]
mod raw;
#[cfg(test)]
mod real_browser;
#[cfg(test)]
mod rounds;
#[cfg(test)]
mod scenarios;
#[cfg(test)]
mod scopes;
#[cfg(test)]
mod sign_in;
#[cfg(test)]
mod the_loop;
#[cfg(test)]
mod wires;
