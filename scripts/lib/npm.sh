# shellcheck shell=bash
# The tools that come from npm, pinned in end2end/package-lock.json: wasm-opt, esbuild and Playwright. Source it after
# common.sh.

NPM_HOME=$ROOT/end2end

# npm_install: does nothing unless the lock file has changed since the last installation.
npm_install() {
	local stamp=$NPM_HOME/node_modules/.installed
	cmp -s "$NPM_HOME/package-lock.json" "$stamp" && return
	heading 'installing wasm-opt, esbuild and Playwright from npm'
	# The browser comes from Debian, so Playwright need not download one.
	(cd "$NPM_HOME" && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund) || die 'npm ci failed in end2end/'
	cp "$NPM_HOME/package-lock.json" "$stamp"
}
