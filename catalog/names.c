#include "catalog/names.h"

enum status length_check(struct text text, size_t bytes_max, const char *what, struct error *err)
{
	if (text.length > bytes_max)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"%s has %zu bytes, at most %zu are allowed", what, text.length, bytes_max);
	if (text_find(text, 0) != text.length)
		return fail(err, STATUS_INVALID_ARGUMENT, "%s holds a NUL byte", what);
	return STATUS_OK;
}

enum status name_check(struct text name, const char *what, struct error *err)
{
	if (name.length && name.length <= LIMIT_NAME_BYTES && text_is_printable(name))
		return STATUS_OK;
	if (name.length == 0)
		return fail(err, STATUS_INVALID_ARGUMENT, "%s is empty: give it a name", what);
	TRY(length_check(name, LIMIT_NAME_BYTES, what, err));
	for (size_t i = 0; i < name.length; i++) {
		unsigned char byte = (unsigned char)name.at[i];
		if ((byte < 0x20 && byte != '\t') || byte == 0x7F)
			return fail(err, STATUS_INVALID_ARGUMENT,
				"%s holds control character 0x%02x at byte %zu", what, byte, i);
	}
	if (!text_is_utf8(name))
		return fail(err, STATUS_INVALID_ARGUMENT, "%s is not UTF-8", what);
	return STATUS_OK;
}

enum status name_fold(struct arena *arena, struct text name, const char *what,
	struct text *name_out, struct error *err)
{
	TRY(name_check(name, what, err));
	char *folded = arena_text(arena, name);
	for (size_t i = 0; i < name.length; i++)
		folded[i] = text_lower(folded[i]);
	*name_out = (struct text){folded, name.length};
	return STATUS_OK;
}

size_t page_limit(size_t limit)
{
	return limit == 0 || limit > LIMIT_PAGE ? LIMIT_PAGE : limit;
}
