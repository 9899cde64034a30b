#include "registry/registry.h"

static const struct mode modes[] = {
	/*                                                                      n<o    o<n    all */
	[TENON__V1__COMPATIBILITY__COMPATIBILITY_UNSPECIFIED] = {"BACKWARD", true, false, false},
	[TENON__V1__COMPATIBILITY__COMPATIBILITY_NONE] = {"NONE", false, false, false},
	[TENON__V1__COMPATIBILITY__COMPATIBILITY_DISABLED] = {"DISABLED", .closed = true},
	[TENON__V1__COMPATIBILITY__COMPATIBILITY_BACKWARD] = {"BACKWARD", true, false, false},
	[TENON__V1__COMPATIBILITY__COMPATIBILITY_BACKWARD_ALL] = {"BACKWARD_ALL", true, false,
		true},
	[TENON__V1__COMPATIBILITY__COMPATIBILITY_FORWARD] = {"FORWARD", false, true, false},
	[TENON__V1__COMPATIBILITY__COMPATIBILITY_FORWARD_ALL] = {"FORWARD_ALL", false, true, true},
	[TENON__V1__COMPATIBILITY__COMPATIBILITY_FULL] = {"FULL", true, true, false},
	[TENON__V1__COMPATIBILITY__COMPATIBILITY_FULL_ALL] = {"FULL_ALL", true, true, true},
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
