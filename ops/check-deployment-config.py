#!/usr/bin/env python3
"""Checks the deployment configuration: manifests, compose file, build context, dashboard and alert rules.

    check-deployment-config.py KUBECTL GAVEL [METRICS_URL]

Kustomize renders the manifests, which are validated against the Kubernetes schemas; the compose file is validated too.
This script then checks what no schema can: that references resolve, that the server knows the settings, that the
connection limits add up and that a shutdown has enough time. Given the URL of a server's metrics, it also checks that
rules and dashboard query metrics that exist.
"""

import json
import pathlib
import re
import subprocess
import sys
import tomllib
import urllib.request

import kubernetes_validate
import yaml
from compose_spec import PyCompose

ROOT = pathlib.Path(__file__).resolve().parent.parent
OVERLAYS = ["local", "gke"]
# Custom resources of operators and of Google, which have no Kubernetes schema.
FOREIGN_KINDS = {"ServiceMonitor", "BackendConfig", "FrontendConfig", "ManagedCertificate"}
# Settings of other images, not of Gavel.
FOREIGN_SETTINGS = re.compile(r"POSTGRES_|PGDATA|GF_|MAX_|DEFAULT_POOL|GAVEL_LISTEN|GAVEL_SERVER_")
# The keys of the secret that an operator creates (docs/operations.md).
SECRET_KEYS = {"database-url", "database-direct-url", "redis-url", "jwt-secret", "jwt-secrets-accepted", "smtp-url"}
# PostgreSQL reserves three connections for superusers; the others are for operators.
POSTGRES_RESERVE = 3 + 10
# What an overlay with an external PostgreSQL requires of it (docs/operations.md).
POSTGRES_MAX_CONNECTIONS = 200

failures = []


def expect(condition, message):
    if not condition:
        failures.append(message)


def render(kubectl, overlay):
    text = subprocess.run([kubectl, "kustomize", ROOT / "k8s/overlays" / overlay], check=True, capture_output=True, text=True)
    return [manifest for manifest in yaml.safe_load_all(text.stdout) if manifest]


def only(manifests, kind, name):
    found = [m for m in manifests if m["kind"] == kind and m["metadata"]["name"] == name]
    return found[0] if len(found) == 1 else None


def workloads(manifests):
    """Everything that has pods: its name, the pods' labels and the pod specification."""
    for manifest in manifests:
        if manifest["kind"] in ("Deployment", "StatefulSet", "Job"):
            template = manifest["spec"]["template"]
            yield manifest["metadata"]["name"], template["metadata"]["labels"], template["spec"]


def check_schemas(overlay, manifests):
    for manifest in manifests:
        name = f"{overlay}: {manifest['kind']} {manifest['metadata']['name']}"
        expect(manifest["kind"] == "Namespace" or manifest["metadata"].get("namespace") == "flash-sale", f"{name} is not in the namespace flash-sale")
        if manifest["kind"] in FOREIGN_KINDS:
            continue
        try:
            kubernetes_validate.validate(manifest, kubernetes_validate.latest_version(), strict=True)
        except kubernetes_validate.ValidationError as error:
            failures.append(f"{name}: {error.message}")


def selects(selector, labels):
    if any(labels.get(key) != value for key, value in (selector.get("matchLabels") or {}).items()):
        return False
    return all(labels.get(rule["key"]) in rule["values"] for rule in selector.get("matchExpressions") or [])


