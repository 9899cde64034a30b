#include "service/auditing.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/memory.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A power of two, at most half full. */
enum { INDEX_SIZE = 2 * LIMIT_AUDIT_WAITING };

struct waiting {
	uint64_t hash;
	Tenon__V1__AuditEntry entry;
};

/* Entries alike are one, found by `index` (places in `at`, from 1). Texts are the
 * arena's, which holds at most a few megabytes: every text in it has a limit. */
struct heap {
	struct arena *arena;
	struct waiting *at;
	uint32_t *index;
	size_t count;
	uint64_t lost;
};

struct auditing {
	struct catalog *catalog;
	enum audit_level level;
	pthread_mutex_t lock;
	struct heap heaps[2]; /* one takes while the other is written */
	struct heap *taking;
};

struct auditing *auditing_new(struct catalog *catalog, enum audit_level level)
{
	struct auditing *auditing = memory_new(sizeof *auditing);
	auditing->catalog = catalog;
	auditing->level = level;
	(void)pthread_mutex_init(&auditing->lock, NULL);
	for (size_t i = 0; i < 2 && level != AUDIT_NONE; i++) {
		struct heap *heap = &auditing->heaps[i];
		heap->arena = arena_new();
		heap->at = memory_new_array(LIMIT_AUDIT_WAITING, sizeof *heap->at);
		heap->index = memory_new_array(INDEX_SIZE, sizeof *heap->index);
	}
	auditing->taking = &auditing->heaps[0];
	return auditing;
}

void auditing_free(struct auditing *auditing)
{
	if (!auditing)
		return;
	for (size_t i = 0; i < 2; i++) {
		arena_free(auditing->heaps[i].arena);
		free(auditing->heaps[i].at);
		free(auditing->heaps[i].index);
	}
	(void)pthread_mutex_destroy(&auditing->lock);
	free(auditing);
}

const char *audit_level_name(enum audit_level level)
{
	switch (level) {
	case AUDIT_WRITES:
		return "writes";
	case AUDIT_ALL:
		return "all";
	case AUDIT_NONE:
	case AUDIT_UNSAID:
		break;
	}
	return "none";
}

enum audit_level auditing_level(const struct auditing *auditing)
{
	return auditing->level;
}

static const char *kind_name(enum audit_kind kind)
{
	switch (kind) {
	case AUDITED_READ:
		return "read";
	case AUDITED_WRITE:
		return "write";
	case AUDITED_DENIED:
		return "denied";
	}
	return "";
}

/* Between characters: what is stored is UTF-8. */
static size_t cut(const char *text, size_t most)
{
	size_t length = strnlen(text, most);
	while (text[length] && length && ((unsigned char)text[length] & 0xc0) == 0x80)
		length--;
	return length;
}

/* Every connection has a port of its own: without it calls of one machine are alike. */
static size_t peer_length(const char *address)
{
	struct text text = text_of(address);
	size_t colon = text_find_last(text, ':');
	bool has_port = text_starts(text, TEXT("ipv4:")) || text_starts(text, TEXT("ipv6:"));
	return has_port && colon > 5 && colon < LIMIT_NAME_BYTES ? colon : LIMIT_NAME_BYTES;
}

/* Borrowed texts, but for those that are cut. */
static Tenon__V1__AuditEntry entry_of(const struct audited *audited)
{
	Tenon__V1__AuditEntry entry = TENON__V1__AUDIT_ENTRY__INIT;
	entry.time_us = clock_now_us();
	entry.principal = (char *)(uintptr_t)audited->caller->principal;
	entry.peer = (char *)(uintptr_t)audited->caller->address;
	entry.method = (char *)(uintptr_t)audited->method;
	entry.kind = (char *)(uintptr_t)kind_name(audited->kind);
	entry.resource = (char *)(uintptr_t)audited->resource;
	entry.message = (char *)(uintptr_t)audited->message;
	entry.code = (int32_t)audited->status;
	entry.count = 1;
	return entry;
}

static uint64_t alike_hash(const Tenon__V1__AuditEntry *entry)
{
	const char *const texts[] = {
		entry->principal, entry->method, entry->resource, entry->message, entry->peer};
	uint64_t hash = (uint64_t)entry->code * 0x9e3779b97f4a7c15u + (uint64_t)entry->kind[0];
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		hash = (hash ^ hash_of_64(text_of(texts[i]))) * 0x9e3779b97f4a7c15u;
	return hash;
}

static bool alike(const Tenon__V1__AuditEntry *a, const Tenon__V1__AuditEntry *b)
{
	return a->code == b->code && strcmp(a->kind, b->kind) == 0 &&
	       strcmp(a->principal, b->principal) == 0 && strcmp(a->peer, b->peer) == 0 &&
	       strcmp(a->method, b->method) == 0 && strcmp(a->resource, b->resource) == 0 &&
	       strcmp(a->message, b->message) == 0;
}

static char *kept(struct arena *arena, const char *text, size_t most)
{
	return arena_text(arena, (struct text){text, cut(text, most)});
}

