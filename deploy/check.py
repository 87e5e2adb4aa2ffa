"""What `deploy/check` reads of the files in this folder: `check.py CALLS METRICS` compares them with what a
server did and tells, `check.py --commands` prints the arguments of each command in them, one a line, and
`check.py --seccomp` the profile for containers, which lets pass what the unit does."""

import json
import pathlib
import re
import subprocess
import sys

import yaml

HERE = pathlib.Path(__file__).parent
UNIT = (HERE / "systemd/sandtide.service").read_text()
CONTAINER = (HERE / "Containerfile").read_text()
MANIFEST = list(yaml.safe_load_all((HERE / "kubernetes/sandtide.yaml").read_text()))
SHARED = list(yaml.safe_load_all((HERE / "kubernetes/postgres.yaml").read_text()))
PROGRAM = "/usr/local/bin/sandtide "


def fail(text):
    sys.exit(f"deploy/check: {text}")


def container_of_manifest():
    [workload] = [one for one in MANIFEST if one["kind"] == "StatefulSet"]
    return workload["spec"]["template"]["spec"]["containers"][0]


def commands():
    unit = re.search(r"^ExecStart=(.*)$", UNIT, re.M).group(1)
    yield unit.removeprefix(PROGRAM).replace("${STATE_DIRECTORY}", "/data")
    yield " ".join(json.loads(re.search(r"^CMD (.*)$", CONTAINER, re.M).group(1)))
    yield " ".join(container_of_manifest()["args"])
    [workload] = [one for one in SHARED if one["kind"] == "Deployment"]
    yield " ".join(workload["spec"]["template"]["spec"]["containers"][0]["args"])


def allowed_calls():
    """The calls that the unit lets pass, with its sets resolved by systemd-analyze."""
    left = re.search(r"^SystemCallFilter=(.*)$", UNIT, re.M).group(1).split() + ["@default"]
    found = set()
    while left:
        name = left.pop()
        if not name.startswith("@"):
            found.add(name)
            continue
        shown = subprocess.run(["systemd-analyze", "syscall-filter", "--no-pager", name],
                               check=True, capture_output=True, text=True).stdout
        left += [line.strip() for line in shown.splitlines()[1:] if line.strip() and "#" not in line]
    return found


def seccomp():
    """A profile for containers, as the OCI's runtime specification has them."""
    rule = {"names": sorted(allowed_calls()), "action": "SCMP_ACT_ALLOW"}
    architectures = ["SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"]
    whole = {"defaultAction": "SCMP_ACT_ERRNO", "architectures": architectures, "syscalls": [rule]}
    return json.dumps(whole, indent=1) + "\n"


def check_seccomp(made):
    """Releases of systemd differ in what their sets hold, so the file needs only what was needed."""
    [rule] = json.loads((HERE / "seccomp.json").read_text())["syscalls"]
    if missing := made - set(rule["names"]):
        fail(f"seccomp.json refuses what the server does: {', '.join(sorted(missing))}")


def check_calls(path):
    text = pathlib.Path(path).read_text(errors="replace")
    made = set(re.findall(r"^\d+ +([a-z_0-9]+)\(", text, re.M))
    # strace's name for a call that began before it looked.
    made -= {"restart_syscall"}
    if not {"seccomp", "landlock_restrict_self", "pivot_root"} & made:
        fail("no worker was confined while the server was watched")
    missing = made - allowed_calls()
    if missing:
        fail(f"the unit's SystemCallFilter= refuses what the server does: {', '.join(sorted(missing))}")
    check_seccomp(made)
    print(f"unit: all {len(made)} system calls of a server and its workers are let pass")


def check_metrics(path):
    told = pathlib.Path(path).read_text()
    # Families of labels that nothing happened for yet have no sample, only their description.
    names = set(re.findall(r"^# TYPE (\S+) ", told, re.M))
    whole = names | {name + end for name in names for end in ("_total", "_bucket", "_sum", "_count", "_info")}
    for file in ("prometheus/alerts.yaml", "grafana/sandtide.json"):
        used = set(re.findall(r"\bsandtide_[a-z_]+\b", (HERE / file).read_text()))
        if unknown := used - whole:
            fail(f"{file} asks for metrics that no server tells: {', '.join(sorted(unknown))}")
        if not used:
            fail(f"{file} asks for no metric")
        print(f"{file}: {len(used)} metrics, all told")


def check_container():
    root = HERE.parent
    for line in re.findall(r"^(?:COPY|ADD) (.*)$", CONTAINER, re.M):
        sources = [word for word in line.split() if not word.startswith("--")][:-1]
        for source in sources:
            if "--from=" not in line and not (root / source).exists():
                fail(f"Containerfile copies {source}, which is not there")
    if "-p sandtide-cli" not in CONTAINER or re.search(r"^USER (0|root)\b", CONTAINER, re.M):
        fail("Containerfile builds something else, or runs as root")
    mounts = {mount["mountPath"] for mount in container_of_manifest()["volumeMounts"]}
    if "/data" not in mounts:
        fail("the manifest keeps nothing")


def check_manifest():
    import kubernetes_validate

    for one in MANIFEST + SHARED:
        kubernetes_validate.validate(one, kubernetes_validate.latest_version(), strict=True)
    print(f"kubernetes: {len(MANIFEST + SHARED)} objects fit the schemas of {kubernetes_validate.latest_version()}")


if sys.argv[1:] == ["--commands"]:
    print("\n".join(commands()))
elif sys.argv[1:] == ["--seccomp"]:
    print(seccomp(), end="")
else:
    check_calls(sys.argv[1])
    check_metrics(sys.argv[2])
    check_container()
    check_manifest()