def check_references(overlay, manifests):
    pods = list(workloads(manifests))
    for manifest in manifests:
        spec, name = manifest.get("spec", {}), f"{overlay}: {manifest['kind']} {manifest['metadata']['name']}"
        if manifest["kind"] == "Service":
            chosen = [spec_ for _, labels, spec_ in pods if selects({"matchLabels": spec["selector"]}, labels)]
            expect(chosen, f"{name} selects no pod")
            names = {port["name"] for pod in chosen for container in pod["containers"] for port in container["ports"]}
            for port in spec["ports"]:
                expect(port.get("targetPort", port["name"]) in names, f"{name}: no port {port['name']}")
        if manifest["kind"] in ("NetworkPolicy", "PodDisruptionBudget", "ServiceMonitor"):
            selector = spec.get("podSelector") or spec.get("selector") or {}
            expect(any(selects(selector, labels) for _, labels, _ in pods), f"{name} selects no pod")
        if manifest["kind"] == "HorizontalPodAutoscaler":
            target = spec["scaleTargetRef"]
            expect(only(manifests, target["kind"], target["name"]), f"{name} scales nothing")
        if manifest["kind"] == "Ingress":
            for rule in spec["rules"]:
                for path in rule["http"]["paths"]:
                    expect(only(manifests, "Service", path["backend"]["service"]["name"]), f"{name}: no such Service")
    for workload, _, pod in pods:
        for container in pod["containers"]:
            check_container(f"{overlay}: {workload}", manifests, container)


def check_container(name, manifests, container):
    for source in container.get("envFrom", []):
        expect(only(manifests, "ConfigMap", source["configMapRef"]["name"]), f"{name}: no such ConfigMap")
    for entry in container.get("env", []):
        reference = entry.get("valueFrom", {}).get("secretKeyRef")
        if reference:
            expect(reference["name"] == "gavel" and reference["key"] in SECRET_KEYS, f"{name}: {reference} is not documented")
    ports = {port["name"] for port in container.get("ports", [])}
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        action = container.get(probe, {})
        port = (action.get("httpGet") or action.get("tcpSocket") or {}).get("port")
        expect(port is None or port in ports, f"{name}: the {probe} uses an undeclared port")
    security = container["securityContext"]
    expect(security["allowPrivilegeEscalation"] is False and security["capabilities"]["drop"] == ["ALL"], f"{name} has too many privileges")
    expect("requests" in container["resources"], f"{name} has no resource requests")


def settings_of(manifests, workload):
    """The merged settings of a workload's only container."""
    pod = next(spec for name, _, spec in workloads(manifests) if name == workload)
    container = pod["containers"][0]
    settings = {}
    for source in container.get("envFrom", []):
        settings |= only(manifests, "ConfigMap", source["configMapRef"]["name"])["data"]
    return settings | {entry["name"]: entry.get("value", "secret") for entry in container.get("env", [])}


def check_settings(name, settings, known):
    for setting in settings:
        expect(setting in known or FOREIGN_SETTINGS.match(setting), f"{name}: the server has no setting {setting}")


def known_settings(gavel):
    helped = [subprocess.run([gavel, command, "--help"], check=True, capture_output=True, text=True).stdout for command in ("serve", "migrate")]
    return set(re.findall(r"\[env: ([A-Z0-9_]+)", " ".join(helped)))


def check_connections(name, servers, poolers, pool, per_server, max_connections, direct):
    """Checks that all clients fit into the poolers, even with one pooler down, and all poolers into PostgreSQL."""
    clients = servers * per_server
    room = int(pool["MAX_CLIENT_CONN"]) * max(1, poolers - 1)
    used = poolers * min(int(pool["DEFAULT_POOL_SIZE"]), int(pool["MAX_DB_CONNECTIONS"]))
    most = poolers * int(pool["MAX_DB_CONNECTIONS"])
    needed = most + direct + POSTGRES_RESERVE
    print(f"{name}: {servers} servers x {per_server} = {clients} clients, of {room} possible with one pooler down")
    print(f"{name}: {poolers} poolers use {used} server connections, {most} at most; with {direct} direct and {POSTGRES_RESERVE} in reserve {needed} of {max_connections}")
    expect(clients <= room, f"{name}: {clients} clients do not fit into {room}")
    expect(needed <= max_connections, f"{name}: {needed} connections do not fit into PostgreSQL's {max_connections}")


