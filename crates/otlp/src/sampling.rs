//! Which traces are recorded, as OpenTelemetry's variables `OTEL_TRACES_SAMPLER` and `OTEL_TRACES_SAMPLER_ARG` say.
//! Knows nothing of spans, nor of who is sent them.

use opentelemetry::{TraceId, trace::SpanKind};
use opentelemetry_sdk::trace::{Sampler as OfTraces, SamplingDecision, ShouldSample};

/// The variable that names a sampler.
pub(crate) const SAMPLER: &str = "OTEL_TRACES_SAMPLER";
/// The variable that says which share of traces is recorded, from 0 to 1.
pub(crate) const ARGUMENT: &str = "OTEL_TRACES_SAMPLER_ARG";

/// A variable says nothing that makes sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SamplerError {
    /// There is no such sampler, or none that is spoken here.
    #[error(
        "{SAMPLER} is refused: `{0}` is none of always_on, always_off, traceidratio, parentbased_always_on, \
         parentbased_always_off and parentbased_traceidratio"
    )]
    Unknown(String),
    /// The share is no number from 0 to 1.
    #[error("{ARGUMENT} is refused: `{0}` is no number from 0 to 1")]
    Share(String),
}

impl SamplerError {
    /// A name for programs that stays the same between releases.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unknown(_) => "ERR_OTLP_SAMPLER",
            Self::Share(_) => "ERR_OTLP_SAMPLER_ARG",
        }
    }
}

/// Decides which traces are recorded.
#[derive(Clone, Debug)]
pub(crate) struct Sampler {
    /// What is said of traces that begin here; of all of them unless clients are `followed`.
    own: OfTraces,
    /// What a client says of its trace holds here too.
    followed: bool,
}

impl Sampler {
    /// The one of this name, or what OpenTelemetry does without one: all that begins here, and what clients record.
    pub(crate) fn named(name: Option<&str>, argument: Option<&str>) -> Result<Self, SamplerError> {
        let given = |text: Option<&str>| {
            text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let name = given(name).unwrap_or_else(|| "parentbased_always_on".to_owned());
        let lower = name.to_ascii_lowercase();
        let (followed, own) = match lower.strip_prefix("parentbased_") {
            Some(own) => (true, own),
            None => (false, &*lower),
        };
        let own = match own {
            "always_on" => OfTraces::AlwaysOn,
            "always_off" => OfTraces::AlwaysOff,
            "traceidratio" => OfTraces::TraceIdRatioBased(match given(argument) {
                None => 1.0,
                Some(text) => match text.parse() {
                    Ok(share) if (0.0..=1.0).contains(&share) => share,
                    _ => return Err(SamplerError::Share(text)),
                },
            }),
            _ => return Err(SamplerError::Unknown(name)),
        };
        Ok(Self { own, followed })
    }

    /// Whether a trace is recorded from here on, of which its client says this, if it has one.
    pub(crate) fn takes(&self, id: [u8; 16], client: Option<bool>) -> bool {
        if let Some(recorded) = client.filter(|_| self.followed) {
            return recorded;
        }
        let id = TraceId::from_bytes(id);
        let said = self.own.should_sample(None, id, "", &SpanKind::Server, &[], &[]);
        said.decision == SamplingDecision::RecordAndSample
    }
}

#[cfg(test)]
mod tests {
    use super::{Sampler, SamplerError};

    /// What is decided without a client, and of traces that a client records and does not record.
    fn decided(name: &str, argument: Option<&str>, id: [u8; 16]) -> [bool; 3] {
        let sampler = Sampler::named(Some(name), argument).unwrap();
        [None, Some(true), Some(false)].map(|client| sampler.takes(id, client))
    }

    #[test]
    fn each_sampler_decides_as_its_name_says() {
        let (low, high) = ([0; 16], [0xff; 16]);
        for (name, expected) in [
            ("always_on", [true; 3]),
            ("always_off", [false; 3]),
            ("parentbased_always_on", [true, true, false]),
            ("parentbased_always_off", [false, true, false]),
            ("", [true, true, false]),
            (" Always_Off ", [false; 3]),
        ] {
            for id in [low, high] {
                assert_eq!(decided(name, None, id), expected, "{name}");
                // It has no argument.
                assert_eq!(decided(name, Some("most"), id), expected, "{name}");
            }
        }
        for (argument, expected) in [("0.5", [true, false]), ("0", [false; 2]), ("1", [true; 2])] {
            for (id, taken) in [low, high].into_iter().zip(expected) {
                assert_eq!(decided("traceidratio", Some(argument), id), [taken; 3], "{argument}");
                let followed = decided("parentbased_traceidratio", Some(argument), id);
                assert_eq!(followed, [taken, true, false], "{argument}");
            }
        }
        assert_eq!(decided("traceidratio", None, high), [true; 3]);
        assert_eq!(decided("traceidratio", Some(""), high), [true; 3]);
    }

    #[test]
    fn what_is_no_sampler_and_no_share_is_refused_with_what_it_is() {
        for name in ["sometimes", "jaeger_remote", "parentbased_", "parentbased_sometimes"] {
            let refused = Sampler::named(Some(name), None).unwrap_err();
            assert_eq!(refused, SamplerError::Unknown(name.to_owned()));
            assert!(refused.to_string().starts_with("OTEL_TRACES_SAMPLER is refused: `"));
        }
        for share in ["1.5", "-0.1", "NaN", "half", "inf"] {
            let refused = Sampler::named(Some("traceidratio"), Some(share)).unwrap_err();
            assert_eq!(refused, SamplerError::Share(share.to_owned()));
            assert_eq!(refused.code(), "ERR_OTLP_SAMPLER_ARG");
        }
    }
}
