# `make run` and `make test` are the main commands. Most targets are scripts in scripts/.

.DEFAULT_GOAL := help
.PHONY: help run test bench chaos load soak vitals screenshots build sql services stop clean reset

help: ## list these targets
	@echo 'usage: make TARGET'
	@echo
	@sed -nE 's/^([a-z]+):.*## (.*)/  \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-14s%s\n", $$1, $$2 }'

run: ## install what is missing, build, seed and serve at http://localhost:3000 (PORT=...)
	@scripts/run.sh

test: ## run every check and test
	@scripts/test.sh

bench: ## measure throughput and latency on this machine (BENCH=--quick takes three minutes)
	@scripts/bench.sh $(BENCH)

chaos: ## break PostgreSQL, Redis, servers and networks, and check every promise (CHAOS='--seed 7 --rounds 1')
	@scripts/chaos.sh $(CHAOS)

load: ## run a load test with k6: make load SCENARIO=smoke (see k6-tests/README.md)
	@scripts/load-test.sh $(SCENARIO)

soak: ## load a server for an hour and check that it does not grow (SOAK='--minutes 10')
	@scripts/soak.sh $(SOAK)

vitals: ## measure web vitals on a slow phone, against the server of make run (BASE_URL=..., RUNS=...)
	@node end2end/web-vitals.mjs

screenshots: ## take the README's screenshots of the server of make run (BASE_URL=...)
	@node end2end/screenshots.mjs

build: ## build the release server and the browser bundle
	@scripts/build.sh

sql: ## describe the SQL statements in engine/.sqlx anew, after a change of one or of the schema
	@scripts/describe-sql.sh --update

services: ## start the local PostgreSQL and Redis and print their URLs
	@scripts/setup.sh services
	@scripts/local-services.sh start
	@scripts/local-services.sh url

stop: ## stop the local PostgreSQL and Redis
	@scripts/local-services.sh stop

clean: ## delete the build output (the data in .gavel/ is kept: see reset)
	rm -rf target end2end/node_modules end2end/test-results end2end/playwright-report

reset: ## delete the local PostgreSQL and Redis with all data
	@scripts/local-services.sh reset