def check_cluster(overlay, manifests, known):
    server, pooler = settings_of(manifests, "gavel"), settings_of(manifests, "pgbouncer")
    jobs = [name for name, _, _ in workloads(manifests) if only(manifests, "Job", name)]
    for workload in ["gavel", *jobs]:
        check_settings(f"{overlay}: {workload}", settings_of(manifests, workload), known)
    expect(server.get("DATABASE_POOLED") == "true", f"{overlay}: the servers must set DATABASE_POOLED")
    for job in jobs:
        expect(settings_of(manifests, job).get("DATABASE_POOLED") != "true", f"{overlay}: {job} must not use the pooler")
    scaler = only(manifests, "HorizontalPodAutoscaler", "gavel")["spec"]
    surge = only(manifests, "Deployment", "gavel")["spec"]["strategy"]["rollingUpdate"]["maxSurge"]
    poolers = only(manifests, "Deployment", "pgbouncer")["spec"]
    postgres = next((pod for name, _, pod in workloads(manifests) if name == "postgres"), None)
    check_connections(
        overlay,
        scaler["maxReplicas"] + surge,
        poolers["replicas"] + poolers["strategy"]["rollingUpdate"]["maxSurge"],
        pooler,
        int(server["DATABASE_CONNECTIONS"]),
        max_connections_of(postgres["containers"][0]["args"]) if postgres else POSTGRES_MAX_CONNECTIONS,
        sum(int(settings_of(manifests, job)["DATABASE_CONNECTIONS"]) for job in jobs),
    )
    check_shutdown(overlay, manifests, server)


def max_connections_of(arguments):
    return next(int(argument.split("=")[1]) for argument in arguments if argument.startswith("max_connections="))


def check_shutdown(overlay, manifests, settings):
    pod = only(manifests, "Deployment", "gavel")["spec"]["template"]["spec"]
    probe = pod["containers"][0]["readinessProbe"]
    noticed = probe["periodSeconds"] * probe["failureThreshold"]
    delay, limit = int(settings["SHUTDOWN_DELAY_SECONDS"]), int(settings["SHUTDOWN_LIMIT_SECONDS"])
    grace = pod["terminationGracePeriodSeconds"]
    expect(noticed <= delay, f"{overlay}: noticing that a server is not ready takes {noticed} s, longer than its delay of {delay} s")
    expect(delay + 5 <= limit < grace, f"{overlay}: delay {delay}, limit {limit} and grace {grace} s do not fit")


def seconds(text):
    return int(text.removesuffix("s"))


def check_compose(known):
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text())
    try:
        # compose_spec's own parser does not support YAML merge keys, which are resolved here.
        PyCompose.from_json(json.dumps(compose)).validate()
    except ValueError as error:
        failures.append(f"compose: {error}")
    services = compose["services"]
    servers = [name for name in services if name.startswith("server-")]
    for name, service in services.items():
        for other in service.get("depends_on", []):
            expect(other in services, f"compose: {name} depends on {other}, which does not exist")
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            there = (ROOT / source).exists() if source.startswith(".") else source in compose["volumes"]
            expect(there, f"compose: {name} mounts {source}, which does not exist")
        if isinstance(service.get("environment"), dict) and service["image"] == "gavel":
            check_settings(f"compose: {name}", service["environment"], known)
    for name in servers:
        grace = seconds(services[name]["stop_grace_period"])
        expect(int(services[name]["environment"]["SHUTDOWN_LIMIT_SECONDS"]) < grace, f"compose: {name} has too little time to stop")
    for name in ("migrate", "seed"):
        expect(services[name]["environment"]["DATABASE_POOLED"] == "false", f"compose: {name} must not use the pooler")
    check_connections(
        "compose",
        len(servers),
        1,
        services["pgbouncer"]["environment"],
        int(services[servers[0]]["environment"]["DATABASE_CONNECTIONS"]),
        max_connections_of(services["postgres"]["command"]),
        sum(int(services[name]["environment"]["DATABASE_CONNECTIONS"]) for name in ("migrate", "seed")),
    )
    targets = yaml.safe_load((ROOT / "ops/prometheus/prometheus.yml").read_text())["scrape_configs"][0]["static_configs"][0]["targets"]
    expected = [f"{name}:{services[name]['environment']['MANAGEMENT_PORT']}" for name in servers]
    expect(targets == expected, f"Prometheus scrapes {targets}, but the servers are {expected}")


