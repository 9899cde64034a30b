#include "catalog/search_query.h"

#include "catalog/names.h"

enum { ALL_FIELDS = (1U << FIELD_COUNT_) - 1, SHOWN_BYTES = 256 };

static enum status add_terms(struct search_query *query, const struct phrase *phrase,
	unsigned fields, bool ranks, struct error *err)
{
	for (size_t i = 0; i < phrase->count; i++) {
		if (query->term_count == LIMIT_SEARCH_TERMS)
			return fail(err, STATUS_RESOURCE_EXHAUSTED,
				"a search has more than %d words: use fewer", LIMIT_SEARCH_TERMS);
		query->terms[query->term_count++] = (struct search_term){
			.word = phrase->words[i],
			.prefix = phrase->prefix && i + 1 == phrase->count,
			.fields = fields,
			.ranks = ranks,
		};
	}
	return STATUS_OK;
}

static bool field_of(struct text key, enum table_field *field_out)
{
	for (int i = 0; i < FIELD_COUNT_; i++) {
		if (text_equal(key, text_of(table_field_name((enum table_field)i)))) {
			*field_out = (enum table_field)i;
			return true;
		}
	}
	return false;
}

static enum status read_time(struct search_filter *filter, struct text key, struct error *err)
{
	filter->how = text_equal(key, TEXT("create_time")) ? FILTER_CREATED : FILTER_UPDATED;
	if (filter->value.length == 0 ||
		text_int64(filter->value, &filter->time_us) != filter->value.length)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"filter '%.*s': '%.*s' is not a number of microseconds", TEXT_ARG(key),
			TEXT_ARG(filter->value));
	return STATUS_OK;
}

static enum status read_field(struct search_query *query, struct search_filter *filter,
	struct text key, struct arena *arena, struct error *err)
{
	if (filter->comparator > TENON__V1__SEARCH_COMPARATOR__SEARCH_COMPARATOR_EQUALS)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"filter '%.*s' can only be equal: larger and smaller are for create_time "
			"and update_time",
			TEXT_ARG(key));
	if (text_starts(key, TEXT("parameter."))) {
		filter->field = FIELD_PARAMETER;
		filter->path = text_from(key, sizeof "parameter." - 1);
	} else if (text_starts(key, TEXT("tag."))) {
		filter->field = FIELD_TAG;
		filter->path = text_from(key, sizeof "tag." - 1);
	} else if (!field_of(key, &filter->field)) {
		return fail(err, STATUS_INVALID_ARGUMENT,
			"no filter '%.*s': use database, name, column, type, comment, description, "
			"parameter, parameter.KEY, tag, tag.KEY, owner, table_type, location, "
			"create_time or "
			"update_time",
			TEXT_ARG(key));
	}
	bool same = filter->field == FIELD_DATABASE || filter->field == FIELD_TABLE_TYPE;
	filter->how = same ? FILTER_SAME : FILTER_WORDS;
	filter->phrase = phrase_of(arena, filter->value);
	if (same)
		filter->phrase.prefix = false;
	if (filter->phrase.count == 0 && (!same || filter->value.length == 0))
		return fail(err, STATUS_INVALID_ARGUMENT,
			"filter '%.*s': '%.*s' has no letter or digit to look for", TEXT_ARG(key),
			TEXT_ARG(filter->value));
	return add_terms(query, &filter->phrase, 1U << filter->field, false, err);
}

static enum status read_filter(struct search_query *query, const Tenon__V1__SearchFilter *wire,
	struct arena *arena, struct error *err)
{
	struct text key = text_of(wire->key);
	struct search_filter *filter = &query->filters[query->filter_count++];
	filter->value = text_of(wire->value);
	filter->comparator = wire->comparator;
	TRY(length_check(key, LIMIT_SEARCH_QUERY_BYTES, "a filter's key", err));
	TRY(length_check(filter->value, LIMIT_SEARCH_QUERY_BYTES, "a filter's value", err));
	if (wire->comparator < 0 ||
		wire->comparator > TENON__V1__SEARCH_COMPARATOR__SEARCH_COMPARATOR_LESS_THAN_EQUALS)
		return fail(err, STATUS_INVALID_ARGUMENT, "filter '%.*s': no comparator %d",
			TEXT_ARG(key), (int)wire->comparator);
	if (text_equal(key, TEXT("create_time")) || text_equal(key, TEXT("update_time")))
		return read_time(filter, key, err);
	return read_field(query, filter, key, arena, err);
}

