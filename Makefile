# phxc: build, tests, installation.
#
#   make            build/phxc and the sandbox's programs      make demo       a whole site on a model host
#   make check      every test, or SUITES='golden apply'       make bless      rewrite the goldens; then read the diff
#   make sanitize   the same under ASan and UBSan              make valgrind   PARTS='unit golden' (or all) under valgrind
#   make tidy       clang-tidy and cppcheck                    make fuzz       SECONDS=600 of libFuzzer
#   make bench      times and memory against their targets     make install    PREFIX=/usr/local DESTDIR=
#   make setup      install what the build and the tests need  make editors    lang/editors/ anew from the scanner's tables
#   make reference  build/library.md: all that the library has
#
# CC=clang chooses the compiler, WERROR=1 makes warnings errors, BUILD=folder keeps a build apart, V=1 shows the commands.

ifeq ($(origin CC),default)
CC := gcc
endif
BUILD   ?= build
CFLAGS  ?= -O2 -g
PREFIX  ?= /usr/local
SECONDS ?= 600

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wswitch-enum -Wvla
ifeq ($(WERROR),1)
WARNINGS += -Werror
endif
# Generated headers are included like the others: "lang/grammar.h" stands in $(BUILD)/lang.
CPPFLAGS_ALL := -D_GNU_SOURCE -I. -I$(BUILD) $(CPPFLAGS)
COMPILE       = $(CC) -std=c11 $(CPPFLAGS_ALL) $(WARNINGS) $(CFLAGS)
# Before a command: shows its kind and its file in place of the command itself.
ifeq ($(V),)
say = @printf '  %-5s %s\n' $1 $2;
endif
# From the archive where there is one: to find three shared libraries and what they refer to in each other takes longer than to check a small
# site. The digests of libcrypto and the few functions of the others that are used are 60 KB. The compiler is asked when they are first needed, for
# before that it may not be there.
archive       = $(or $(filter /%,$(shell $(CC) -print-file-name=lib$1.a)),-l$1)
LIBRARIES     = $(eval LIBRARIES := $(call archive,jansson) $(call archive,crypto) -lm -ldl)$(LIBRARIES)

