//! What one client does not want to be stopped in: scripts by their URLs, and ranges of scripts. Must not
//! know how a program is stopped.

use std::collections::HashMap;

use serde_json::Value;

use super::Fault;
use super::breakpoints::Pattern;
use super::message::Params;

/// What is skipped.
#[derive(Debug, Default)]
pub(crate) struct Hidden {
    patterns: Vec<Pattern>,
    anonymous: bool,
    /// By script: where what is skipped begins, where it ends, and so on.
    ranges: HashMap<u32, Vec<(u32, u32)>>,
}

impl Hidden {
    /// Of the parameters of `setBlackboxPatterns`.
    pub(crate) fn set_patterns(&mut self, params: &Params<'_>) -> Result<(), Fault> {
        let Value::Array(patterns) = &params.0["patterns"] else {
            return Err(Fault::param("patterns", "array expected"));
        };
        let texts = patterns.iter().filter_map(Value::as_str);
        self.patterns = texts.map(Pattern::new).collect::<Result<Vec<_>, _>>()?;
        self.anonymous = params.0["skipAnonymous"] == true;
        Ok(())
    }

    /// Of the parameters of `setBlackboxedRanges`: the first range is not skipped, the next one is.
    pub(crate) fn set_ranges(&mut self, script: u32, params: &Params<'_>) -> Result<(), Fault> {
        let Value::Array(positions) = &params.0["positions"] else {
            return Err(Fault::param("positions", "array expected"));
        };
        let positions = positions.iter().map(position).collect::<Result<Vec<_>, _>>()?;
        if positions.windows(2).any(|two| two[0] >= two[1]) {
            return Err(Fault::server(
                "Input positions array is not sorted or contains duplicate values.",
            ));
        }
        match positions.is_empty() {
            true => self.ranges.remove(&script),
            false => self.ranges.insert(script, positions),
        };
        Ok(())
    }

    /// Whether a place is skipped; `url` is its script's.
    pub(crate) fn hides(&self, url: &str, script: u32, line: u32, column: u32) -> bool {
        let by_url = match url {
            "" => self.anonymous,
            url => self.patterns.iter().any(|one| one.finds(url)),
        };
        // Between the first position and the second it is skipped, between the second and the third not.
        let by_range = self.ranges.get(&script).is_some_and(|positions| {
            positions.partition_point(|one| *one <= (line, column)) % 2 == 1
        });
        by_url || by_range
    }
}

fn position(value: &Value) -> Result<(u32, u32), Fault> {
    let number = |name: &str, short: &str| {
        let number = value[name]
            .as_i64()
            .ok_or_else(|| Fault::param(&format!("positions.{name}"), "integer value expected"))?;
        u32::try_from(number)
            .map_err(|_| Fault::server(format!("Position missing '{short}' or '{short}' < 0.")))
    };
    Ok((number("lineNumber", "line")?, number("columnNumber", "column")?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn ranges_begin_and_end_at_their_positions() {
        let mut hidden = Hidden::default();
        let at = |line: u32, column: u32| json!({ "lineNumber": line, "columnNumber": column });
        let params = json!({ "positions": [at(2, 4), at(5, 0), at(9, 0)] });
        hidden.set_ranges(3, &Params(&params)).expect("they are sorted");
        let hides = |line, column| hidden.hides("a.js", 3, line, column);
        assert!(!hides(2, 3) && hides(2, 4) && hides(4, 99));
        assert!(!hides(5, 0) && !hides(8, 1) && hides(9, 0) && hides(1000, 0));
        assert!(!hidden.hides("a.js", 4, 3, 0));
        let twice = json!({ "positions": [at(2, 4), at(2, 4)] });
        assert!(hidden.set_ranges(3, &Params(&twice)).is_err());
        hidden.set_ranges(3, &Params(&json!({ "positions": [] }))).expect("none is fine");
        assert!(!hidden.hides("a.js", 3, 3, 0));
    }
}
