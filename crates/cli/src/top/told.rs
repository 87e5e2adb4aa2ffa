//! What a server's `/metrics` tells: the samples of OpenMetrics text, as `sandtide serve` writes it. Knows
//! nothing of what they mean. The crates that parse the format bring a date library or a parser generator
//! for what are lines of one shape.

use std::collections::BTreeMap;

/// The samples of one reading, by name.
#[derive(Clone, Debug, Default)]
pub(super) struct Told(BTreeMap<String, Vec<Sample>>);

#[derive(Clone, Debug, PartialEq)]
struct Sample {
    labels: Vec<(String, String)>,
    value: f64,
}

impl Sample {
    fn label(&self, name: &str) -> Option<&str> {
        self.labels.iter().find(|(label, _)| label == name).map(|(_, value)| &**value)
    }
}

impl Told {
    /// Reads what it can: lines of another shape are left out.
    pub(super) fn read(text: &str) -> Self {
        let mut samples: BTreeMap<String, Vec<Sample>> = BTreeMap::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if let Some((name, sample)) = read_line(line) {
                samples.entry(name.to_owned()).or_default().push(sample);
            }
        }
        Self(samples)
    }

    /// Whether a server of ours told this.
    pub(super) fn is_of_sandtide(&self) -> bool {
        self.0.contains_key("sandtide_workers")
    }

    fn samples(&self, name: &str) -> &[Sample] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }

    /// The sum of all samples of this name.
    pub(super) fn sum(&self, name: &str) -> f64 {
        self.samples(name).iter().map(|sample| sample.value).sum()
    }

    /// The samples of this name by one of their labels.
    pub(super) fn by(&self, name: &str, label: &str) -> BTreeMap<String, f64> {
        let mut found = BTreeMap::new();
        for sample in self.samples(name) {
            if let Some(value) = sample.label(label) {
                *found.entry(value.to_owned()).or_insert(0.0) += sample.value;
            }
        }
        found
    }

    /// The sum of a counter's samples whose outcome is an error, of one version or of all.
    pub(super) fn failed(&self, name: &str, version: Option<&str>) -> f64 {
        let counts = |sample: &&Sample| {
            let is_of = version.is_none_or(|of| sample.label("version") == Some(of));
            is_of && sample.label("outcome") != Some("ok")
        };
        self.samples(name).iter().filter(counts).map(|sample| sample.value).sum()
    }

    /// A histogram's buckets: how many observations were at most so much, by rising bounds.
    pub(super) fn buckets(&self, name: &str) -> Vec<(f64, f64)> {
        let bound = |sample: &Sample| match sample.label("le")? {
            "+Inf" => Some(f64::INFINITY),
            bound => bound.parse().ok(),
        };
        let samples = self.samples(&format!("{name}_bucket"));
        let mut found: Vec<(f64, f64)> =
            samples.iter().filter_map(|sample| Some((bound(sample)?, sample.value))).collect();
        found.sort_by(|a, b| a.0.total_cmp(&b.0));
        found
    }
}

fn read_line(line: &str) -> Option<(&str, Sample)> {
    let end = line.find(['{', ' '])?;
    let (name, rest) = line.split_at(end);
    let (labels, rest) = match rest.strip_prefix('{') {
        Some(rest) => read_labels(rest)?,
        None => (Vec::new(), rest),
    };
    // A time may follow the value.
    let value = rest.split_whitespace().next()?.parse().ok()?;
    Some((name, Sample { labels, value }))
}

/// Reads labels up to the bracket that closes them, and answers what follows.
fn read_labels(mut rest: &str) -> Option<(Vec<(String, String)>, &str)> {
    let mut labels = Vec::new();
    loop {
        rest = rest.trim_start_matches([',', ' ']);
        if let Some(rest) = rest.strip_prefix('}') {
            return Some((labels, rest));
        }
        let (name, after) = rest.split_once("=\"")?;
        let mut value = String::new();
        let mut chars = after.char_indices();
        rest = loop {
            match chars.next()? {
                (at, '"') => break &after[at + 1..],
                (_, '\\') => value.push(match chars.next()?.1 {
                    'n' => '\n',
                    other => other,
                }),
                (_, other) => value.push(other),
            }
        };
        labels.push((name.to_owned(), value));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TEXT: &str = "# HELP sandtide_runs Runs\n# TYPE sandtide_runs counter\n\
        sandtide_runs_total{outcome=\"ok\"} 41\n\
        sandtide_runs_total{outcome=\"ERR_CPU_TIME_LIMIT\"} 1 1700000000\n\
        sandtide_workers 4\n\
        sandtide_run_seconds_bucket{le=\"+Inf\"} 42\n\
        sandtide_run_seconds_bucket{le=\"0.0001\"} 40\n\
        nonsense\nsandtide_odd{label=\"a \\\"b\\\" \\\\ \\n}\",other=\"x\"} 2\n# EOF\n";

    #[test]
    fn samples_are_read_with_their_labels() {
        let told = Told::read(TEXT);
        assert!(told.is_of_sandtide());
        assert_eq!(told.sum("sandtide_runs_total"), 42.0);
        assert_eq!(told.by("sandtide_runs_total", "outcome")["ok"], 41.0);
        assert_eq!(told.buckets("sandtide_run_seconds"), [(0.0001, 40.0), (f64::INFINITY, 42.0)]);
        assert_eq!(told.by("sandtide_odd", "label")["a \"b\" \\ \n}"], 2.0);
        assert!(!Told::read("<html>").is_of_sandtide());
    }

    proptest! {
        #[test]
        fn a_label_that_was_written_is_read_again(value in "\\PC*", number in -1e9..1e9f64) {
            let escaped = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            let line = format!("name{{a=\"{escaped}\",b=\"\"}} {number}");
            let sample = read_line(&line).unwrap().1;
            prop_assert_eq!(sample.label("a"), Some(&*value));
            prop_assert_eq!(sample.value, number);
        }

        #[test]
        fn whatever_is_told_is_read_without_a_panic(text in any::<String>()) {
            Told::read(&text);
            read_labels(&text);
        }
    }
}
