#include "clients/cli/files.h"

#include "base/limits.h"
#include "proto/json.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static void close_file(FILE **file)
{
	if (*file && *file != stdin)
		(void)fclose(*file);
}

enum status file_read(
	struct arena *arena, const char *path, struct text *bytes_out, struct error *err)
{
	char piece[65536];
	struct buffer SCOPED_BUFFER bytes;
	FILE __attribute__((cleanup(close_file))) *file =
		strcmp(path, "-") == 0 ? stdin : fopen(path, "rbe");
	buffer_init(&bytes, LIMIT_MESSAGE_BYTES);
	if (!file)
		return fail(err, STATUS_INVALID_ARGUMENT, "'%s' cannot be read: %s", path,
			strerror(errno));
	size_t got;
	while (!bytes.full && (got = fread(piece, 1, sizeof piece, file)) > 0)
		buffer_add(&bytes, piece, got);
	if (ferror(file))
		return fail(err, STATUS_UNKNOWN, "'%s' cannot be read: %s", path, strerror(errno));
	TRY(buffer_check(&bytes, path, err));
	*bytes_out = arena_copy(arena, buffer_text(&bytes));
	return STATUS_OK;
}

enum status file_message(struct arena *arena, const char *path,
	const ProtobufCMessageDescriptor *descriptor, void *message_out, struct error *err)
{
	struct text bytes = {NULL, 0};
	TRY(file_read(arena, path, &bytes, err));
	struct text trimmed = text_trimmed(bytes);
	bool json = trimmed.length && trimmed.at[0] == '{';
	enum status status = json ? json_parse(bytes, descriptor, arena, message_out, err)
				  : yaml_parse(bytes, descriptor, arena, message_out, err);
	return status ? fail_within(err, "%s", path) : STATUS_OK;
}

static bool is_url(const char *path)
{
	return strstr(path, "://") != NULL;
}

enum status path_real(struct arena *arena, const char *path, char **path_out, struct error *err)
{
	char real[PATH_MAX];
	if (is_url(path)) {
		*path_out = arena_text(arena, text_of(path));
		return STATUS_OK;
	}
	if (!realpath(path, real))
		return fail(err, STATUS_INVALID_ARGUMENT, "'%s': %s", path,
			errno == ENOENT ? "there is no such file or folder" : strerror(errno));
	*path_out = arena_text(arena, text_of(real));
	return STATUS_OK;
}

/* "/a/./b/../c//d" as "/a/c/d"; a slash at the end stays. */
static char *path_clean(struct arena *arena, const char *path)
{
	char *clean = arena_alloc(arena, strlen(path) + 2);
	size_t length = 0;
	struct text rest = text_of(path);
	struct text step;
	bool more = true;
	while (text_split(&rest, &more, '/', &step)) {
		if (step.length == 0 || text_equal(step, TEXT(".")))
			continue;
		if (text_equal(step, TEXT(".."))) {
			while (length && clean[--length] != '/')
				;
			continue;
		}
		clean[length++] = '/';
		memcpy(clean + length, step.at, step.length);
		length += step.length;
	}
	if (length == 0 || text_ends(text_of(path), TEXT("/")))
		clean[length++] = '/';
	clean[length] = 0;
	return clean;
}

enum status path_beside(
	struct arena *arena, const char *file, const char *path, char **path_out, struct error *err)
{
	if (!path[0] || is_url(path) || path[0] == '/' || strncmp(path, "${", 2) == 0) {
		*path_out = arena_text(arena, text_of(path));
		return STATUS_OK;
	}
	const char *slash = strrchr(file, '/');
	const char *folder = !slash ? "."
			     : slash == file
				     ? "/"
				     : arena_printf(arena, "%.*s", (int)(slash - file), file);
	char *real = NULL;
	TRY(path_real(arena, folder, &real, err));
	*path_out = path_clean(arena, arena_printf(arena, "%s/%s", real, path));
	return STATUS_OK;
}
