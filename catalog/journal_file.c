#include "catalog/journal_file.h"

#include "base/hash.h"
#include "base/limits.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char head_magic[8] = "TENONJ1\n";

/* On disk; `sum` is the hash of all that is behind it. */
struct head_bytes {
	char magic[8];
	uint64_t sum;
	uint64_t generation;
	uint64_t sequence;
	uint64_t transaction;
	uint64_t meta_bytes;
};

struct record_bytes {
	uint64_t sum;
	uint64_t generation;
	uint64_t sequence;
	uint64_t length; /* of the payload */
};
_Static_assert(sizeof(struct record_bytes) == JOURNAL_RECORD_HEAD, "a record's head");

enum { HEAD_SUM_AT = 16, RECORD_SUM_AT = 8 };

const char *journal_path(struct arena *arena, const char *folder, unsigned which)
{
	return arena_printf(arena, "%s/journal.%u", folder, which);
}

static enum status system_failed(struct error *err, const char *doing, const char *path)
{
	int code = errno;
	bool full = code == ENOSPC || code == EDQUOT || code == EFBIG;
	return full ? fail(err, STATUS_RESOURCE_EXHAUSTED,
			      "%s '%s': the disk is full: free some space and try again", doing,
			      path)
		    : fail(err, STATUS_INTERNAL, "%s '%s': %s", doing, path, strerrordesc_np(code));
}

enum status journal_bytes_write(
	int fd, const char *path, struct text bytes, uint64_t at, struct error *err)
{
	for (size_t done = 0; done < bytes.length;) {
		ssize_t put = pwrite(fd, bytes.at + done, bytes.length - done, (off_t)(at + done));
		if (put < 0 && errno != EINTR)
			return system_failed(err, "write", path);
		done += put > 0 ? (size_t)put : 0;
	}
	return STATUS_OK;
}

/* As much of `bytes` as the file has. */
static enum status bytes_read(
	int fd, const char *path, char *bytes, size_t *length, uint64_t at, struct error *err)
{
	size_t done = 0;
	while (done < *length) {
		ssize_t got = pread(fd, bytes + done, *length - done, (off_t)(at + done));
		if (got < 0 && errno != EINTR)
			return system_failed(err, "read", path);
		if (got == 0)
			break;
		done += got > 0 ? (size_t)got : 0;
	}
	*length = done;
	return STATUS_OK;
}

static uint64_t sum_of(const char *bytes, size_t from, size_t to)
{
	return hash_of_64((struct text){bytes + from, to - from});
}

enum status journal_head_write(
	int fd, const char *path, const struct journal_head *head, struct error *err)
{
	struct buffer SCOPED_BUFFER bytes = {.bytes_max = JOURNAL_RECORDS};
	struct head_bytes fields = {
		.generation = head->generation,
		.sequence = head->sequence,
		.transaction = head->transaction,
		.meta_bytes = head->meta.length,
	};
	memcpy(fields.magic, head_magic, sizeof head_magic);
	buffer_add(&bytes, &fields, sizeof fields);
	buffer_add_text(&bytes, head->meta);
	TRY(buffer_check(&bytes, "a journal's head", err));
	fields.sum = sum_of(bytes.at, HEAD_SUM_AT, bytes.length);
	memcpy(bytes.at, &fields, sizeof fields);
	return journal_bytes_write(fd, path, buffer_text(&bytes), 0, err);
}

enum status journal_head_read(int fd, const char *path, struct arena *arena, bool *found_out,
	struct journal_head *head_out, struct error *err)
{
	size_t length = JOURNAL_RECORDS;
	char *bytes = arena_alloc(arena, length);
	struct head_bytes fields;
	*found_out = false;
	TRY(bytes_read(fd, path, bytes, &length, 0, err));
	if (length < sizeof fields)
		return STATUS_OK;
	memcpy(&fields, bytes, sizeof fields);
	if (memcmp(fields.magic, head_magic, sizeof head_magic) != 0 ||
		fields.meta_bytes > length - sizeof fields ||
		fields.meta_bytes > JOURNAL_META_BYTES_MAX ||
		fields.sum != sum_of(bytes, HEAD_SUM_AT, sizeof fields + fields.meta_bytes))
		return STATUS_OK;
	*head_out = (struct journal_head){
		.generation = fields.generation,
		.sequence = fields.sequence,
		.transaction = fields.transaction,
		.meta = {bytes + sizeof fields, fields.meta_bytes},
	};
	*found_out = true;
	return STATUS_OK;
}

