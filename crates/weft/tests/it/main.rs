//! The binary as its users run it: real processes, real nats-server, real databases.

#[cfg(test)]
mod apart;
#[cfg(test)]
mod commands;
#[cfg(test)]
mod county;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod public_stream;
#[cfg(test)]
mod the_loop;
