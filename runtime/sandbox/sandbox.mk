# The sandbox: $(BUILD)/sandbox/phx-sandbox with a link for each program it is, and the runner of recorded commands.
# Included by the top Makefile, whose BUILD, COMPILE and `say` it uses. Everything generated goes below $(BUILD).

BUILD            ?= build
COMPILE          ?= $(CC) -std=c11 -D_GNU_SOURCE $(CFLAGS)
SANDBOX_DIR      := runtime/sandbox
SANDBOX_SOURCES  := $(sort $(filter-out $(SANDBOX_DIR)/options_make.c,$(wildcard $(SANDBOX_DIR)/*.c)))
SANDBOX_OBJECTS  := $(SANDBOX_SOURCES:%.c=$(BUILD)/%.o)
SANDBOX_BINARY   := $(BUILD)/sandbox/phx-sandbox
# One for each row of the table in main.c.
SANDBOX_NAMES    := $(shell sed -n 's/^    {"\([^"]*\)", .*, HOME_[A-Z]*},$$/\1/p' $(SANDBOX_DIR)/main.c)
SANDBOX_LINKS    := $(SANDBOX_NAMES:%=$(BUILD)/sandbox/%)
SANDBOX_PROGRAMS := $(SANDBOX_BINARY) $(SANDBOX_LINKS)
# A test starts hundreds of these for a moment each: without a loader and with nothing to relocate one takes half the time. The sanitizers and
# valgrind put themselves between a program and its C library, for which there has to be a shared one.
SANDBOX_LINK     ?= $(if $(filter -l%,$(filter-out -lm -ldl,$(LIBRARIES)))$(findstring -fsanitize,$(CFLAGS)),,-static)

.PHONY: sandbox check-sandbox sandbox-options
sandbox: $(SANDBOX_PROGRAMS) $(BUILD)/tests/transcripts

$(BUILD)/$(SANDBOX_DIR)/%.o: $(SANDBOX_DIR)/%.c
	@mkdir -p $(@D)
	$(call say,CC,$<)$(COMPILE) -MMD -MP -c -o $@ $<

$(SANDBOX_BINARY): $(SANDBOX_OBJECTS)
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(COMPILE) $(LDFLAGS) $(SANDBOX_LINK) -o $@ $^ $(LIBRARIES)

$(SANDBOX_LINKS): $(SANDBOX_BINARY)
	@ln -sf $(notdir $(SANDBOX_BINARY)) $@

$(BUILD)/tests/transcripts: tests/transcripts.c
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(COMPILE) $(LDFLAGS) -o $@ $< -ljansson

# By hand, when the published tables have changed: make sandbox-options TABLES=folder
$(BUILD)/sandbox/options-make: $(SANDBOX_DIR)/options_make.c
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(COMPILE) $(LDFLAGS) -o $@ $< -ljansson
sandbox-options: $(BUILD)/sandbox/options-make
	$< $(TABLES)/pct.json $(TABLES)/qm.json $(TABLES)/pvesm.json $(TABLES)/pvesh.json > $(SANDBOX_DIR)/options.def

check-sandbox: sandbox
	tests/sandbox/run

-include $(SANDBOX_OBJECTS:.o=.d)