void journal_record_begin(struct buffer *record)
{
	static const struct record_bytes empty;
	buffer_clear(record);
	buffer_add(record, &empty, sizeof empty);
}

struct text journal_record_payload(const struct buffer *record)
{
	return text_from(buffer_text(record), JOURNAL_RECORD_HEAD);
}

void journal_record_seal(struct buffer *record, uint64_t generation, uint64_t sequence)
{
	static const char zeros[JOURNAL_PAGE];
	size_t length = record->length;
	struct record_bytes fields = {
		.generation = generation,
		.sequence = sequence,
		.length = length - JOURNAL_RECORD_HEAD,
	};
	memcpy(record->at, &fields, sizeof fields);
	fields.sum = sum_of(record->at, RECORD_SUM_AT, length);
	memcpy(record->at, &fields, sizeof fields);
	if (length % JOURNAL_PAGE)
		buffer_add(record, zeros, JOURNAL_PAGE - length % JOURNAL_PAGE);
}

static uint64_t pages_of(uint64_t bytes)
{
	return (bytes + JOURNAL_PAGE - 1) / JOURNAL_PAGE * JOURNAL_PAGE;
}

static enum status file_bytes(int fd, const char *path, uint64_t *bytes_out, struct error *err)
{
	struct stat file;
	if (fstat(fd, &file) != 0)
		return system_failed(err, "measure", path);
	*bytes_out = (uint64_t)file.st_size;
	return STATUS_OK;
}

/* The head of what may be a record at `at`: whether it is of this generation and its
 * length possible. */
static enum status head_here(int fd, const char *path, uint64_t generation, uint64_t at,
	bool *found_out, struct record_bytes *fields_out, struct error *err)
{
	uint64_t end = 0;
	size_t length = sizeof *fields_out;
	TRY(file_bytes(fd, path, &end, err));
	TRY(bytes_read(fd, path, (char *)fields_out, &length, at, err));
	*found_out = length == sizeof *fields_out && fields_out->generation == generation &&
		     fields_out->length <= LIMIT_JOURNAL_RECORD_BYTES &&
		     fields_out->length <= end - at - sizeof *fields_out;
	return STATUS_OK;
}

static enum status whole_here(int fd, const char *path, uint64_t at,
	const struct record_bytes *fields, struct buffer *record, bool *whole_out,
	struct error *err)
{
	size_t length = sizeof *fields + (size_t)fields->length;
	buffer_clear(record);
	char *bytes = buffer_reserve(record, length);
	TRY(buffer_check(record, "a record of the journal", err));
	record->length = length;
	TRY(bytes_read(fd, path, bytes, &length, at, err));
	*whole_out =
		length == record->length && fields->sum == sum_of(bytes, RECORD_SUM_AT, length);
	return STATUS_OK;
}

enum status journal_record_read(int fd, const char *path, uint64_t generation, uint64_t sequence,
	uint64_t *at, struct buffer *record, bool *found_out, struct error *err)
{
	struct record_bytes fields;
	TRY(head_here(fd, path, generation, *at, found_out, &fields, err));
	if (!*found_out || fields.sequence != sequence) {
		*found_out = false;
		return STATUS_OK;
	}
	TRY(whole_here(fd, path, *at, &fields, record, found_out, err));
	if (*found_out)
		*at += pages_of(sizeof fields + fields.length);
	return STATUS_OK;
}

enum status journal_record_seek(int fd, const char *path, uint64_t generation, uint64_t sequence,
	uint64_t at, bool *found_out, struct error *err)
{
	struct buffer SCOPED_BUFFER record = {.bytes_max = SIZE_MAX};
	uint64_t end = 0;
	TRY(file_bytes(fd, path, &end, err));
	for (*found_out = false; !*found_out && at < end; at += JOURNAL_PAGE) {
		struct record_bytes fields;
		TRY(head_here(fd, path, generation, at, found_out, &fields, err));
		if (*found_out && fields.sequence >= sequence)
			TRY(whole_here(fd, path, at, &fields, &record, found_out, err));
		else
			*found_out = false;
	}
	return STATUS_OK;
}
