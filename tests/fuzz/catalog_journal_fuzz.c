#include "catalog/changes.h"
#include "catalog/journal_file.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void put(int fd, struct text bytes, uint64_t at)
{
	struct error err;
	if (journal_bytes_write(fd, "fuzz", bytes, at, &err) != STATUS_OK)
		abort();
}

/* A head that is taken is written as the same bytes. */
static void check_head(int fd, struct text bytes)
{
	OWNED(arena) arena = arena_new();
	struct journal_head head;
	struct journal_head again;
	struct error err;
	bool found = false;
	if (journal_head_read(fd, "fuzz", arena, &found, &head, &err) != STATUS_OK)
		abort();
	if (!found)
		return;
	if (journal_head_write(fd, "fuzz", &head, &err) != STATUS_OK ||
		journal_head_read(fd, "fuzz", arena, &found, &again, &err) != STATUS_OK || !found ||
		again.generation != head.generation || again.sequence != head.sequence ||
		!text_equal(again.meta, head.meta) || head.meta.length > bytes.length)
		abort();
}

/* A record that is taken is what sealing its payload gives. */
static void check_record(int fd, struct text bytes)
{
	struct buffer SCOPED_BUFFER record = {.bytes_max = SIZE_MAX};
	struct buffer SCOPED_BUFFER again = {.bytes_max = SIZE_MAX};
	struct error err;
	uint64_t fields[3] = {0};
	uint64_t at = JOURNAL_RECORDS;
	bool found = false;
	bool sought = false;
	memcpy(fields, bytes.at, bytes.length < sizeof fields ? bytes.length : sizeof fields);
	if (journal_record_read(fd, "fuzz", fields[1], fields[2], &at, &record, &found, &err) !=
			STATUS_OK ||
		journal_record_seek(fd, "fuzz", fields[1], fields[2], JOURNAL_RECORDS, &sought,
			&err) != STATUS_OK ||
		(found && !sought))
		abort();
	if (!found)
		return;
	journal_record_begin(&again);
	buffer_add_text(&again, journal_record_payload(&record));
	journal_record_seal(&again, fields[1], fields[2]);
	if (!text_starts(buffer_text(&again), buffer_text(&record)))
		abort();
}

/* Changes that are taken are noted as what is taken the same. */
static void check_changes(struct text rest)
{
	struct buffer SCOPED_BUFFER noted = {.bytes_max = SIZE_MAX};
	struct change change;
	struct change again;
	while (change_next(&rest, &change)) {
		buffer_clear(&noted);
		change_note(&noted, &change);
		struct text back = buffer_text(&noted);
		if (!change_next(&back, &again) || back.length ||
			again.is_delete != change.is_delete || again.db != change.db ||
			!text_equal(again.key, change.key) ||
			!text_equal(again.value, change.value))
			abort();
	}
}

/* The same bytes as a head, as a record, and as what a record holds. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text bytes = {(const char *)data, size};
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	if (fd < 0)
		abort();
	put(fd, bytes, 0);
	check_head(fd, bytes);
	if (ftruncate(fd, 0) != 0)
		abort();
	put(fd, bytes, JOURNAL_RECORDS);
	check_record(fd, bytes);
	(void)close(fd);
	check_changes(bytes);
	return 0;
}
