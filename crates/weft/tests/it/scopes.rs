//! Who may know what: scope as a property of every method, list, stream and page.

mod fill;
mod ground;
mod methods;
mod property;
