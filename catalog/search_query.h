#pragma once

#include "catalog/table_texts.h"
#include "catalog/words.h"

/* What a search asks for, taken apart and checked. */
struct search_filter {
	enum {
		FILTER_WORDS, /* the value's words are in a text of the field */
		FILTER_SAME, /* the field is the value, without regard to case */
		FILTER_CREATED,
		FILTER_UPDATED,
	} how;
	enum table_field field;
	struct text path; /* of a parameter or tag; empty: of any */
	struct text value;
	struct phrase phrase;
	int64_t time_us;
	Tenon__V1__SearchComparator comparator;
};

/* A word that every hit must have, in one of `fields`. */
struct search_term {
	struct text word;
	bool prefix;
	unsigned fields; /* bits of enum table_field */
	bool ranks; /* of the query, not of a filter */
};

struct search_query {
	struct phrase *phrases;
	size_t phrase_count;
	struct search_filter *filters;
	size_t filter_count;
	struct search_term terms[LIMIT_SEARCH_TERMS];
	size_t term_count;
	bool one_column; /* filters of a column's texts hold of one and the same column */
	bool checks; /* the index alone cannot say whether a table matches */
	struct text context; /* all that was asked, for page tokens */
};

/* INVALID_ARGUMENT or RESOURCE_EXHAUSTED name what is wrong. */
enum status search_query_read(const Tenon__V1__SearchTablesRequest *request, struct arena *arena,
	struct search_query *query_out, struct error *err) MUST_USE;
/* Whether a whole table matches. */
bool search_query_matches(const struct search_query *query, const Tenon__V1__Table *table,
	const Tenon__Store__V1__TagsRecord *tags);
/* Which of its texts did, the first LIMIT_SEARCH_MATCHES; in `arena`. */
void search_query_explain(const struct search_query *query, const Tenon__V1__Table *table,
	const Tenon__Store__V1__TagsRecord *tags, struct arena *arena, Tenon__V1__SearchHit *hit);
