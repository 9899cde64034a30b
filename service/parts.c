#include "service/parts.h"

#include "base/buffer.h"
#include "base/limits.h"
#include "proto/wire.h"
#include "service/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *folder_of(struct arena *arena, const struct daemon *daemon, const char *run_id)
{
	return arena_printf(arena, "%s/%s", daemon->parts_folder, run_id);
}

static const char *path_of(
	struct arena *arena, const struct daemon *daemon, const char *run_id, unsigned number)
{
	return arena_printf(arena, "%s/%u", folder_of(arena, daemon, run_id), number);
}

static enum status broken(const char *path, int code, struct error *err)
{
	bool full = code == ENOSPC || code == EDQUOT || code == EFBIG;
	return fail(err, full ? STATUS_RESOURCE_EXHAUSTED : STATUS_INTERNAL, "'%s': %s", path,
		strerrordesc_np(code));
}

static enum status write_all(int fd, const char *path, struct text bytes, struct error *err)
{
	while (bytes.length > 0) {
		ssize_t written = write(fd, bytes.at, bytes.length);
		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return broken(path, written < 0 ? errno : ENOSPC, err);
		bytes = text_from(bytes, (size_t)written);
	}
	return STATUS_OK;
}

enum status parts_keep(struct daemon *daemon, const char *run_id,
	const Tenon__V1__StagePartRequest *part, struct error *err)
{
	OWNED(arena) arena = arena_new();
	if (part->number >= LIMIT_PARTS)
		return fail(err, STATUS_RESOURCE_EXHAUSTED,
			"part %u of a plan or commit, and %u are the most: crawl or read a part of "
			"the prefix",
			part->number, LIMIT_PARTS);
	size_t bytes = protobuf_c_message_get_packed_size(&part->base);
	if (bytes > LIMIT_PART_BYTES)
		return fail(err, STATUS_RESOURCE_EXHAUSTED,
			"part %u has %zu bytes, and %u are the most", part->number, bytes,
			LIMIT_PART_BYTES);
	TRY(folder_make(folder_of(arena, daemon, run_id), err));
	const char *path = path_of(arena, daemon, run_id, part->number);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return broken(path, errno, err);
	enum status status = write_all(fd, path, wire_pack(arena, &part->base), err);
	(void)close(fd);
	return status;
}

static enum status read_all(
	int fd, const char *path, struct arena *arena, struct text *bytes_out, struct error *err)
{
	struct stat about;
	if (fstat(fd, &about) != 0)
		return broken(path, errno, err);
	size_t length = (size_t)about.st_size;
	char *bytes = arena_alloc(arena, length);
	size_t got = 0;
	while (got < length) {
		ssize_t some = read(fd, bytes + got, length - got);
		if (some < 0 && errno == EINTR)
			continue;
		if (some <= 0)
			return broken(path, some < 0 ? errno : EIO, err);
		got += (size_t)some;
	}
	*bytes_out = (struct text){bytes, length};
	return STATUS_OK;
}

enum status parts_read(struct daemon *daemon, const char *run_id, unsigned number,
	struct arena *arena, Tenon__V1__StagePartRequest **part_out, struct error *err)
{
	const char *path = path_of(arena, daemon, run_id, number);
	struct text bytes;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 && errno == ENOENT)
		return fail(err, STATUS_INVALID_ARGUMENT, "part %u was not staged", number);
	if (fd < 0)
		return broken(path, errno, err);
	enum status status = read_all(fd, path, arena, &bytes, err);
	(void)close(fd);
	TRY(status);
	return wire_unpack_record(
		&tenon__v1__stage_part_request__descriptor, bytes, arena, part_out, err);
}

void parts_remove(struct daemon *daemon, const char *run_id)
{
	OWNED(arena) arena = arena_new();
	folder_remove(folder_of(arena, daemon, run_id));
}
