//! `sandtide serve` and `sandtide demo` as processes: they say where they listen, answer, and end
//! on a signal.

use std::{
    io::{BufRead, BufReader},
    net::TcpListener,
    process::{Child, Command, Stdio},
};

fn sandtide() -> Command {
    Command::new(env!("CARGO_BIN_EXE_sandtide"))
}

fn signal(child: &Child, name: &str) {
    let done = Command::new("kill").args(["-s", name, &child.id().to_string()]).status().unwrap();
    assert!(done.success());
}

#[test]
fn serve_says_where_it_listens_answers_and_ends_on_a_signal() {
    for name in ["TERM", "INT"] {
        let mut child = sandtide()
            .args(["serve", "--listen", "127.0.0.1:0", "--workers", "1", "--timeout", "100ms"])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        stderr.read_line(&mut line).unwrap();
        let base = line.trim().strip_prefix("sandtide listens on ").expect(&line).to_owned();

        let mut reply = ureq::post(format!("{base}/v1/runs?raw"))
            .content_type("text/javascript")
            .send("'from ' + 'the server'")
            .unwrap();
        assert_eq!(reply.body_mut().read_to_string().unwrap(), "from the server");
        let ended = ureq::post(format!("{base}/v1/runs?raw"))
            .content_type("text/javascript")
            .send("for (;;) {}");
        assert!(matches!(ended, Err(ureq::Error::StatusCode(422))), "{ended:?}");

        signal(&child, name);
        assert_eq!(child.wait().unwrap().code(), Some(0), "{name}");
    }
}

#[test]
fn serve_says_which_address_is_taken() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = sandtide().args(["serve", "--listen", &address]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains(&address), "{said}");
}

#[test]
fn serve_refuses_zero_workers_and_limits_out_of_range() {
    for args in [["--workers", "0"], ["--queue", "0"], ["--memory", "1B"], ["--timeout", "0s"]] {
        let output =
            sandtide().args(["serve", "--listen", "127.0.0.1:0"]).args(args).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {output:?}");
    }
    let output = sandtide().args(["serve", "--workers", "99999999"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("from 1 to 1024"), "{output:?}");
}

#[test]
fn demo_shows_a_result_of_each_of_its_scripts() {
    let output = sandtide()
        .args(["demo", "--once", "--no-libraries", "--listen", "127.0.0.1:0"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    for expected in [
        r#""value":4181"#,
        "Ines pushed to harbour/tides:main",
        r#""applied":["ten of a kind","returning customer"]"#,
        "Ada &lt;ada@tides.example&gt;",
        "Dover sent nothing",
        "ERR_WALL_TIME_LIMIT",
        "curl --json",
    ] {
        assert!(said.contains(expected), "{expected} is not in:\n{said}");
    }
}

#[test]
fn demo_takes_a_free_port_when_its_own_is_taken() {
    // Taken by this test or by someone else already: both will do.
    let _taken = TcpListener::bind("127.0.0.1:8080");
    let output = sandtide().args(["demo", "--once", "--no-libraries"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("Port 8080 is taken"), "{said}");
}
