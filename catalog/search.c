#include "catalog/search.h"

#include "catalog/key.h"
#include "catalog/outline.h"
#include "catalog/page.h"
#include "catalog/search_index.h"
#include "catalog/search_query.h"
#include "catalog/sight.h"
#include "catalog/store.h"

#include <stdlib.h>

enum { RANK_NAME, RANK_COLUMN, RANK_OTHER, RANKS };

struct search {
	struct catalog_txn *txn;
	struct arena *arena; /* the answer's */
	struct arena *scratch; /* one table's */
	struct search_query query;
	struct postings *postings[LIMIT_SEARCH_TERMS + 1];
	size_t count;
	bool truncated;
};

static void search_done(struct search *search)
{
	for (size_t i = 0; i < search->count; i++)
		postings_free(search->postings[i]);
	arena_free(search->scratch);
}
#define SCOPED_SEARCH __attribute__((cleanup(search_done)))

static enum status search_begin(struct search *search, struct error *err)
{
	const struct search_query *query = &search->query;
	for (size_t i = 0; i < query->term_count; i++) {
		TRY(postings_open(search->txn, query->terms[i].word, query->terms[i].prefix,
			&search->postings[i], &search->truncated, err));
		search->count++;
	}
	if (search->count)
		return STATUS_OK;
	TRY(postings_open(
		search->txn, TEXT(""), true, &search->postings[0], &search->truncated, err));
	search->count = 1;
	return STATUS_OK;
}

static int rank_of(unsigned fields)
{
	if (fields & 1U << FIELD_NAME)
		return RANK_NAME;
	return fields & 1U << FIELD_COLUMN ? RANK_COLUMN : RANK_OTHER;
}

struct candidate {
	uint64_t id;
	int rank;
};

/* The first table from `id` on that every term knows: each in turn is moved to where
 * the others have come, until all stand at the same one. */
static enum status candidate_next(struct search *search, uint64_t id, bool *found_out,
	struct candidate *candidate_out, struct error *err)
{
	struct candidate candidate = {.id = id};
	for (size_t i = 0; i < search->count;) {
		uint64_t at;
		unsigned fields;
		TRY(postings_seek(search->postings[i], candidate.id, found_out, &at, &fields, err));
		if (!*found_out)
			return STATUS_OK;
		const struct search_term *term =
			search->query.term_count ? &search->query.terms[i] : NULL;
		bool wrong_field = term && !(fields & term->fields);
		if (at != candidate.id || wrong_field) {
			bool again = i > 0 || wrong_field;
			candidate = (struct candidate){.id = at + wrong_field};
			if (again) {
				i = 0;
				continue;
			}
		}
		if (term && term->ranks && rank_of(fields) > candidate.rank)
			candidate.rank = rank_of(fields);
		i++;
	}
	*candidate_out = candidate;
	return STATUS_OK;
}

/* All of it into the scratch arena; what stood there is gone. */
static enum status load(struct search *search, uint64_t id, struct text *bytes_out,
	Tenon__V1__Table **table_out, struct error *err)
{
	char key[8];
	bool found;
	void *table;
	arena_reset(search->scratch);
	TRY(store_find(search->txn, DB_TABLES, key_u64_text(id, key), &found, bytes_out, err));
	if (!found)
		return fail(err, STATUS_DATA_LOSS, "search knows a table %llu that is not there",
			(unsigned long long)id);
	TRY(store_unpack(*bytes_out, &tenon__v1__table__descriptor, search->scratch, &table, err));
	*table_out = table;
	return STATUS_OK;
}

static enum status hit_make(struct search *search, struct text bytes, const Tenon__V1__Table *table,
	Tenon__V1__SearchHit **hit_out, struct error *err)
{
	struct text outline;
	void *listed;
	Tenon__V1__SearchHit *hit = arena_alloc(search->arena, sizeof *hit);
	tenon__v1__search_hit__init(hit);
	TRY(table_outline(bytes, search->scratch, &outline, err));
	TRY(store_unpack(outline, &tenon__v1__table__descriptor, search->arena, &listed, err));
	hit->table = listed;
	search_query_explain(&search->query, table, search->arena, hit);
	*hit_out = hit;
	return STATUS_OK;
}

static bool is_hit(const struct search *search, const Tenon__V1__Table *table)
{
	return sees_table(search->txn, text_of(table->database), text_of(table->name)) &&
	       (!search->query.checks || search_query_matches(&search->query, table));
}

/* One candidate onto the page, when it is a hit of this rank. */
static enum status consider(struct search *search, const struct candidate *candidate, int rank,
	struct page *page, struct error *err)
{
	char bytes[1 + 8] = {(char)rank};
	(void)key_u64_text(candidate->id, bytes + 1);
	struct text key = {bytes, sizeof bytes};
	struct text stored;
	Tenon__V1__Table *table;
	Tenon__V1__SearchHit *hit;
	if (candidate->rank != rank) {
		page_skip(page, key);
		return STATUS_OK;
	}
	TRY(load(search, candidate->id, &stored, &table, err));
	if (!is_hit(search, table)) {
		page_skip(page, key);
		return STATUS_OK;
	}
	TRY(hit_make(search, stored, table, &hit, err));
	page_add(page, hit, key);
	return STATUS_OK;
}

