//! SARIF 2.1.0 (OASIS), which code scanning of several hosts takes.

use serde_json::{Value, json};

use crate::{NoteKind, Report, rules::RULES};

/// The report as a SARIF log.
#[must_use]
pub fn sarif(report: &Report) -> String {
    let rules: Vec<Value> = RULES
        .iter()
        .map(|rule| {
            let about = rule.about();
            json!({
                "id": about.name,
                "shortDescription": { "text": sentence(about.finds) },
                "fullDescription": { "text": format!("Costs: {}.", about.cost) },
                "help": { "text": sentence(about.remedy) },
                "defaultConfiguration": { "level": about.severity.name() },
            })
        })
        .collect();
    let results: Vec<Value> = report
        .findings
        .iter()
        .map(|it| {
            let index = RULES.iter().position(|rule| rule.about().name == it.rule);
            let region = json!({
                "startLine": it.line,
                "startColumn": it.column,
                "endColumn": it.column + it.width,
            });
            json!({
                "ruleId": it.rule,
                "ruleIndex": index,
                "level": it.severity.name(),
                "message": { "text": format!("{} (costs: {})", it.message, it.cost) },
                "locations": [{ "physicalLocation": {
                    "artifactLocation": { "uri": uri(&it.file) },
                    "region": region,
                } }],
            })
        })
        .collect();
    let notifications: Vec<Value> = report
        .notes
        .iter()
        .map(|note| {
            let mut place = json!({ "artifactLocation": { "uri": uri(&note.file) } });
            if let Some(line) = note.line {
                place["region"] = json!({ "startLine": line });
            }
            json!({
                "level": "note",
                "message": { "text": note.message },
                "locations": [{ "physicalLocation": place }],
            })
        })
        .collect();
    let read_all = report.notes.iter().all(|note| note.kind != NoteKind::Unreadable);
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "sandtide doctor",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": read_all,
                "toolExecutionNotifications": notifications,
            }],
            "results": results,
        }],
    });
    let mut text = serde_json::to_string_pretty(&log).unwrap_or_default();
    text.push('\n');
    text
}

fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().collect::<String>()).unwrap_or_default();
    format!("{first}{}.", chars.as_str())
}

/// A path as a relative reference (RFC 3986).
fn uri(path: &str) -> String {
    let mut out = String::new();
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z'
            | b'A'..=b'Z'
            | b'0'..=b'9'
            | b'/'
            | b'-'
            | b'.'
            | b'_'
            | b'~'
            | b'@'
            | b'+' => {
                out.push(char::from(byte));
            }
            _ => out += &format!("%{byte:02X}"),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Checker;

    #[test]
    fn results_point_at_their_rule_and_place_and_notes_are_notifications() {
        let source = "// sandtide-ignore x\n  require('vm2')";
        let log: Value =
            serde_json::from_str(&sarif(&Checker::new().check("a b/ä.js", source))).unwrap();
        let run = &log["runs"][0];
        let result = &run["results"][0];
        let index = result["ruleIndex"].as_u64().unwrap() as usize;
        assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "a%20b/%C3%A4.js");
        let region = json!({ "startLine": 2, "startColumn": 11, "endColumn": 16 });
        assert_eq!(place["region"], region);
        assert_eq!(
            run["invocations"][0]["toolExecutionNotifications"].as_array().unwrap().len(),
            1
        );
    }
}
