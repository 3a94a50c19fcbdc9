# shellcheck shell=bash
# The tools that come from npm, pinned in end2end/package-lock.json: wasm-opt and Playwright. Source it after lib.sh.

NPM_HOME=$ROOT/end2end

# npm_install: only when the lock file differs from what is installed.
npm_install() {
	local stamp=$NPM_HOME/node_modules/.installed
	cmp -s "$NPM_HOME/package-lock.json" "$stamp" && return
	heading 'installing wasm-opt and Playwright from npm'
	# Browsers come from Debian; Playwright's own download is not needed.
	(cd "$NPM_HOME" && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund) || die 'npm ci failed in end2end/'
	cp "$NPM_HOME/package-lock.json" "$stamp"
}
