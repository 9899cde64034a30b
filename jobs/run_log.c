#include "jobs/run_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TAIL_BYTES = 4096, LINE_BYTES_MAX = 200 };

const char *run_log_path(struct arena *arena, const char *folder, const char *run_id)
{
	return arena_printf(arena, "%s/%s.log", folder, run_id);
}

size_t run_log_read(const char *path, uint64_t offset, char *bytes, size_t length)
{
	int file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return 0;
	ssize_t got = offset > INT64_MAX ? 0 : pread(file, bytes, length, (off_t)offset);
	(void)close(file);
	return got > 0 ? (size_t)got : 0;
}

struct text run_log_last_line(struct arena *arena, const char *path)
{
	struct stat status;
	if (stat(path, &status) != 0 || status.st_size <= 0)
		return TEXT("");
	uint64_t size = (uint64_t)status.st_size;
	char tail[TAIL_BYTES];
	size_t got =
		run_log_read(path, size > TAIL_BYTES ? size - TAIL_BYTES : 0, tail, sizeof tail);
	struct text rest = text_trimmed((struct text){tail, got});
	size_t before = text_find_last(rest, '\n');
	struct text line = before == SIZE_MAX ? rest : text_from(rest, before + 1);
	line = text_trimmed(text_until(line, LINE_BYTES_MAX));
	/* It goes into a record of text: hostile bytes stay in the log. */
	return text_is_utf8(line) && text_find(line, '\0') == line.length ? arena_copy(arena, line)
									  : TEXT("");
}
