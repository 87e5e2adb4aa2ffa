//! What requests make a change depend on: entity tags (RFC 9110, section 13), and keys of deploys. The tag of a
//! script is its active version. Knows nothing of routes, nor of how versions are kept.

use crate::{error::ApiError, http1::Head};

/// What has to hold of a script for its request to be carried out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Conditions {
    if_match: Option<Tags>,
    if_none_match: Option<Tags>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Tags {
    Any,
    These(Vec<Tag>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Tag {
    weak: bool,
    text: String,
}

/// The tag of a version.
pub(crate) fn tag(version: &str) -> String {
    format!("\"{version}\"")
}

impl Conditions {
    pub(crate) fn of(head: &Head) -> Result<Self, ApiError> {
        let read = |name, value: &Option<String>| {
            let tags = value.as_deref().map(|text| Tags::of(text).ok_or_else(|| refused(name)));
            tags.transpose()
        };
        Ok(Self {
            if_match: read("If-Match", &head.if_match)?,
            if_none_match: read("If-None-Match", &head.if_none_match)?,
        })
    }

    /// Whether anything has to hold.
    pub(crate) fn any(&self) -> bool {
        self.if_match.is_some() || self.if_none_match.is_some()
    }

    /// Fails where a change is not wanted of a script whose active version is this one; none where there is no
    /// such script.
    pub(crate) fn check(&self, active: Option<&str>) -> Result<(), ApiError> {
        let wanted = self.if_match.as_ref().is_none_or(|tags| tags.have(active, false));
        let refused = self.if_none_match.as_ref().is_some_and(|tags| tags.have(active, true));
        match wanted && !refused {
            true => Ok(()),
            false => Err(ApiError::PreconditionFailed { active: active.map(str::to_owned) }),
        }
    }

    /// Whether the client has what it asks for already.
    ///
    /// # Errors
    ///
    /// Where it asks for what is not there.
    pub(crate) fn is_known(&self, version: &str) -> Result<bool, ApiError> {
        let known = self.if_none_match.as_ref().is_some_and(|tags| tags.have(Some(version), true));
        Self { if_none_match: None, ..self.clone() }.check(Some(version)).map(|()| known)
    }
}

/// The key of a deploy, by which it is carried out once.
pub(crate) fn deploy_key(head: &Head) -> Result<Option<String>, ApiError> {
    const MOST: usize = 255;
    match &head.idempotency_key {
        Some(key)
            if key.is_empty() || key.len() > MOST || !key.bytes().all(|b| b.is_ascii_graphic()) =>
        {
            Err(ApiError::InvalidRequest(format!(
                "`Idempotency-Key` is 1 to {MOST} visible characters of ASCII, such as a UUID"
            )))
        }
        key => Ok(key.clone()),
    }
}

fn refused(name: &str) -> ApiError {
    ApiError::InvalidRequest(format!("{name} is * or entity tags, like \"9c1e…\" with its quotes"))
}

impl Tags {
    fn of(text: &str) -> Option<Self> {
        if text == "*" {
            return Some(Self::Any);
        }
        let mut tags = Vec::new();
        let mut rest = text.trim_start_matches([' ', '\t', ',']);
        while !rest.is_empty() {
            let (weak, quoted) = rest.strip_prefix("W/").map_or((false, rest), |rest| (true, rest));
            let (text, after) = quoted.strip_prefix('"')?.split_once('"')?;
            if text.bytes().any(|byte| byte <= b' ' || byte == 0x7f) {
                return None;
            }
            tags.push(Tag { weak, text: text.to_owned() });
            let after = after.trim_start_matches([' ', '\t']);
            if !after.is_empty() && !after.starts_with(',') {
                return None;
            }
            rest = after.trim_start_matches([' ', '\t', ',']);
        }
        (!tags.is_empty()).then_some(Self::These(tags))
    }

    /// Whether the version's tag is among them; a weak one counts only where `weakly`.
    fn have(&self, version: Option<&str>, weakly: bool) -> bool {
        match (self, version) {
            (_, None) => false,
            (Self::Any, Some(_)) => true,
            (Self::These(tags), Some(version)) => {
                tags.iter().any(|tag| tag.text == version && (weakly || !tag.weak))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Conditions, Tags, tag};

    fn conditions(if_match: Option<&str>, if_none_match: Option<&str>) -> Conditions {
        let tags = |text: Option<&str>| text.map(|text| Tags::of(text).unwrap());
        Conditions { if_match: tags(if_match), if_none_match: tags(if_none_match) }
    }

    #[test]
    fn a_change_is_made_where_its_conditions_hold() {
        for (if_match, if_none_match, active, holds) in [
            (None, None, None, true),
            (Some("*"), None, None, false),
            (Some("*"), None, Some("a"), true),
            (Some("\"a\""), None, Some("a"), true),
            (Some("\"b\" , \"a\""), None, Some("a"), true),
            (Some("\"b\""), None, Some("a"), false),
            (Some("W/\"a\""), None, Some("a"), false),
            (None, Some("*"), None, true),
            (None, Some("*"), Some("a"), false),
            (None, Some("W/\"a\""), Some("a"), false),
            (None, Some("\"b\""), Some("a"), true),
        ] {
            let checked = conditions(if_match, if_none_match).check(active);
            assert_eq!(checked.is_ok(), holds, "{if_match:?} {if_none_match:?} {active:?}");
        }
    }

    #[test]
    fn what_is_no_list_of_tags_is_refused() {
        for text in ["", ",", "a", "\"a", "\"a\"b", "\"a\" \"b\"", "W/a", "\"a b\"", "* , \"a\""] {
            assert_eq!(Tags::of(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,40}") {
            let _ = Tags::of(&text);
        }

        #[test]
        fn tags_that_were_written_are_read(versions in prop::collection::vec("[!#-~]{0,9}", 1..5)) {
            let text: Vec<_> = versions.iter().map(|version| tag(version)).collect();
            let tags = Tags::of(&text.join(", ")).unwrap();
            prop_assert!(versions.iter().all(|version| tags.have(Some(version), false)));
        }
    }
}