GENERATED_C := $(BUILD)/lang/scanner.c $(BUILD)/lang/grammar.c $(BUILD)/stdlib.c $(BUILD)/agent.c
GENERATED_H := $(BUILD)/lang/grammar.h $(BUILD)/lang/scanner.h
SOURCES     := $(sort $(wildcard lang/*.c compiler/*.c runtime/*.c))
STDLIB      := $(sort $(shell find stdlib -name '*.phx'))
# The site that `phxc import FOLDER` evaluates.
LAYOUT      := examples/phoenix/legacy.phx
PLAN_SCHEMA := compiler/plan.schema.json
UNITS       := $(sort $(wildcard tests/unit/*.c))
OBJECTS     := $(SOURCES:%.c=$(BUILD)/%.o) $(GENERATED_C:.c=.o)
LIBRARY     := $(BUILD)/libphxc.a
UNIT_TESTS  := $(UNITS:%.c=$(BUILD)/%)
TABLES      := $(sort $(wildcard tests/tables/*.c))
# Fills the scanner's tables into the editors' grammars; tells what the scanner sees, to hold them against.
EDITORS_FILL := $(BUILD)/lang/editors/fill
TOKENS      := $(BUILD)/tests/editors/tokens
# The driver of random sites.
RANDOM      := $(BUILD)/tests/random/run
# For valgrind: phxc as a server that forks for each call, and who calls it. It looks for the sandbox's programs beside itself.
SERVE       := $(BUILD)/serve
CALL        := $(BUILD)/call

.DELETE_ON_ERROR:
.SUFFIXES:
.SECONDARY:
.PHONY: all unit served editors setup tools demo check bless sanitize valgrind tidy bench fuzz reference install uninstall clean FORCE

all: $(BUILD)/phxc

# The sandbox describes its own build: it defines SANDBOX_PROGRAMS, what is installed of it,
# and the target sandbox: these and what its tests need.
-include runtime/sandbox/sandbox.mk
all: $(SANDBOX_PROGRAMS)

served: $(SERVE) $(CALL)

unit: $(UNIT_TESTS) $(BUILD)/tests/tables/tables $(EDITORS_FILL) $(TOKENS) $(RANDOM)

# ---- build ----

$(BUILD)/phxc: $(BUILD)/runtime/main.o $(LIBRARY)
	$(call say,LINK,$@)$(COMPILE) $(LDFLAGS) -o $@ $^ $(LIBRARIES)

# Everything but main: what the unit tests and the fuzzers link. Made anew, so that no object of a deleted file stays in it.
$(LIBRARY): $(filter-out $(BUILD)/runtime/main.o,$(OBJECTS))
	$(call say,AR,$@)rm -f $@ && ar rcs $@ $^

$(BUILD)/%.o: %.c $(BUILD)/flags | $(GENERATED_H)
	@mkdir -p $(@D)
	$(call say,CC,$<)$(COMPILE) -MMD -MP -c -o $@ $<

$(BUILD)/%.o: $(BUILD)/%.c $(BUILD)/flags | $(GENERATED_H)
	$(call say,CC,$<)$(COMPILE) -MMD -MP -c -o $@ $<

$(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(LIBRARY)
	$(call say,LINK,$@)$(COMPILE) $(LDFLAGS) -o $@ $^ -lcmocka $(LIBRARIES)

$(BUILD)/tests/tables/tables: $(TABLES:%.c=$(BUILD)/%.o) $(LIBRARY)
	$(call say,LINK,$@)$(COMPILE) $(LDFLAGS) -o $@ $^ $(LIBRARIES)

$(EDITORS_FILL) $(TOKENS): %: %.o $(LIBRARY)
	$(call say,LINK,$@)$(COMPILE) $(LDFLAGS) -o $@ $^ $(LIBRARIES)

$(RANDOM): $(patsubst %.c,$(BUILD)/%.o,$(sort $(wildcard tests/random/*.c))) $(LIBRARY)
	$(call say,LINK,$@)$(COMPILE) $(LDFLAGS) -o $@ $^ $(LIBRARIES)

$(BUILD)/runtime/served.o: $(BUILD)/runtime/main.o
	$(call say,SYMS,$@)objcopy --redefine-sym main=phxc_main $< $@

$(SERVE): $(BUILD)/tests/valgrind/serve.o $(BUILD)/runtime/served.o $(LIBRARY)
	$(call say,LINK,$@)$(COMPILE) $(LDFLAGS) -o $@ $^ $(LIBRARIES)

$(CALL): $(BUILD)/tests/valgrind/call.o
	$(call say,LINK,$@)$(COMPILE) $(LDFLAGS) -o $@ $^

$(BUILD)/lang/scanner.c $(BUILD)/lang/scanner.h &: lang/scanner.l | tools
	@mkdir -p $(@D)
	$(call say,FLEX,$<)flex --header-file=$(BUILD)/lang/scanner.h -o $(BUILD)/lang/scanner.c $<

$(BUILD)/lang/grammar.c $(BUILD)/lang/grammar.h &: lang/grammar.y | tools
	@mkdir -p $(@D)
	$(call say,BISON,$<)bison -Wall -Werror --defines=$(BUILD)/lang/grammar.h -o $(BUILD)/lang/grammar.c $<

$(BUILD)/stdlib.c: stdlib/embed.sh $(LAYOUT) $(PLAN_SCHEMA) $(STDLIB) $(BUILD)/flags
	$(call say,EMBED,stdlib)sh stdlib/embed.sh $(LAYOUT) $(PLAN_SCHEMA) $(STDLIB) > $@

$(BUILD)/agent.c: runtime/agent.pl
	@mkdir -p $(@D)
	$(call say,EMBED,$<){ printf '/* Made from %s. */\n#include "runtime/agent.h"\n\nconst char phx_agent[] = {' $<; \
	od -An -v -tx1 $< | sed 's/ \(..\)/0x\1,/g'; printf '0};\nconst size_t phx_agent_length = sizeof phx_agent - 1;\n'; } > $@

# How to compile and to link and what is embedded, a line each. Changes when one of them does, and with it everything is built again.
$(BUILD)/flags: FORCE | tools
	@mkdir -p $(@D)
	@printf '%s\n' '$(COMPILE)' '$(LDFLAGS) $(LIBRARIES)' '$(LAYOUT) $(PLAN_SCHEMA) $(STDLIB)' > $@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

-include $(wildcard $(BUILD)/*/*.d $(BUILD)/*/*/*.d)

# ---- jobs ----

# Names what the build lacks and stops; `make setup` installs it.
tools:
	@CC='$(CC)' .ci/setup --check build

setup:
	@CC='$(CC)' .ci/setup build check editors engines

# Committed, because users take it without a build.
editors: $(EDITORS_FILL)
	$(EDITORS_FILL) json <lang/editors/phx.tmLanguage.json.in >lang/editors/vscode/syntaxes/phx.tmLanguage.json
	$(EDITORS_FILL) vim <lang/editors/phx.vim.in >lang/editors/vim/syntax/phx.vim

demo:
	@CC='$(CC)' .ci/setup build
	@$(MAKE) --no-print-directory all
	@PATH="$(abspath $(BUILD)):$$PATH" examples/demo.sh

check: setup
	@.ci/setup editors
	@$(MAKE) --no-print-directory all unit sandbox
	@BUILD=$(BUILD) tests/check $(SUITES)

bless: setup
	@$(MAKE) --no-print-directory all
	@BUILD=$(BUILD) tests/run --bless $(FILTER)

SANITIZERS := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
# What the sanitizers' runtime is told: in the tests and in the fuzzers.
export ASAN_OPTIONS  := suppressions=$(abspath tests/asan.supp)
export UBSAN_OPTIONS := print_stacktrace=1
# The sanitizers slow everything down: what is made up at random is made up less often.
sanitize:
	@PHX_MUTATION_ROUNDS=40 PHX_RANDOM_SITES=12 $(MAKE) --no-print-directory check BUILD=$(BUILD)/asan CFLAGS='-O1 -g $(SANITIZERS)'

valgrind:
	@.ci/setup build check valgrind
	@$(MAKE) --no-print-directory all unit sandbox served BUILD=$(BUILD)/valgrind SANDBOX_LINK= CFLAGS='-O1 -g -DPHX_ARENA_MALLOC'
	@BUILD=$(BUILD)/valgrind tests/valgrind/run $(PARTS)

tidy: $(GENERATED_H)
	@.ci/setup build tidy
	clang-tidy --quiet $(SOURCES) -- -std=c11 $(CPPFLAGS_ALL)
	cppcheck --quiet --std=c11 --error-exitcode=1 --inline-suppr --suppressions-list=.ci/cppcheck \
	    --enable=warning,performance,portability -D_GNU_SOURCE -I. -I$(BUILD) $(SOURCES)

bench: all
	@.ci/setup bench
	@CC='$(CC)' BUILD=$(BUILD) tests/bench/run

FUZZ := $(BUILD)/fuzz
fuzz:
	@.ci/setup build fuzz
	@$(MAKE) --no-print-directory fuzzers BUILD=$(FUZZ) CC=clang \
	    CFLAGS='-O1 -g -DPHX_EVAL_STEPS=1000000 -fsanitize=fuzzer-no-link $(SANITIZERS)'
	@BUILD=$(FUZZ) tests/fuzz/run $(SECONDS)

.PHONY: fuzzers
FUZZERS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/fuzz/*.c))
fuzzers: $(FUZZERS)
$(BUILD)/tests/fuzz/%: $(BUILD)/tests/fuzz/%.o $(LIBRARY)
	$(call say,LINK,$@)$(COMPILE) -fsanitize=fuzzer $(LDFLAGS) -o $@ $^ $(LIBRARIES)

# What the library has, out of its own comments: printed, so that it is never older than they are.
reference: $(BUILD)/library.md
$(BUILD)/library.md: $(BUILD)/phxc
	$(call say,PRINT,$@)$< explain reference > $@

# ---- installation ----

BIN      := $(DESTDIR)$(PREFIX)/bin
LIB      := $(DESTDIR)$(PREFIX)/lib/phxc
DOC      := $(DESTDIR)$(PREFIX)/share/doc/phxc
SHARE    := $(DESTDIR)$(PREFIX)/share/phxc
# They name each other, and the examples, by where they stand.
PAGES    := README.md lang/README.md stdlib/README.md runtime/sandbox/README.md

install: all $(BUILD)/library.md
	install -d $(BIN) $(LIB)/sandbox $(DOC) $(SHARE)/editors
	install -m 755 $(BUILD)/phxc $(BIN)/phxc
	cp -P $(SANDBOX_PROGRAMS) $(LIB)/sandbox/
	for page in $(PAGES); do install -D -m 644 $$page $(DOC)/$$page; done
	install -m 644 $(BUILD)/library.md $(DOC)/library.md
	cp -R examples $(SHARE)/
	cp -R lang/editors/README.md lang/editors/vscode lang/editors/vim $(SHARE)/editors/
	ln -sfn ../../phxc/examples $(DOC)/examples

uninstall:
	rm -f $(BIN)/phxc
	rm -rf $(LIB) $(DOC) $(SHARE)

clean:
	rm -rf $(BUILD)
