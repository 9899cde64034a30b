#include "etl/exclusions.h"

#include "etl/dialect.h"
#include "storage/glob.h"

struct exclusion {
	struct text glob;
	struct text base; /* paths are matched below it; empty: whole */
};

/* A JSON string that begins at `*at` (its quote); *at moves past it. */
static bool string_at(struct arena *arena, const char **at, struct text *text_out)
{
	char *text = arena_alloc(arena, strlen(*at) + 1);
	size_t length = 0;
	const char *from = *at + 1;
	for (; *from && *from != '"'; from++) {
		if (*from == '\\' && !*++from)
			return false;
		text[length++] = *from;
	}
	if (*from != '"')
		return false;
	*at = from + 1;
	*text_out = (struct text){text, length};
	return true;
}

static const char *past_space(const char *at)
{
	return at + strspn(at, " \t\r\n");
}

static struct exclusion exclusion_of(struct text glob, struct text location)
{
	bool absolute =
		text_starts(glob, TEXT("/")) || memmem(glob.at, glob.length, "://", 3) != NULL;
	return (struct exclusion){glob, absolute ? TEXT("") : location};
}

static enum status parse(struct arena *arena, const char *written, struct text location,
	struct exclusions *exclusions, struct error *err)
{
	struct exclusion *list = NULL;
	const char *at = past_space(written);
	bool more = *at == '[' && *past_space(at + 1) != ']';
	bool well = *at == '[';
	while (well && more) {
		struct text glob;
		at = past_space(at + 1);
		well = *at == '"' && string_at(arena, &at, &glob);
		if (!well)
			break;
		TRY(glob_check(glob, err));
		list = arena_grow(
			arena, list, exclusions->count, exclusions->count + 1, sizeof *list);
		list[exclusions->count++] = exclusion_of(glob, location);
		at = past_space(at);
		more = *at == ',';
		well = more || *at == ']';
	}
	if (!well)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"it is '%.80s', a JSON list of globs is expected", written);
	exclusions->at = list;
	return STATUS_OK;
}

enum status exclusions_of(struct arena *arena, const Tenon__V1__Table *table, struct text location,
	struct exclusions *exclusions_out, struct error *err)
{
	const char *written = table_parameter(table, NULL, "exclusions");
	*exclusions_out = (struct exclusions){0};
	if (!written || !*past_space(written))
		return STATUS_OK;
	if (parse(arena, written, location, exclusions_out, err) != STATUS_OK)
		return fail_within(err, "parameter 'exclusions'");
	return STATUS_OK;
}

static bool excludes(const struct exclusion *exclusion, struct text path)
{
	if (exclusion->base.length && !text_starts(path, exclusion->base))
		return false;
	struct text below = text_from(path, exclusion->base.length);
	while (exclusion->base.length && text_starts(below, TEXT("/")))
		below = text_from(below, 1);
	return glob_matches(exclusion->glob, below);
}

void exclusions_drop(const struct exclusions *exclusions, struct listing *listing)
{
	size_t kept = 0;
	for (size_t i = 0; i < listing->count; i++) {
		bool out = false;
		for (size_t k = 0; k < exclusions->count && !out; k++)
			out = excludes(&exclusions->at[k], listing->objects[i].path);
		if (!out)
			listing->objects[kept++] = listing->objects[i];
	}
	listing->count = kept;
}