static bool is_of_column(const struct search_filter *filter)
{
	return filter->how == FILTER_WORDS &&
	       (filter->field == FIELD_COLUMN || filter->field == FIELD_TYPE ||
		       filter->field == FIELD_COMMENT);
}

/* A name with a type or a comment: "a column like this", not "one so, and one so". */
static bool wants_one_column(const struct search_query *query)
{
	bool named = false;
	bool described = false;
	for (size_t i = 0; i < query->filter_count; i++) {
		const struct search_filter *filter = &query->filters[i];
		named = named || (is_of_column(filter) && filter->field == FIELD_COLUMN);
		described = described || (is_of_column(filter) && filter->field != FIELD_COLUMN);
	}
	return named && described;
}

/* Each part with its length, so that no two requests make the same context. */
static struct text context_of(const Tenon__V1__SearchTablesRequest *request, struct arena *arena)
{
	char *text = arena_printf(arena, "%d %d %zu:%s", (int)request->sort, request->descending,
		strlen(request->query), request->query);
	for (size_t i = 0; i < request->n_filters; i++) {
		const Tenon__V1__SearchFilter *filter = request->filters[i];
		text = arena_printf(arena, "%s %d %zu:%s %zu:%s", text, (int)filter->comparator,
			strlen(filter->key), filter->key, strlen(filter->value), filter->value);
	}
	return text_of(text);
}

enum status search_query_read(const Tenon__V1__SearchTablesRequest *request, struct arena *arena,
	struct search_query *query_out, struct error *err)
{
	struct search_query *query = query_out;
	struct text words = text_of(request->query);
	*query = (struct search_query){0};
	TRY(length_check(words, LIMIT_SEARCH_QUERY_BYTES, "a query", err));
	if (request->n_filters > LIMIT_SEARCH_FILTERS)
		return fail(err, STATUS_RESOURCE_EXHAUSTED,
			"%zu filters are more than the %d that one search may have",
			request->n_filters, LIMIT_SEARCH_FILTERS);
	TRY(phrases_read(arena, words, &query->phrases, &query->phrase_count, err));
	query->checks = request->n_filters > 0;
	for (size_t i = 0; i < query->phrase_count; i++) {
		TRY(add_terms(query, &query->phrases[i], ALL_FIELDS, true, err));
		query->checks |= query->phrases[i].count > 1;
	}
	query->filters = arena_array(arena, request->n_filters + 1, sizeof *query->filters);
	for (size_t i = 0; i < request->n_filters; i++)
		TRY(read_filter(query, request->filters[i], arena, err));
	query->one_column = wants_one_column(query);
	query->context = context_of(request, arena);
	return STATUS_OK;
}

static bool filter_holds_in(const struct search_filter *filter, const struct table_text *text)
{
	if (text->field != filter->field)
		return false;
	if (filter->how == FILTER_SAME)
		return text_equal_folded(text->text, filter->value);
	if (filter->path.length == 0)
		return phrase_in(&filter->phrase, text->text);
	return text_equal(text->key, filter->path) && phrase_in(&filter->phrase, text->text);
}

static bool time_holds(const struct search_filter *filter, const Tenon__V1__Table *table)
{
	int64_t time =
		filter->how == FILTER_CREATED ? table->create_time_us : table->update_time_us;
	switch (filter->comparator) {
	case TENON__V1__SEARCH_COMPARATOR__SEARCH_COMPARATOR_GREATER_THAN:
		return time > filter->time_us;
	case TENON__V1__SEARCH_COMPARATOR__SEARCH_COMPARATOR_LESS_THAN:
		return time < filter->time_us;
	case TENON__V1__SEARCH_COMPARATOR__SEARCH_COMPARATOR_GREATER_THAN_EQUALS:
		return time >= filter->time_us;
	case TENON__V1__SEARCH_COMPARATOR__SEARCH_COMPARATOR_LESS_THAN_EQUALS:
		return time <= filter->time_us;
	default:
		return time == filter->time_us;
	}
}

static bool column_is_like(const struct search_query *query, const Tenon__V1__Column *column)
{
	for (size_t i = 0; i < query->filter_count; i++) {
		const struct search_filter *filter = &query->filters[i];
		const char *text = filter->field == FIELD_COLUMN ? column->name
				   : filter->field == FIELD_TYPE ? column->type
								 : column->comment;
		if (is_of_column(filter) &&
			!phrase_in(&filter->phrase,
				text_until(text_of(text), LIMIT_SEARCH_TEXT_BYTES)))
			return false;
	}
	return true;
}

