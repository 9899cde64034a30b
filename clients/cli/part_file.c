#include "clients/cli/part_file.h"

#include "clients/cli/interrupt.h"
#include "secrets/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static enum status file_failed(struct error *err, const char *doing, const char *path)
{
	return fail(err, STATUS_FAILED_PRECONDITION, "%s '%s': %s", doing, path,
		strerrordesc_np(errno));
}

enum status part_file_open(struct cli *cli, const char *file, bool force,
	struct part_file *part_out, struct error *err)
{
	struct part_file part = {.file = file, .fd = STDOUT_FILENO};
	struct stat there;
	if (strcmp(file, "-") == 0) {
		*part_out = part;
		return STATUS_OK;
	}
	if (!force && lstat(file, &there) == 0)
		return fail(err, STATUS_ALREADY_EXISTS,
			"'%s' is there already: take another name, or --force", file);
	part.part = arena_printf(cli->arena, "%s.part", file);
	interrupt_start();
	part.fd = open(part.part, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (part.fd < 0)
		return file_failed(err, "make", part.part);
	interrupt_unlinks(part.part);
	*part_out = part;
	return STATUS_OK;
}

enum status part_file_write(const struct part_file *part, struct text bytes, struct error *err)
{
	for (size_t put = 0; put < bytes.length;) {
		ssize_t wrote = write(part->fd, bytes.at + put, bytes.length - put);
		if (wrote < 0 && errno != EINTR)
			return file_failed(
				err, "write", part->part ? part->part : "standard output");
		put += wrote > 0 ? (size_t)wrote : 0;
	}
	return STATUS_OK;
}

enum status part_file_sum(
	const struct part_file *part, char sum[static PART_FILE_SUM_BYTES], struct error *err)
{
	static_assert((int)PART_FILE_SUM_BYTES == (int)DIGEST_TEXT_BYTES, "a SHA-256 in hex");
	struct stat file;
	if (fstat(part->fd, &file) != 0)
		return file_failed(err, "measure", part->part);
	size_t length = (size_t)file.st_size;
	void *bytes = length ? mmap(NULL, length, PROT_READ, MAP_PRIVATE, part->fd, 0) : NULL;
	if (bytes == MAP_FAILED)
		return file_failed(err, "read", part->part);
	OWNED(digest) digest = digest_new();
	digest_add(digest, (struct text){bytes ? bytes : "", length});
	digest_end(digest, sum);
	if (bytes)
		(void)munmap(bytes, length);
	return STATUS_OK;
}

enum status part_file_end(const struct part_file *part, enum status status, struct error *err)
{
	if (!part->part)
		return status;
	if (status == STATUS_OK && fsync(part->fd) != 0)
		status = file_failed(err, "sync", part->part);
	if (close(part->fd) != 0 && status == STATUS_OK)
		status = file_failed(err, "close", part->part);
	if (status == STATUS_OK && rename(part->part, part->file) != 0)
		status = file_failed(err, "rename to", part->file);
	if (status != STATUS_OK)
		(void)unlink(part->part);
	interrupt_unlinks(NULL);
	return status;
}
