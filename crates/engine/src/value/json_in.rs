//! JSON text into the guest's heap, in one pass: no tree stands in between.
//!
//! The engine's reader takes what is well formed and not too long. All else is read by serde's parser,
//! whose events make the guest's own values: it finds the words for what is wrong.

use super::cross_in::{InputError, number};
use super::{MAX_DEPTH, check_stack};
use crate::js::cx::{Cx, Js};
use crate::js::raw::{JS_MKVAL, JS_NULL, JS_TAG_BOOL, JSValue};
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use std::cell::Cell;
use std::ffi::CString;
use std::fmt;

/// Bytes of the longest text that is copied for the engine's reader, which wants a zero behind it.
const COPIED: usize = 1 << 20;

/// Parses `text` and builds what it says.
pub(crate) fn parse(cx: Cx, text: &[u8]) -> Result<JSValue, InputError> {
    let text = std::str::from_utf8(text)
        .map_err(|_| InputError::NotJson("the text is not UTF-8".to_owned()))?;
    if text.len() <= COPIED
        && let Ok(copy) = CString::new(text)
    {
        let read = cx.read_json(&copy, MAX_DEPTH).map_err(|_| InputError::Thrown)?;
        if let Some(value) = read {
            return Ok(value);
        }
    }
    parse_with_words(cx, text)
}

/// As [`parse`], by the parser that tells what is wrong and where.
fn parse_with_words(cx: Cx, text: &str) -> Result<JSValue, InputError> {
    let thrown = Cell::new(false);
    let mut parser = serde_json::Deserializer::from_str(text);
    // Depth is counted here, with the native stack looked at.
    parser.disable_recursion_limit();
    let build = Build { cx, depth: 0, thrown: &thrown };
    let parsed = build.deserialize(&mut parser).and_then(|value| parser.end().map(|()| value));
    parsed.map_err(|error| match thrown.get() {
        true => InputError::Thrown,
        false => InputError::NotJson(error.to_string()),
    })
}

#[derive(Clone, Copy)]
struct Build<'a> {
    cx: Cx,
    depth: usize,
    /// Whether the engine threw, or the run was abandoned, rather than the text being wrong.
    thrown: &'a Cell<bool>,
}

impl Build<'_> {
    fn made<T, E: serde::de::Error>(self, made: Js<T>) -> Result<T, E> {
        made.map_err(|_| {
            self.thrown.set(true);
            E::custom("thrown")
        })
    }

    fn within<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.depth >= MAX_DEPTH {
            return Err(E::custom(format_args!("nesting deeper than {MAX_DEPTH} levels")));
        }
        self.made(check_stack(self.cx))?;
        Ok(Build { depth: self.depth + 1, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Build<'_> {
    type Value = JSValue;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<JSValue, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Build<'_> {
    type Value = JSValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<JSValue, E> {
        Ok(JS_NULL)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<JSValue, E> {
        Ok(JS_MKVAL(JS_TAG_BOOL, i32::from(flag)))
    }

    fn visit_u64<E>(self, integer: u64) -> Result<JSValue, E> {
        Ok(number(integer as f64))
    }

    fn visit_i64<E>(self, integer: i64) -> Result<JSValue, E> {
        Ok(number(integer as f64))
    }

    fn visit_f64<E>(self, float: f64) -> Result<JSValue, E> {
        Ok(number(float))
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<JSValue, E> {
        self.made(self.cx.new_string(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<JSValue, A::Error> {
        let within = self.within()?;
        let array = self.made(self.cx.new_array())?;
        let mut index = 0;
        while let Some(item) = items.next_element_seed(within)? {
            self.made(self.cx.define_index(array, index, item))?;
            index = index.checked_add(1).ok_or_else(|| A::Error::custom("array too long"))?;
        }
        Ok(array)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<JSValue, A::Error> {
        let within = self.within()?;
        let object = self.made(self.cx.new_object())?;
        // A key that comes twice has its last value, as with JSON.parse.
        while let Some(key) = entries.next_key::<Key<'de>>()? {
            let item = entries.next_value_seed(within)?;
            self.made(self.cx.define(object, key.as_str(), item, true))?;
        }
        Ok(object)
    }
}

/// A key that is borrowed from the text where nothing in it is escaped.
enum Key<'de> {
    Borrowed(&'de str),
    Owned(String),
}

impl Key<'_> {
    fn as_str(&self) -> &str {
        match self {
            Key::Borrowed(key) => key,
            Key::Owned(key) => key,
        }
    }
}

impl<'de> serde::Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Key<'de>, D::Error> {
        struct KeyVisitor;

        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Key<'de>, E> {
                Ok(Key::Borrowed(key))
            }

            fn visit_str<E>(self, key: &str) -> Result<Key<'de>, E> {
                Ok(Key::Owned(key.to_owned()))
            }
        }

        from.deserialize_str(KeyVisitor)
    }
}