static void keep(struct heap *heap, struct waiting *place, const Tenon__V1__AuditEntry *entry)
{
	place->entry = *entry;
	place->entry.principal = kept(heap->arena, entry->principal, LIMIT_NAME_BYTES);
	place->entry.peer = kept(heap->arena, entry->peer, LIMIT_NAME_BYTES);
	place->entry.method = kept(heap->arena, entry->method, LIMIT_NAME_BYTES);
	place->entry.resource = kept(heap->arena, entry->resource, LIMIT_RESOURCE_BYTES);
	place->entry.message = kept(heap->arena, entry->message, LIMIT_AUDIT_MESSAGE);
}

static void add(struct heap *heap, const Tenon__V1__AuditEntry *entry)
{
	uint64_t hash = alike_hash(entry);
	size_t at = hash % INDEX_SIZE;
	for (; heap->index[at]; at = (at + 1) % INDEX_SIZE) {
		struct waiting *other = &heap->at[heap->index[at] - 1];
		if (other->hash == hash && alike(&other->entry, entry)) {
			other->entry.count++;
			return;
		}
	}
	if (heap->count == LIMIT_AUDIT_WAITING) {
		heap->lost++;
		return;
	}
	struct waiting *place = &heap->at[heap->count++];
	place->hash = hash;
	keep(heap, place, entry);
	heap->index[at] = (uint32_t)heap->count;
}

bool auditing_note(struct auditing *auditing, const struct audited *audited)
{
	enum audit_level needed = audited->kind == AUDITED_READ ? AUDIT_ALL : AUDIT_WRITES;
	if (auditing->level < needed)
		return false;
	Tenon__V1__AuditEntry entry = entry_of(audited);
	char message[LIMIT_AUDIT_MESSAGE + 1] = "";
	char peer[LIMIT_NAME_BYTES + 1] = "";
	(void)strncat(message, entry.message, cut(entry.message, LIMIT_AUDIT_MESSAGE));
	(void)strncat(peer, entry.peer, peer_length(entry.peer));
	entry.message = message;
	entry.peer = peer;
	(void)pthread_mutex_lock(&auditing->lock);
	add(auditing->taking, &entry);
	bool many = auditing->taking->count == LIMIT_AUDIT_WAITING / 2;
	(void)pthread_mutex_unlock(&auditing->lock);
	return many;
}

enum status auditing_put(struct catalog_txn *txn, const struct audited *audited,
	struct arena *arena, struct error *err)
{
	Tenon__V1__AuditEntry entry = entry_of(audited);
	entry.resource = kept(arena, audited->resource, LIMIT_RESOURCE_BYTES);
	entry.peer = kept(arena, entry.peer, peer_length(entry.peer));
	return audit_append(txn, &entry, err);
}

/* ---- writing ---- */

struct writing {
	struct heap *heap;
	size_t from;
	size_t until;
	uint64_t lost;
};

static enum status write_lost(struct catalog_txn *txn, uint64_t lost, struct error *err)
{
	static char kind[] = "lost", who[] = "tenond";
	char message[128];
	Tenon__V1__AuditEntry entry = TENON__V1__AUDIT_ENTRY__INIT;
	(void)snprintf(
		message, sizeof message, "%" PRIu64 " calls found no room in the audit log", lost);
	entry.time_us = clock_now_us();
	entry.kind = kind;
	entry.principal = who;
	entry.message = message;
	entry.count = lost;
	return audit_append(txn, &entry, err);
}

static enum status write_some(struct catalog_txn *txn, void *state, struct error *err)
{
	struct writing *writing = state;
	if (writing->lost)
		TRY(write_lost(txn, writing->lost, err));
	for (size_t i = writing->from; i < writing->until; i++)
		TRY(audit_append(txn, &writing->heap->at[i].entry, err));
	return STATUS_OK;
}

/* In parts, so that no other write waits long. */
static enum status write_heap(struct catalog *catalog, struct heap *heap, struct error *err)
{
	enum { PART = 1000 };
	for (size_t from = 0; from < heap->count || heap->lost; from += PART) {
		struct writing writing = {heap, from,
			from + PART < heap->count ? from + PART : heap->count, heap->lost};
		enum status status = catalog_write_now(catalog, write_some, &writing, err);
		if (status != STATUS_OK) {
			for (size_t i = from; i < heap->count; i++)
				heap->lost += heap->at[i].entry.count;
			return status;
		}
		heap->lost = 0;
	}
	return STATUS_OK;
}

enum status auditing_flush(struct auditing *auditing, struct error *err)
{
	(void)pthread_mutex_lock(&auditing->lock);
	struct heap *full = auditing->taking;
	if (full->count == 0 && full->lost == 0) {
		(void)pthread_mutex_unlock(&auditing->lock);
		return STATUS_OK;
	}
	struct heap *other = &auditing->heaps[full == &auditing->heaps[0]];
	auditing->taking = other;
	(void)pthread_mutex_unlock(&auditing->lock);
	enum status status = write_heap(auditing->catalog, full, err);
	(void)pthread_mutex_lock(&auditing->lock);
	other->lost += full->lost;
	(void)pthread_mutex_unlock(&auditing->lock);
	full->lost = 0;
	full->count = 0;
	memset(full->index, 0, INDEX_SIZE * sizeof *full->index);
	arena_reset(full->arena);
	return status;
}