/* The best rank first: a pass over the candidates each. */
static enum status by_rank(
	struct search *search, struct text after, struct page *page, struct error *err)
{
	int ranks = search->query.phrase_count ? RANKS : 1;
	int rank = after.length ? after.at[0] : 0;
	uint64_t id = after.length ? key_u64(after.at + 1) + 1 : 0;
	for (; rank < ranks; rank++, id = 0) {
		for (;;) {
			bool found;
			struct candidate candidate;
			TRY(candidate_next(search, id, &found, &candidate, err));
			if (!found)
				break;
			page->more = page_is_full(page);
			if (page->more)
				return STATUS_OK;
			TRY(consider(search, &candidate, rank, page, err));
			id = candidate.id + 1;
		}
	}
	return STATUS_OK;
}

/* What a hit is sorted by, and its id, which keeps equal ones apart. */
static struct text sort_key(
	const Tenon__V1__Table *table, Tenon__V1__SearchSort sort, struct arena *arena)
{
	struct buffer SCOPED_BUFFER key = {0};
	key_init(&key);
	if (sort == TENON__V1__SEARCH_SORT__SEARCH_SORT_NAME) {
		key_add_part(&key, text_of(table->database));
		key_add_part(&key, text_of(table->name));
	} else if (sort == TENON__V1__SEARCH_SORT__SEARCH_SORT_UPDATE_TIME) {
		key_add_u64(&key, (uint64_t)table->update_time_us);
	} else {
		key_add_u64(&key, (uint64_t)table->create_time_us);
	}
	key_add_u64(&key, table->id);
	return arena_copy(arena, buffer_text(&key));
}

static int ascending(const void *a, const void *b)
{
	return text_compare(*(const struct text *)a, *(const struct text *)b);
}

static int descending(const void *a, const void *b)
{
	return ascending(b, a);
}

static enum status sort_keys(struct search *search, const Tenon__V1__SearchTablesRequest *request,
	struct arena *arena, struct text *keys, size_t *count_out, struct error *err)
{
	size_t looked_at = 0;
	uint64_t id = 0;
	*count_out = 0;
	for (;;) {
		bool found;
		struct candidate candidate;
		struct text stored;
		Tenon__V1__Table *table;
		TRY(candidate_next(search, id, &found, &candidate, err));
		if (!found)
			break;
		if (looked_at++ == LIMIT_SEARCH_SORTED) {
			search->truncated = true;
			break;
		}
		id = candidate.id + 1;
		TRY(load(search, candidate.id, &stored, &table, err));
		if (is_hit(search, table))
			keys[(*count_out)++] = sort_key(table, request->sort, arena);
	}
	if (*count_out)
		qsort(keys, *count_out, sizeof *keys, request->descending ? descending : ascending);
	return STATUS_OK;
}

static enum status by_key(struct search *search, const Tenon__V1__SearchTablesRequest *request,
	struct text after, struct page *page, struct error *err)
{
	OWNED(arena) arena = arena_new();
	struct text *keys = arena_array(arena, LIMIT_SEARCH_SORTED, sizeof *keys);
	int (*order)(const void *, const void *) = request->descending ? descending : ascending;
	size_t count;
	TRY(sort_keys(search, request, arena, keys, &count, err));
	for (size_t i = 0; i < count; i++) {
		if (after.length && order(&keys[i], &after) <= 0)
			continue;
		struct text stored;
		Tenon__V1__Table *table;
		Tenon__V1__SearchHit *hit;
		page->more = page_is_full(page);
		if (page->more)
			return STATUS_OK;
		uint64_t id = key_u64(keys[i].at + keys[i].length - 8);
		TRY(load(search, id, &stored, &table, err));
		TRY(hit_make(search, stored, table, &hit, err));
		page_add(page, hit, keys[i]);
	}
	return STATUS_OK;
}

static enum status check_sort(const Tenon__V1__SearchTablesRequest *request, struct error *err)
{
	if (request->sort < 0 || request->sort > TENON__V1__SEARCH_SORT__SEARCH_SORT_CREATE_TIME)
		return fail(err, STATUS_INVALID_ARGUMENT, "no sort %d", (int)request->sort);
	if (request->descending && request->sort == TENON__V1__SEARCH_SORT__SEARCH_SORT_UNSPECIFIED)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"descending needs a sort: by name, update_time or create_time");
	return STATUS_OK;
}

enum status table_search(struct catalog_txn *txn, const Tenon__V1__SearchTablesRequest *request,
	size_t limit, struct arena *arena, Tenon__V1__SearchTablesResponse *response,
	struct error *err)
{
	struct search SCOPED_SEARCH search = {.txn = txn, .arena = arena, .scratch = arena_new()};
	struct text after;
	struct page page;
	TRY(check_sort(request, err));
	TRY(search_query_read(request, arena, &search.query, err));
	TRY(token_open(txn, TOKEN_SEARCH, search.query.context, text_of(request->page_token), arena,
		&after, err));
	TRY(txn_settle(txn, err)); /* no writes while a scan is open */
	TRY(search_begin(&search, err));
	page_init(&page, arena, limit);
	if (request->sort == TENON__V1__SEARCH_SORT__SEARCH_SORT_UNSPECIFIED)
		TRY(by_rank(&search, after, &page, err));
	else
		TRY(by_key(&search, request, after, &page, err));
	response->hits = (Tenon__V1__SearchHit **)(void *)page.items;
	response->n_hits = page.count;
	struct text next = page_next(&page, txn, TOKEN_SEARCH, search.query.context);
	if (next.length)
		response->next_page_token = arena_text(arena, next);
	response->truncated = search.truncated;
	return STATUS_OK;
}
