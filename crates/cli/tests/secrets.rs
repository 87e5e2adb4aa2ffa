//! `sandtide secret` beside a server: what it sets the server lists, and nothing prints it.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Stdio},
};

const HIDDEN: &str = "hidden from everybody";

/// A server, which is killed where its test ends before it.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn sandtide(place: &Path, words: &[&str], input: &str) -> (Option<i32>, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_sandtide"))
        .args(words)
        .current_dir(place)
        .env_remove("SANDTIDE_SECRET_KEY")
        .env_remove("SANDTIDE_SECRET_KEY_FILE")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Where the command ends before it reads, nobody takes it.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let ended = child.wait_with_output().unwrap();
    let text = [ended.stdout, ended.stderr].concat();
    (ended.status.code(), String::from_utf8(text).unwrap())
}

#[test]
fn secrets_set_on_the_command_line_are_the_servers_and_need_its_key() {
    let place = tempfile::tempdir().unwrap();
    let place = place.path();
    fs::write(place.join("key"), "0a".repeat(32) + "\n").unwrap();
    fs::write(place.join("other"), "0b".repeat(32)).unwrap();
    fs::write(place.join("short"), "0b").unwrap();
    // It keeps something, which is the test, so it is not started with --in-memory.
    let child = Command::new(env!("CARGO_BIN_EXE_sandtide"))
        .args(["serve", "--data", "kept", "--listen", "127.0.0.1:0", "--secret-key-file", "key"])
        .current_dir(place)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut server = Server(child);
    let mut lines = BufReader::new(server.0.stderr.take().unwrap()).lines().map(Result::unwrap);
    let line = lines.find(|line| line.contains("listens on")).unwrap();
    let base = line.split("listens on ").nth(1).unwrap().to_owned();

    let set = ["secret", "set", "API_KEY", "--data", "kept", "--tenant", "t"];
    let with = |file| [&set[..], &["--secret-key-file", file]].concat();
    let (code, said) = sandtide(place, &with("key"), &format!("{HIDDEN}\n"));
    assert_eq!(code, Some(0), "{said}");
    assert!(!said.contains(HIDDEN));
    let listed = ureq::get(format!("{base}/v1/secrets")).header("sandtide-tenant", "t").call();
    let listed = listed.unwrap().body_mut().read_to_string().unwrap();
    assert!(listed.contains("\"API_KEY\"") && listed.contains("command line"), "{listed}");
    let (code, said) = sandtide(place, &["secret", "list", "--data", "kept", "--tenant", "t"], "");
    assert!(code == Some(0) && said.starts_with("API_KEY  set "), "{said}");
    drop(server);

    let refused = [
        (set.to_vec(), "--secret-key-file"),
        (with("other"), "sealed with another one"),
        (with("short"), "32 bytes"),
        (vec!["serve", "--data", "kept", "--secret-key-file", "other"], "sealed with another one"),
        (vec!["secret", "delete", "NONE", "--data", "kept"], "there is no secret"),
    ];
    for (words, why) in refused {
        let (code, said) = sandtide(place, &words, HIDDEN);
        assert_eq!(code, Some(2), "{words:?}: {said}");
        assert!(said.contains(why) && !said.contains(HIDDEN), "{words:?}: {said}");
    }
    let delete = ["secret", "delete", "API_KEY", "--data", "kept", "--tenant", "t"];
    assert_eq!(sandtide(place, &delete, "").0, Some(0));
    assert_eq!(sandtide(place, &delete, "").0, Some(2));
}
