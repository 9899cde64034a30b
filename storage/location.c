#include "base/limits.h"
#include "storage/store.h"

#include <unistd.h>

/* The path's parts without "", "." and "..", joined again: purely lexical, as a
 * reader of the recorded location would see it. */
static struct text without_dots(struct arena *arena, struct text path)
{
	char *out = arena_alloc(arena, path.length + 2);
	size_t length = 0;
	struct text rest = path;
	struct text part;
	bool more = true;
	while (text_split(&rest, &more, '/', &part)) {
		if (part.length == 0 || text_equal(part, TEXT(".")))
			continue;
		if (text_equal(part, TEXT(".."))) {
			while (length > 0 && out[--length] != '/')
				continue;
			continue;
		}
		out[length++] = '/';
		memcpy(out + length, part.at, part.length);
		length += part.length;
	}
	if (length == 0)
		out[length++] = '/';
	out[length] = 0;
	return (struct text){out, length};
}

enum status location_normal(
	struct arena *arena, struct text location, struct text *normal_out, struct error *err)
{
	if (location.length == 0)
		return fail(err, STATUS_INVALID_ARGUMENT, "location is empty");
	if (location.length > LIMIT_PATH_BYTES)
		return fail(err, STATUS_RESOURCE_EXHAUSTED, "location is longer than %d bytes",
			LIMIT_PATH_BYTES);
	if (memchr(location.at, 0, location.length))
		return fail(err, STATUS_INVALID_ARGUMENT, "location contains a NUL byte");
	if (text_starts(location, TEXT("file://")))
		location = text_from(location, sizeof "file://" - 1);
	else if (memmem(location.at, location.length, "://", 3)) {
		while (location.length && location.at[location.length - 1] == '/')
			location.length--;
		*normal_out = arena_copy(arena, location);
		return STATUS_OK;
	}
	if (location.length == 0 || location.at[0] != '/') {
		char folder[LIMIT_PATH_BYTES];
		if (!getcwd(folder, sizeof folder))
			return fail(err, STATUS_FAILED_PRECONDITION,
				"the current folder is gone: give an absolute path");
		location = text_of(arena_printf(arena, "%s/%.*s", folder, TEXT_ARG(location)));
	}
	*normal_out = without_dots(arena, location);
	return STATUS_OK;
}
