#include "catalog/search.h"

#include "catalog/key.h"
#include "catalog/outline.h"
#include "catalog/page.h"
#include "catalog/search_index.h"
#include "catalog/search_order.h"
#include "catalog/search_query.h"
#include "catalog/sight.h"
#include "catalog/store.h"
#include "catalog/tags.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { RANK_NAME, RANK_COLUMN, RANK_OTHER, RANKS };

enum {
	FEW_CANDIDATES = 700, /* cheaper to sort than to find in an order of all tables */
	/* What a page pays for, in the steps of a scan. */
	STEPS_OF_A_LOOK_UP = 4,
	STEPS_OF_A_TABLE = 128, /* loaded and found not to match */
};

struct search {
	struct catalog_txn *txn;
	struct arena *arena; /* the answer's */
	struct arena *scratch; /* one table's */
	struct search_query query;
	struct postings *postings[LIMIT_SEARCH_TERMS + 1];
	size_t count;
	bool truncated;
	uint64_t passed_by; /* candidates of other ranks */
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
	assert(search->count > 0 && "without words the list of all tables stands for one");
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

/* A table, all of it in the scratch arena until the next one. */
struct loaded {
	struct text bytes;
	Tenon__V1__Table *table;
	Tenon__Store__V1__TagsRecord *tags;
};

static enum status load(
	struct search *search, uint64_t id, struct loaded *loaded, struct error *err)
{
	char key[8];
	bool found;
	void *table;
	arena_reset(search->scratch);
	TRY(store_find(search->txn, DB_TABLES, key_u64_text(id, key), &found, &loaded->bytes, err));
	if (!found)
		return fail(err, STATUS_DATA_LOSS, "search knows a table %llu that is not there",
			(unsigned long long)id);
	TRY(store_unpack(
		loaded->bytes, &tenon__v1__table__descriptor, search->scratch, &table, err));
	loaded->table = table;
	return tags_of_table(search->txn, id, search->scratch, &loaded->tags, err);
}

static enum status hit_make(struct search *search, const struct loaded *loaded,
	Tenon__V1__SearchHit **hit_out, struct error *err)
{
	struct text outline;
	void *listed;
	Tenon__V1__SearchHit *hit = arena_alloc(search->arena, sizeof *hit);
	tenon__v1__search_hit__init(hit);
	TRY(table_outline(loaded->bytes, search->scratch, &outline, err));
	TRY(store_unpack(outline, &tenon__v1__table__descriptor, search->arena, &listed, err));
	hit->table = listed;
	search_query_explain(&search->query, loaded->table, loaded->tags, search->arena, hit);
	*hit_out = hit;
	return STATUS_OK;
}

static bool is_hit(const struct search *search, const struct loaded *loaded)
{
	const Tenon__V1__Table *table = loaded->table;
	return sees_table(search->txn, text_of(table->database), text_of(table->name)) &&
	       (!search->query.checks || search_query_matches(&search->query, table, loaded->tags));
}

/* A candidate onto the page, when it matches. */
static enum status add_match(
	struct search *search, uint64_t id, struct text key, struct page *page, struct error *err)
{
	struct loaded loaded;
	Tenon__V1__SearchHit *hit;
	TRY(load(search, id, &loaded, err));
	if (!is_hit(search, &loaded)) {
		page_skip_costly(page, key, STEPS_OF_A_TABLE);
		return STATUS_OK;
	}
	TRY(hit_make(search, &loaded, &hit, err));
	page_add(page, hit, key);
	return STATUS_OK;
}

/* What a pass over the candidates from the first one has seen of worse ranks: the
 * first of each, so that their passes need not begin with the same walk. */
struct waiting {
	bool known;
	uint64_t ids[RANKS][LIMIT_PAGE];
	size_t counts[RANKS];
};

static struct text rank_key(int rank, uint64_t id, char bytes[1 + 8])
{
	bytes[0] = (char)rank;
	(void)key_u64_text(id, bytes + 1);
	return (struct text){bytes, 1 + 8};
}

static enum status consider(struct search *search, const struct candidate *candidate, int rank,
	struct waiting *waiting, struct page *page, struct error *err)
{
	char bytes[1 + 8];
	struct text key = rank_key(rank, candidate->id, bytes);
	if (candidate->rank == rank)
		return add_match(search, candidate->id, key, page, err);
	size_t *count = &waiting->counts[candidate->rank];
	if (!waiting->known && candidate->rank > rank && *count < LIMIT_PAGE)
		waiting->ids[candidate->rank][(*count)++] = candidate->id;
	/* Half of what a page's steps are meant for. */
	if (search->passed_by++ % 2)
		page_skip(page, key);
	return STATUS_OK;
}

/* The candidates of this rank from `id` on. */
static enum status pass(struct search *search, int rank, uint64_t id, struct waiting *waiting,
	struct page *page, struct error *err)
{
	bool whole = id == 0 && !waiting->known;
	if (!waiting->known) /* a pass that began further on has seen some of them alone */
		memset(waiting->counts, 0, sizeof waiting->counts);
	for (;;) {
		bool found;
		struct candidate candidate;
		TRY(candidate_next(search, id, &found, &candidate, err));
		page->more = found && page_is_full(page);
		if (!found || page->more)
			break;
		TRY(consider(search, &candidate, rank, waiting, page, err));
		id = candidate.id + 1;
	}
	waiting->known = waiting->known || (whole && !page->more);
	return STATUS_OK;
}

/* Those that waited; *id_out is where a pass would go on, 0 when that was all of them. */
static enum status take_waiting(struct search *search, int rank, const struct waiting *waiting,
	struct page *page, uint64_t *id_out, struct error *err)
{
	size_t count = waiting->counts[rank];
	*id_out = count == LIMIT_PAGE ? waiting->ids[rank][count - 1] + 1 : 0;
	for (size_t i = 0; i < count; i++) {
		char bytes[1 + 8];
		uint64_t id = waiting->ids[rank][i];
		page->more = page_is_full(page);
		if (page->more)
			return STATUS_OK;
		TRY(add_match(search, id, rank_key(rank, id, bytes), page, err));
	}
	return STATUS_OK;
}

/* The best rank first: a pass over the candidates each, as far as that is needed. */
static enum status by_rank(
	struct search *search, struct text after, struct page *page, struct error *err)
{
	int ranks = search->query.phrase_count ? RANKS : 1;
	int rank = after.length ? after.at[0] : 0;
	uint64_t id = after.length ? key_u64(after.at + 1) + 1 : 0;
	struct waiting *waiting = arena_alloc(search->arena, sizeof *waiting);
	for (; rank < ranks && !page->more; rank++, id = 0) {
		bool goes_on = true;
		if (waiting->known) {
			TRY(take_waiting(search, rank, waiting, page, &id, err));
			goes_on = id > 0 && !page->more;
		}
		if (goes_on)
			TRY(pass(search, rank, id, waiting, page, err));
	}
	return STATUS_OK;
}

static int ascending(const void *a, const void *b)
{
	return text_compare(*(const struct text *)a, *(const struct text *)b);
}

static int descending(const void *a, const void *b)
{
	return ascending(b, a);
}

struct sorted {
	const Tenon__V1__SearchTablesRequest *request;
	struct arena *arena;
	uint64_t ids[FEW_CANDIDATES];
	struct text keys[FEW_CANDIDATES]; /* of the tables that match */
	size_t count;
	bool all; /* there are no more */
};

static enum status gather_few(struct search *search, struct sorted *sorted, struct error *err)
{
	uint64_t id = 0;
	for (sorted->count = 0;; sorted->count++) {
		bool found;
		struct candidate candidate;
		TRY(candidate_next(search, id, &found, &candidate, err));
		sorted->all = !found;
		if (!found || sorted->count == FEW_CANDIDATES)
			return STATUS_OK;
		sorted->ids[sorted->count] = candidate.id;
		id = candidate.id + 1;
	}
}

/* When there are few candidates all of them are looked at. */
static enum status sort_few(struct search *search, struct sorted *sorted, struct error *err)
{
	size_t candidates = sorted->count;
	sorted->count = 0;
	for (size_t i = 0; i < candidates; i++) {
		struct loaded loaded;
		TRY(load(search, sorted->ids[i], &loaded, err));
		if (is_hit(search, &loaded))
			sorted->keys[sorted->count++] = search_order_key(
				loaded.table, sorted->request->sort, sorted->arena);
	}
	if (sorted->count)
		qsort(sorted->keys, sorted->count, sizeof *sorted->keys,
			sorted->request->descending ? descending : ascending);
	return STATUS_OK;
}

static enum status by_few(struct search *search, struct sorted *sorted, struct text after,
	struct page *page, struct error *err)
{
	int (*order)(const void *, const void *) =
		sorted->request->descending ? descending : ascending;
	TRY(sort_few(search, sorted, err));
	for (size_t i = 0; i < sorted->count; i++) {
		struct text key = sorted->keys[i];
		struct loaded loaded;
		Tenon__V1__SearchHit *hit;
		if (after.length && order(&key, &after) <= 0)
			continue;
		page->more = page_is_full(page);
		if (page->more)
			return STATUS_OK;
		TRY(load(search, key_u64(key.at + key.length - 8), &loaded, err));
		TRY(hit_make(search, &loaded, &hit, err));
		page_add(page, hit, key);
	}
	return STATUS_OK;
}

/* Whether every term knows the table. */
static enum status is_candidate(struct search *search, uint64_t id, bool *is_out, struct error *err)
{
	*is_out = true;
	for (size_t i = 0; i < search->count && *is_out; i++) {
		unsigned fields;
		TRY(postings_find(search->postings[i], id, is_out, &fields, err));
		if (*is_out && search->query.term_count)
			*is_out = fields & search->query.terms[i].fields;
	}
	return STATUS_OK;
}

/* When there are many the first tables of the order are asked one by one. */
static enum status by_walk(struct search *search, const Tenon__V1__SearchTablesRequest *request,
	struct text after, struct page *page, struct error *err)
{
	OWNED(search_order) order = NULL;
	TRY(search_order_open(search->txn, request->sort, request->descending, after, &order, err));
	for (;;) {
		bool found;
		struct text key;
		uint64_t id;
		TRY(search_order_next(order, &found, &key, &id, err));
		page->more = found && page_is_full(page);
		if (!found || page->more)
			return STATUS_OK;
		TRY(is_candidate(search, id, &found, err));
		if (found)
			TRY(add_match(search, id, key, page, err));
		else
			page_skip_costly(page, key, STEPS_OF_A_LOOK_UP);
	}
}

static enum status by_key(struct search *search, const Tenon__V1__SearchTablesRequest *request,
	struct text after, struct page *page, struct error *err)
{
	OWNED(arena) arena = arena_new();
	struct sorted *sorted = arena_alloc(arena, sizeof *sorted);
	sorted->request = request;
	sorted->arena = arena;
	TRY(gather_few(search, sorted, err));
	return sorted->all ? by_few(search, sorted, after, page, err)
			   : by_walk(search, request, after, page, err);
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
