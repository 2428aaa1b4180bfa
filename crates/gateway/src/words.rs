//! What pages say, in Chinese and in English. A text has a key, and its words are in
//! `locales/<language>/<room>.ftl` (Fluent); the key begins with the room's name.

use std::{borrow::Cow, sync::LazyLock};

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use unic_langid::LanguageIdentifier;

/// The catalogues, as files.
#[derive(rust_embed::RustEmbed)]
#[folder = "locales"]
pub(crate) struct Catalogues;

/// A language of the pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Locale {
    /// Chinese as written in the People's Republic: what is shown unless another is asked for.
    #[default]
    Zh,
    /// English.
    En,
}

impl Locale {
    /// The language's tag: `zh-CN`, `en`.
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::Zh => "zh-CN",
            Self::En => "en",
        }
    }

    /// The language of a tag such as `en-GB`; none if pages do not speak it.
    pub(crate) fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next().unwrap_or_default();
        if primary.eq_ignore_ascii_case("zh") {
            Some(Self::Zh)
        } else if primary.eq_ignore_ascii_case("en") {
            Some(Self::En)
        } else {
            None
        }
    }

    /// The first language of `Accept-Language` that pages speak; the order of the header counts.
    pub(crate) fn accepted(header: &str) -> Option<Self> {
        header.split(',').find_map(|range| Self::of_tag(range.split(';').next().unwrap_or(range)))
    }

    /// The other language.
    pub(crate) const fn other(self) -> Self {
        match self {
            Self::Zh => Self::En,
            Self::En => Self::Zh,
        }
    }

    /// The text of a key. A key without a text is shown as it is: a test finds it before a reader
    /// does.
    pub(crate) fn say(self, key: &str) -> String {
        self.format(key, None)
    }

    /// The text of a key with one value in it.
    pub(crate) fn with(self, key: &str, name: &str, value: impl Value) -> String {
        self.format(key, Some(&FluentArgs::from_iter([(name.to_owned(), value.fluent())])))
    }

    /// The text of a key with two values in it.
    pub(crate) fn with2(
        self,
        key: &str,
        (name, value): (&str, impl Value),
        (name2, value2): (&str, impl Value),
    ) -> String {
        let args = [(name.to_owned(), value.fluent()), (name2.to_owned(), value2.fluent())];
        self.format(key, Some(&FluentArgs::from_iter(args)))
    }

    fn format(self, key: &str, args: Option<&FluentArgs<'_>>) -> String {
        let bundle = &BUNDLES[self as usize];
        let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
            tracing::warn!(key, locale = self.tag(), "no text: add the key to locales/");
            return key.to_owned();
        };
        let mut errors = Vec::new();
        bundle.format_pattern(pattern, args, &mut errors).into_owned()
    }
}

/// A value that can stand in a text.
pub(crate) trait Value {
    /// As Fluent knows it.
    fn fluent(&self) -> FluentValue<'static>;
}

impl<T: Value + ?Sized> Value for &T {
    fn fluent(&self) -> FluentValue<'static> {
        (**self).fluent()
    }
}

impl Value for str {
    fn fluent(&self) -> FluentValue<'static> {
        FluentValue::String(Cow::Owned(self.to_owned()))
    }
}

impl Value for String {
    fn fluent(&self) -> FluentValue<'static> {
        self.as_str().fluent()
    }
}

macro_rules! numbers {
    ($($number:ty)*) => {$(
        impl Value for $number {
            fn fluent(&self) -> FluentValue<'static> {
                FluentValue::from(*self)
            }
        }
    )*};
}

numbers! { i32 i64 u32 u64 usize }

static BUNDLES: LazyLock<[FluentBundle<FluentResource>; 2]> =
    LazyLock::new(|| [bundle(Locale::Zh), bundle(Locale::En)]);

fn bundle(locale: Locale) -> FluentBundle<FluentResource> {
    let language: LanguageIdentifier = locale.tag().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![language]);
    // The marks around values are for texts that mix directions; these two do not.
    bundle.set_use_isolating(false);
    for path in Catalogues::iter().filter(|path| path.starts_with(locale.tag())) {
        let text = Catalogues::get(&path).map(|file| file.data.into_owned()).unwrap_or_default();
        let resource = match FluentResource::try_new(String::from_utf8(text).unwrap_or_default()) {
            Ok(resource) => resource,
            Err((resource, errors)) => {
                tracing::error!(%path, ?errors, "a catalogue is not well-formed: mend it");
                resource
            }
        };
        if let Err(errors) = bundle.add_resource(resource) {
            tracing::error!(%path, ?errors, "a key has two texts: take one out");
        }
    }
    bundle
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_found_in_what_browsers_send() {
        assert_eq!(Locale::accepted("de,en-GB;q=0.8,zh;q=0.5"), Some(Locale::En));
        assert_eq!(Locale::accepted("zh-Hans-CN,en"), Some(Locale::Zh));
        assert_eq!(Locale::accepted("fr, *;q=0.1"), None);
        assert_eq!(Locale::of_tag("english"), None);
    }

    #[test]
    fn a_text_takes_values_and_what_has_no_text_shows_its_key() {
        assert_eq!(Locale::En.with("common-left-hours", "n", 1), "1 hour left");
        assert_eq!(Locale::En.with("common-left-hours", "n", 3), "3 hours left");
        assert_eq!(Locale::Zh.say("no-such-key"), "no-such-key");
    }
}
