#include "registry/registry.h"

#define BACKWARD .new_reads_old = true
#define FORWARD	 .old_reads_new = true
#define ALL	 .every = true

static const struct mode modes[] = {
	[TENON__V1__COMPATIBILITY__COMPATIBILITY_UNSPECIFIED] = {"BACKWARD", BACKWARD},
	[TENON__V1__COMPATIBILITY__COMPATIBILITY_NONE] = {.name = "NONE"},
	[TENON__V1__COMPATIBILITY__COMPATIBILITY_DISABLED] = {"DISABLED", .closed = true},
	[TENON__V1__COMPATIBILITY__COMPATIBILITY_BACKWARD] = {"BACKWARD", BACKWARD},
	[TENON__V1__COMPATIBILITY__COMPATIBILITY_BACKWARD_ALL] = {"BACKWARD_ALL", BACKWARD, ALL},
	[TENON__V1__COMPATIBILITY__COMPATIBILITY_FORWARD] = {"FORWARD", FORWARD},
	[TENON__V1__COMPATIBILITY__COMPATIBILITY_FORWARD_ALL] = {"FORWARD_ALL", FORWARD, ALL},
	[TENON__V1__COMPATIBILITY__COMPATIBILITY_FULL] = {"FULL", BACKWARD, FORWARD},
	[TENON__V1__COMPATIBILITY__COMPATIBILITY_FULL_ALL] = {"FULL_ALL", BACKWARD, FORWARD, ALL},
};

const struct mode *mode_of(Tenon__V1__Compatibility compatibility)
{
	size_t at = (size_t)compatibility;
	return at < sizeof modes / sizeof *modes ? &modes[at] : NULL;
}

enum status definition_follows(struct arena *arena, const struct mode *mode,
	const struct definition *newer, const struct definition *older, struct obstacles *obstacles,
	bool *follows_out, struct error *err)
{
	bool backward = true;
	bool forward = true;
	if (mode->new_reads_old)
		TRY(definition_reads(arena, newer, older, true, obstacles, &backward, err));
	if (mode->old_reads_new)
		TRY(definition_reads(arena, older, newer, false, obstacles, &forward, err));
	*follows_out = backward && forward;
	return STATUS_OK;
}
