//! Reads JSON strictly: an array is not taken for an object, nor `null` for nothing; no name may
//! come twice; and everything has a bound. Knows nothing of what the members mean.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{
        DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer,
    },
};

/// A value that has to be an object. (By default serde also reads a struct from an array of its
/// members.)
#[derive(Debug, Default)]
pub(crate) struct Object<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
            type Value = Object<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Object)
            }
        }
        deserializer.deserialize_map(Members(PhantomData))
    }
}

/// Reads a member that may be left out, but is `null` only where its type takes that.
pub(crate) fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// An object as its members in order, of which there are at most `MAX`. A name given twice is
/// refused: which one was meant cannot be known.
#[derive(Debug)]
pub(crate) struct Members<T, const MAX: usize>(pub(crate) Vec<(String, T)>);

impl<T, const MAX: usize> Default for Members<T, MAX> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>, const MAX: usize> Deserialize<'de> for Members<T, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect<T, const MAX: usize>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>, const MAX: usize> Visitor<'de> for Collect<T, MAX> {
            type Value = Members<T, MAX>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members: Vec<(String, T)> = Vec::new();
                while let Some(member) = map.next_entry()? {
                    if members.len() == MAX {
                        return Err(A::Error::custom(format_args!("more than {MAX} members")));
                    }
                    members.push(member);
                }
                distinct(members.iter().map(|(name, _)| &**name))?;
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Collect(PhantomData))
    }
}

/// An array of at most `MAX` items.
#[derive(Debug)]
pub(crate) struct Items<T, const MAX: usize>(pub(crate) Vec<T>);

impl<T, const MAX: usize> Default for Items<T, MAX> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>, const MAX: usize> Deserialize<'de> for Items<T, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect<T, const MAX: usize>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>, const MAX: usize> Visitor<'de> for Collect<T, MAX> {
            type Value = Items<T, MAX>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                items(&mut seq, MAX, PhantomData).map(Items)
            }
        }
        deserializer.deserialize_seq(Collect(PhantomData))
    }
}

/// The items of an array, of which there may be `max`.
pub(crate) fn items<'de, A: SeqAccess<'de>, S: DeserializeSeed<'de> + Copy>(
    seq: &mut A,
    max: usize,
    seed: S,
) -> Result<Vec<S::Value>, A::Error> {
    let mut items = Vec::new();
    while let Some(item) = seq.next_element_seed(seed)? {
        if items.len() == max {
            return Err(A::Error::custom(format_args!("more than {max} items")));
        }
        items.push(item);
    }
    Ok(items)
}

/// Refuses names of which one is given twice. They are sorted for it, as there can be many.
pub(crate) fn distinct<'a, E: serde::de::Error>(
    names: impl Iterator<Item = &'a str>,
) -> Result<(), E> {
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(E::custom(format_args!("`{}` is given twice", pair[0]))),
        None => Ok(()),
    }
}