def check_build_context():
    """The image's build context must hold every crate of the workspace and the settings of cargo."""
    excluded, *included = [line for line in (ROOT / ".dockerignore").read_text().split() if line[0] in "*!"]
    expect(excluded == "*", ".dockerignore: does not begin by excluding everything")
    members = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["members"]
    for name in [*members, ".cargo", "migrations", "public", "style"]:
        expect(f"!{name}" in included, f".dockerignore: {name} is missing from the build context")


def queries():
    """Every expression of the rules and the dashboard, with its location."""
    for group in yaml.safe_load((ROOT / "ops/prometheus/rules.yaml").read_text())["groups"]:
        for rule in group["rules"]:
            yield f"the rule {rule['alert']}", rule["expr"]
    for panel in json.loads((ROOT / "ops/grafana/gavel.json").read_text())["panels"]:
        for target in panel.get("targets", []):
            yield f"the panel '{panel['title']}'", target["expr"]


def declared(name):
    """Whether the code declares this metric: one with labels is not exported before its first event."""
    sources = [path for crate in ("engine", "server") for path in (ROOT / crate / "src").rglob("*.rs")]
    return any(f'"{name}"' in path.read_text() for path in sources)


# PromQL keywords, which look like metric names.
PROMQL = {"sum", "max", "rate", "increase", "histogram_quantile", "by", "up"}


def check_metrics(url):
    with urllib.request.urlopen(url) as answer:
        text = answer.read().decode()
    # A histogram is exported as three metrics.
    seen = set(re.findall(r"^([a-z_]+)(?:{| )", text, re.MULTILINE))
    bounds = dict.fromkeys(re.findall(r'^([a-z_]+)_bucket{.*le="([^"]+)"', text, re.MULTILINE))
    asked = set()
    for place, query in queries():
        for metric, bound in re.findall(r'([a-z_]+)_bucket{le="([^"]+)"}', query):
            expect((metric, bound) in bounds, f"{place}: {metric} has no bound {bound}")
        # Without labels, in braces and after "by".
        bare = re.sub(r'"[^"]*"|{[^}]*}|\[[^\]]*\]|by \([^)]*\)', "", query)
        for name in set(re.findall(r"\b[a-z_]{2,}\b", bare)) - PROMQL:
            asked.add(name)
            base = re.sub(r"_(bucket|count|sum)$", "", name)
            expect(name in seen or declared(base), f"{place}: there is no metric {name}")
        for label in re.findall(r"{([a-z]+)=", query) + [label for labels in re.findall(r"by \(([^)]*)\)", query) for label in labels.split(", ")]:
            expect(label in ("le", "instance", "job") or label_is_declared(label), f"{place}: there is no label {label}")
    print(f"metrics: rules and dashboard query {len(asked)} metrics, {len(asked & seen)} of which {url} exports")
    expect(len(asked) > 20, "hardly any metric was found in rules and dashboard: is this check right?")


def label_is_declared(label):
    return declared(label)


def stop_on_failures():
    for failure in failures:
        print(f"FAILED  {failure}", file=sys.stderr)
    if failures:
        sys.exit(1)


def main():
    kubectl, gavel, *metrics_urls = sys.argv[1:]
    known = known_settings(gavel)
    overlays = {overlay: render(kubectl, overlay) for overlay in OVERLAYS}
    for overlay, manifests in overlays.items():
        check_schemas(overlay, manifests)
        print(f"{overlay}: {len(manifests)} manifests")
    # The checks below rely on valid manifests.
    stop_on_failures()
    for overlay, manifests in overlays.items():
        check_references(overlay, manifests)
        check_cluster(overlay, manifests, known)
    check_compose(known)
    check_build_context()
    for url in metrics_urls:
        check_metrics(url)
    stop_on_failures()


main()
