# Every target sets up what it needs; see CONTRIBUTING.md.
PREFIX ?= /usr/local
# The Swift runtime is linked in: the binaries run where no Swift is installed.
RELEASE := -c release --static-swift-stdlib -Xswiftc -Osize
# Tests with processes of their own wait for each other otherwise, until some give up.
WIDTH := --experimental-maximum-parallelization-width 8
STRICT := --explicit-target-dependency-import-check error
BIN = $(shell swift build $(RELEASE) --show-bin-path)

.PHONY: help demo build release-flags test lint format bench conformance install clean setup setup-tests

help:
	@echo "make demo      deploy a commit to a control plane on this machine, break it, watch it come back"
	@echo "make test      all tests, and the size of the binary"
	@echo "make build     release binaries, the Swift runtime linked in"
	@echo "make install   into PREFIX (now $(PREFIX)): programs, completions of bash, zsh and fish, man pages"
	@echo "make bench     speed and memory, beside peers"
	@echo "make conformance  clients and CI runners that others wrote, a real LangGraph agent, 200 kills, the packages, faults"
	@echo "make format    rewrite the sources as .swift-format says; make lint only checks"

setup:
	@scripts/setup.sh

setup-tests:
	@scripts/setup.sh --tests

demo: setup
	swift build $(STRICT)
	@scripts/demo.sh "$$(swift build --show-bin-path)"

build: setup
	swift build $(RELEASE) $(STRICT) --product slipway
	swift build $(RELEASE) $(STRICT) --product slipway-control-plane

release-flags:
	@echo $(RELEASE)

# The benchmarks are compiled too: nothing else would notice that they no longer do.
test: setup-tests lint
	SLIPWAY_BENCHMARKS=1 swift build $(STRICT) --build-tests
	SLIPWAY_BENCHMARKS=1 swift test --skip-build $(WIDTH)
	swift build $(RELEASE) --product slipway
	scripts/check-size.sh "$(BIN)/slipway" 28000000

lint:
	@scripts/setup.sh --lint
	@scripts/lint.sh

format:
	swift format --in-place --configuration .swift-format --recursive --parallel Package.swift Sources Tests Benchmarks

bench: setup
	SLIPWAY_BENCHMARKS=1 swift build $(RELEASE) --product slipway
	SLIPWAY_BENCHMARKS=1 swift build $(RELEASE) --product slipway-control-plane
	SLIPWAY_BENCHMARKS=1 swift build $(RELEASE) --product Benchmarks
	scripts/build-release.sh .build-static/install
	@Benchmarks/run.sh "$$(SLIPWAY_BENCHMARKS=1 swift build $(RELEASE) --show-bin-path)" .build-static/install/bin/slipway

conformance: setup-tests
	swift build $(STRICT) --build-tests
	@scripts/conformance.sh "$$(swift build --show-bin-path)"

install: build
	install -d "$(DESTDIR)$(PREFIX)/bin"
	install -s -m 755 "$(BIN)/slipway" "$(BIN)/slipway-control-plane" "$(DESTDIR)$(PREFIX)/bin"
	@scripts/shell-files.sh "$(BIN)/slipway" "$(DESTDIR)$(PREFIX)/share"

clean:
	swift package clean