/* Whether one of them, or the one of that name, is as all such filters want it. */
static bool columns_have(const struct search_query *query, Tenon__V1__Column *const *columns,
	size_t count, struct text name)
{
	for (size_t i = 0; i < count; i++) {
		if ((name.length == 0 || text_equal(text_of(columns[i]->name), name)) &&
			column_is_like(query, columns[i]))
			return true;
	}
	return false;
}

static bool table_has_column(
	const struct search_query *query, const Tenon__V1__Table *table, struct text name)
{
	return columns_have(query, table->partition_keys, table->n_partition_keys, name) ||
	       (table->storage && columns_have(query, table->storage->columns,
					  table->storage->n_columns, name));
}

/* One phrase or one filter, looked for in all texts of a table. */
struct look {
	const struct phrase *phrase;
	const struct search_filter *filter;
	bool found;
};

static bool look_at(void *state, const struct table_text *text)
{
	struct look *look = state;
	look->found = look->filter ? filter_holds_in(look->filter, text)
				   : phrase_in(look->phrase, text->text);
	return !look->found;
}

bool search_query_matches(const struct search_query *query, const Tenon__V1__Table *table,
	const Tenon__Store__V1__TagsRecord *tags)
{
	for (size_t i = 0; i < query->filter_count; i++) {
		const struct search_filter *filter = &query->filters[i];
		struct look look = {.filter = filter};
		if (filter->how == FILTER_CREATED || filter->how == FILTER_UPDATED)
			look.found = time_holds(filter, table);
		else if (query->one_column && is_of_column(filter))
			look.found = table_has_column(query, table, TEXT(""));
		else
			table_texts(table, tags, look_at, &look);
		if (!look.found)
			return false;
	}
	for (size_t i = 0; i < query->phrase_count; i++) {
		struct look look = {.phrase = &query->phrases[i]};
		if (look.phrase->count > 1)
			table_texts(table, tags, look_at, &look);
		if (look.phrase->count > 1 && !look.found)
			return false;
	}
	return true;
}

struct explain {
	const struct search_query *query;
	const Tenon__V1__Table *table;
	struct arena *arena;
	Tenon__V1__SearchHit *hit;
};

static bool filter_says_why(const struct explain *explain, const struct search_filter *filter,
	const struct table_text *text)
{
	if (filter->how > FILTER_SAME || !filter_holds_in(filter, text))
		return false;
	return !explain->query->one_column || !is_of_column(filter) ||
	       table_has_column(explain->query, explain->table, text->path);
}

static bool says_why(const struct explain *explain, const struct table_text *text)
{
	const struct search_query *query = explain->query;
	for (size_t i = 0; i < query->phrase_count; i++) {
		if (phrase_in(&query->phrases[i], text->text))
			return true;
	}
	for (size_t i = 0; i < query->filter_count; i++) {
		if (filter_says_why(explain, &query->filters[i], text))
			return true;
	}
	return false;
}

static bool explain_one(void *state, const struct table_text *text)
{
	struct explain *explain = state;
	if (!says_why(explain, text))
		return true;
	Tenon__V1__SearchMatch *match = arena_alloc(explain->arena, sizeof *match);
	tenon__v1__search_match__init(match);
	struct text shown = text_until(text->text, SHOWN_BYTES);
	while (shown.length && !text_is_utf8(shown))
		shown.length--;
	match->field = arena_text(explain->arena, text_of(table_field_name(text->field)));
	match->path = arena_text(explain->arena, text->path);
	match->text = arena_text(explain->arena, shown);
	explain->hit->matches[explain->hit->n_matches++] = match;
	return explain->hit->n_matches < LIMIT_SEARCH_MATCHES;
}

void search_query_explain(const struct search_query *query, const Tenon__V1__Table *table,
	const Tenon__Store__V1__TagsRecord *tags, struct arena *arena, Tenon__V1__SearchHit *hit)
{
	struct explain explain = {query, table, arena, hit};
	hit->matches = arena_array(arena, LIMIT_SEARCH_MATCHES, sizeof *hit->matches);
	table_texts(table, tags, explain_one, &explain);
}
