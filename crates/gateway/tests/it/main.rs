//! The gateway over HTTP, and the rules of its templates, catalogues and assets.

#[cfg(test)]
mod assets;
#[cfg(test)]
mod browser;
#[cfg(test)]
mod catalogues;
#[cfg(test)]
mod county;
#[cfg(test)]
mod entry;
#[cfg(test)]
mod events;
#[cfg(test)]
mod files;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod screen;
#[cfg(test)]
mod slow;
#[cfg(test)]
mod sse;
#[cfg(test)]
mod templates;
