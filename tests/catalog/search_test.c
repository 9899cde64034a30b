#include "catalog/check.h"
#include "catalog/key.h"
#include "catalog/search.h"
#include "catalog/search_cursor.h"
#include "catalog/search_index.h"
#include "catalog/store.h"
#include "catalog/tags.h"
#include "catalog/words.h"
#include "tests/catalog/fixture.h"

static int open_one(void **state)
{
	struct fixture *f = malloc(sizeof *f);
	fixture_open(f, 0);
	*state = f;
	return 0;
}

static int close_one(void **state)
{
	fixture_close(*state);
	free(*state);
	return 0;
}

struct ask {
	const char *query;
	const char *key; /* of a filter; NULL: none */
	const char *value;
	Tenon__V1__SearchComparator comparator;
	Tenon__V1__SearchSort sort;
	bool descending;
	size_t page;
};

/* "d.a d.b" over all pages, in the order of the answer. */
static enum status names(struct fixture *f, const struct ask *ask, char **names_out)
{
	OWNED(catalog_txn) txn = NULL;
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	Tenon__V1__SearchTablesRequest request = TENON__V1__SEARCH_TABLES_REQUEST__INIT;
	Tenon__V1__SearchFilter filter = TENON__V1__SEARCH_FILTER__INIT;
	Tenon__V1__SearchFilter *filters[] = {&filter};
	request.query = (char *)(uintptr_t)(ask->query ? ask->query : "");
	request.sort = ask->sort;
	request.descending = ask->descending;
	if (ask->key) {
		filter.key = (char *)(uintptr_t)ask->key;
		filter.value = (char *)(uintptr_t)ask->value;
		filter.comparator = ask->comparator;
		request.filters = filters;
		request.n_filters = 1;
	}
	char *all = arena_text(f->arena, TEXT(""));
	do {
		Tenon__V1__SearchTablesResponse page = TENON__V1__SEARCH_TABLES_RESPONSE__INIT;
		TRY(table_search(txn, &request, ask->page, f->arena, &page, &f->err));
		assert_true(ask->page == 0 || page.n_hits <= ask->page);
		for (size_t i = 0; i < page.n_hits; i++)
			all = arena_printf(f->arena, "%s%s%s.%s", all, all[0] ? " " : "",
				page.hits[i]->table->database, page.hits[i]->table->name);
		request.page_token = page.next_page_token;
	} while (request.page_token[0]);
	*names_out = all;
	return STATUS_OK;
}

#define ASSERT_FINDS(f, expected, ...)                                                          \
	do {                                                                                    \
		char *found_ = NULL;                                                            \
		const struct ask ask_ = {__VA_ARGS__};                                          \
		assert_ok(names(f, &ask_, &found_), &(f)->err);                                 \
		if (strcmp(found_, expected) != 0)                                              \
			fail_msg("'%s' %s: found '%s', not '%s'", ask_.query ? ask_.query : "", \
				ask_.key ? ask_.key : "", found_, expected);                    \
	} while (0)

static void make_tables(struct fixture *f)
{
	static const struct {
		const char *database, *name, *columns, *description;
	} rows[] = {
		{"sales", "customer-link", "id int, total decimal(10)", "Who bought what"},
		{"sales", "xxlinkyy", "link_id bigint, mag double", ""},
		{"sales", "orders", "order_id int, Order_Date date | year int",
			"Link to the order date, of customers"},
		{"quakes", "events", "mag double, place string",
			"Stra\xc3\x9f"
			"e links"},
	};
	assert_ok(make_database(f, "sales"), &f->err);
	assert_ok(make_database(f, "quakes"), &f->err);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		Tenon__V1__Table *table =
			table_made(f->arena, rows[i].database, rows[i].name, rows[i].columns);
		table->description = arena_text(f->arena, text_of(rows[i].description));
		if (i == 3) {
			parameter_add(f->arena, table, "team", "seismology");
			parameter_add(f->arena, table, "recordCount", "4711");
			table->owner = arena_text(f->arena, TEXT("Ada"));
		}
		assert_ok(DO(f, .what = TASK_TABLE_CREATE, .message = table), &f->err);
	}
}

/* What the matches of the first hit are: "column mag; type mag double;". */
static const char *of_column(struct fixture *f, const char *column, const char *type)
{
	OWNED(catalog_txn) txn = NULL;
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	Tenon__V1__SearchTablesRequest request = TENON__V1__SEARCH_TABLES_REQUEST__INIT;
	Tenon__V1__SearchTablesResponse page = TENON__V1__SEARCH_TABLES_RESPONSE__INIT;
	Tenon__V1__SearchFilter named = TENON__V1__SEARCH_FILTER__INIT;
	Tenon__V1__SearchFilter typed = TENON__V1__SEARCH_FILTER__INIT;
	Tenon__V1__SearchFilter *filters[] = {&named, &typed};
	char keys[2][8] = {"column", "type"};
	named.key = keys[0];
	named.value = (char *)(uintptr_t)column;
	typed.key = keys[1];
	typed.value = (char *)(uintptr_t)type;
	request.filters = filters;
	request.n_filters = 2;
	assert_ok(table_search(txn, &request, 10, f->arena, &page, &f->err), &f->err);
	const char *all = "";
	for (size_t i = 0; i < page.n_hits; i++) {
		all = arena_printf(f->arena, "%s%s: ", all, page.hits[i]->table->name);
		for (size_t k = 0; k < page.hits[i]->n_matches; k++)
			all = arena_printf(f->arena, "%s%s %s %s; ", all,
				page.hits[i]->matches[k]->field, page.hits[i]->matches[k]->path,
				page.hits[i]->matches[k]->text);
	}
	return all;
}

static void a_column_and_a_type_are_of_one_and_the_same_column(void **state)
{
	struct fixture *f = *state;
	make_tables(f);
	static const struct {
		const char *column, *type, *found;
	} rows[] = {
		{"mag", "double",
			"xxlinkyy: column mag mag; type mag double; "
			"events: column mag mag; type mag double; "},
		{"mag", "string", ""}, /* events has both, of two columns */
		{"link", "bigint", "xxlinkyy: column link_id link_id; type link_id bigint; "},
		{"link", "double", ""},
		{"year", "int", "orders: column year year; type year int; "}, /* a partition key */
		{"year", "date", ""},
		{"order*", "date", "orders: column Order_Date Order_Date; type Order_Date date; "},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_string_equal(of_column(f, rows[i].column, rows[i].type), rows[i].found);
}

static void words_are_found_where_they_stand_and_names_come_first(void **state)
{
	struct fixture *f = *state;
	make_tables(f);
	static const struct {
		const char *query, *found;
	} rows[] = {
		{"link", "sales.customer-link sales.xxlinkyy sales.orders"},
		{"LINK", "sales.customer-link sales.xxlinkyy sales.orders"},
		{"lin", ""},
		{"link*", "sales.customer-link sales.xxlinkyy sales.orders quakes.events"},
		{"customer-link", "sales.customer-link"},
		{"link-customer", ""},
		{"customer", "sales.customer-link"},
		{"cust*", "sales.customer-link sales.orders"},
		{"order date", "sales.orders"},
		{"\"order date\"", "sales.orders"},
		{"\"date order\"", ""},
		{"date order", "sales.orders"},
		{"\"order da*\"", "sales.orders"},
		{"mag", "sales.xxlinkyy quakes.events"},
		{"mag place", "quakes.events"},
		{"mag nowhere", ""},
		{"year", "sales.orders"},
		{"stra\xc3\x9f"
		 "e",
			"quakes.events"},
		{"seismology", "quakes.events"},
		{"4711", ""}, /* only measures: it changes without a change of the table */
		{"sales", "sales.customer-link sales.xxlinkyy sales.orders"},
		{"", "sales.customer-link sales.xxlinkyy sales.orders quakes.events"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		ASSERT_FINDS(f, rows[i].found, .query = rows[i].query);
		ASSERT_FINDS(f, rows[i].found, .query = rows[i].query, .page = 1);
	}
}

static void filters_narrow_and_sorts_order(void **state)
{
	struct fixture *f = *state;
	make_tables(f);
	static const struct {
		const char *query, *key, *value, *found;
	} rows[] = {
		{"", "database", "SALES", "sales.customer-link sales.xxlinkyy sales.orders"},
		{"", "database", "sale", ""},
		{"mag", "database", "quakes", "quakes.events"},
		{"", "name", "link", "sales.customer-link"},
		{"", "column", "link", "sales.xxlinkyy"},
		{"", "column", "mag", "sales.xxlinkyy quakes.events"},
		{"", "type", "decimal", "sales.customer-link"},
		{"", "type", "big*", "sales.xxlinkyy"},
		{"", "description", "bought what", "sales.customer-link"},
		{"", "parameter", "team", "quakes.events"},
		{"", "parameter.team", "seismology", "quakes.events"},
		{"", "parameter.team", "team", ""},
		{"", "parameter.crew", "seismology", ""},
		{"", "owner", "ada", "quakes.events"},
		{"", "comment", "ada", ""},
		{"", "location", "ada", ""},
		{"", "create_time", "1", ""},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		ASSERT_FINDS(f, rows[i].found, .query = rows[i].query, .key = rows[i].key,
			.value = rows[i].value);
	static const char by_name[] =
		"quakes.events sales.customer-link sales.orders sales.xxlinkyy";
	static const char newest[] =
		"quakes.events sales.orders sales.xxlinkyy sales.customer-link";
	for (size_t page = 0; page < 4; page++) {
		ASSERT_FINDS(
			f, by_name, .page = page, .sort = TENON__V1__SEARCH_SORT__SEARCH_SORT_NAME);
		ASSERT_FINDS(f, newest, .page = page, .descending = true,
			.sort = TENON__V1__SEARCH_SORT__SEARCH_SORT_CREATE_TIME);
	}
	ASSERT_FINDS(f, by_name, .key = "update_time", .value = "1",
		.comparator = TENON__V1__SEARCH_COMPARATOR__SEARCH_COMPARATOR_GREATER_THAN,
		.sort = TENON__V1__SEARCH_SORT__SEARCH_SORT_NAME);
}

static void words_fold_in_any_script_and_have_parts(void **state)
{
	struct fixture *f = *state;
	assert_ok(make_database(f, "d"), &f->err);
	Tenon__V1__Table *table = table_made(f->arena, "d", "t",
		"customerId int, HTTPServerLog string, plain_name int, x2Y int");
	table->description = arena_text(f->arena,
		text_of("\xc3\x84rger in \xce\x95\xce\xbb\xce\xbb\xce\xac\xce\xb4\xce\xb1, "
			"Caf\x65\xcc\x81 \xc3\x80 la carte \xe2\x80\x94 Stra\xc3\x9f"
			"e \xe6\xbc\xa2\xe5\xad\x97\xe3\x80\x82"
			"end"));
	assert_ok(DO(f, .what = TASK_TABLE_CREATE, .message = table), &f->err);
	static const struct {
		const char *query;
		bool found;
	} rows[] = {
		{"customerid", true},
		{"customerId", true},
		{"customer", true},
		{"id", true},
		{"\"customer id\"", true},
		{"\"id customer\"", false},
		{"http", true},
		{"server", true},
		{"\"http server log\"", true},
		{"serverlog", false},
		{"httpserverl*", true},
		{"plain", true},
		{"x2", true},
		{"\xc3\xa4rger", true}, /* ä for Ä */
		{"\xc3\x84RGER", true},
		{"arger", false},
		{"\xce\x95\xce\x9b\xce\x9b\xce\x86\xce\x94\xce\x91", true}, /* all capitals */
		{"\xce\xb5\xce\xbb*", true},
		{"caf\xc3\xa9", true}, /* composed, as it is not there */
		{"\xc3\xa0", true},
		{"strasse", true},
		{"\xe6\xbc\xa2\xe5\xad\x97", true},
		{"\xe6\xbc\xa2\xe5\xad\x97\xe3\x80\x82", true}, /* with its full stop */
		{"\xe6\xbc\xa2", false},
		{"end", true},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		ASSERT_FINDS(f, rows[i].found ? "d.t" : "", .query = rows[i].query);
}

struct tagging {
	const char *key, *value; /* no value: the tag goes */
};

static enum status tagging_apply(struct catalog_txn *txn, void *state, struct error *err)
{
	const struct tagging *tagging = state;
	OWNED(arena) arena = arena_new();
	Tenon__Store__V1__TagsRecord *out;
	char *key = arena_text(arena, text_of(tagging->key));
	if (!tagging->value)
		return tags_remove(txn, TEXT("table/sales/orders"), &key, 1, arena, &out, err);
	Tenon__Store__V1__Tag tag = TENON__STORE__V1__TAG__INIT;
	Tenon__Store__V1__Tag *tags[] = {&tag};
	Tenon__Store__V1__TagsRecord record = TENON__STORE__V1__TAGS_RECORD__INIT;
	tag.key = key;
	tag.value = arena_text(arena, text_of(tagging->value));
	record.tags = tags;
	record.n_tags = 1;
	return tags_add(txn, TEXT("table/sales/orders"), &record, arena, &out, err);
}

static void problem_print(void *state, const struct check_problem *problem)
{
	++*(size_t *)state;
	print_message("%s: %s: %s\n", problem->invariant, problem->place, problem->message);
}

static void assert_consistent(struct fixture *f)
{
	size_t problems = 0;
	uint64_t records;
	const struct check_sink sink = {problem_print, &problems};
	assert_ok(catalog_check(f->catalog, &sink, &records, &f->err), &f->err);
	assert_int_equal(problems, 0);
}

static void tag(struct fixture *f, const char *key, const char *value)
{
	struct tagging tagging = {key, value};
	assert_ok(catalog_write_now(f->catalog, tagging_apply, &tagging, &f->err), &f->err);
	assert_consistent(f);
}

static void tags_are_searched_and_come_and_go(void **state)
{
	struct fixture *f = *state;
	make_tables(f);
	tag(f, "team", "Payments");
	tag(f, "order", "date"); /* words that it has anyway */
	ASSERT_FINDS(f, "sales.orders", .query = "payments");
	ASSERT_FINDS(f, "sales.orders", .key = "tag", .value = "team");
	ASSERT_FINDS(f, "sales.orders", .key = "tag.team", .value = "payments");
	ASSERT_FINDS(f, "", .key = "tag.team", .value = "team");
	ASSERT_FINDS(f, "", .key = "tag.order", .value = "payments");
	ASSERT_FINDS(f, "", .key = "parameter", .value = "payments");
	fixture_reopen(f);
	tag(f, "team", "Billing");
	ASSERT_FINDS(f, "", .query = "payments");
	ASSERT_FINDS(f, "sales.orders", .query = "bill*");
	uint64_t id = get_table(f, "sales", "orders")->id;
	assert_ok(DO(f, .what = TASK_TABLE_RENAME, .id = id, .database = "sales", .name = "moved"),
		&f->err);
	ASSERT_FINDS(f, "sales.moved", .query = "billing");
	assert_ok(DO(f, .what = TASK_TABLE_RENAME, .id = id, .database = "sales", .name = "orders"),
		&f->err);
	tag(f, "order", NULL);
	ASSERT_FINDS(f, "sales.orders", .query = "\"order date\"");
	assert_ok(DO(f, .what = TASK_TABLE_DELETE, .database = "sales", .name = "orders"), &f->err);
	ASSERT_FINDS(f, "", .query = "billing");
	assert_consistent(f);
}

static void parameters_of_columns_are_searched(void **state)
{
	struct fixture *f = *state;
	assert_ok(make_database(f, "d"), &f->err);
	Tenon__V1__Table *table = table_made(f->arena, "d", "t", "a int | day date");
	Tenon__V1__Column__ParametersEntry entry = TENON__V1__COLUMN__PARAMETERS_ENTRY__INIT;
	Tenon__V1__Column__ParametersEntry *entries[] = {&entry};
	entry.key = arena_text(f->arena, TEXT("sensitivity"));
	entry.value = arena_text(f->arena, TEXT("PII level two"));
	table->storage->columns[0]->parameters = entries;
	table->storage->columns[0]->n_parameters = 1;
	assert_ok(DO(f, .what = TASK_TABLE_CREATE, .message = table), &f->err);
	ASSERT_FINDS(f, "d.t", .query = "pii");
	ASSERT_FINDS(f, "d.t", .key = "parameter.sensitivity", .value = "level two");
	ASSERT_FINDS(f, "", .key = "parameter.sensitivity", .value = "sensitivity");
	ASSERT_FINDS(f, "d.t", .key = "parameter", .value = "sensitivity");
	OWNED(catalog_txn) txn = NULL;
	Tenon__V1__SearchTablesRequest request = TENON__V1__SEARCH_TABLES_REQUEST__INIT;
	Tenon__V1__SearchTablesResponse page = TENON__V1__SEARCH_TABLES_RESPONSE__INIT;
	request.query = arena_text(f->arena, TEXT("pii"));
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	assert_ok(table_search(txn, &request, 1, f->arena, &page, &f->err), &f->err);
	assert_string_equal(page.hits[0]->matches[0]->field, "parameter");
	assert_string_equal(page.hits[0]->matches[0]->path, "a.sensitivity");
	assert_string_equal(page.hits[0]->matches[0]->text, "PII level two");
}

static void what_cannot_be_searched_for_is_named(void **state)
{
	struct fixture *f = *state;
	static const struct {
		struct ask ask;
		enum status status;
		const char *says;
	} rows[] = {
		{{.query = "\"a b"}, STATUS_INVALID_ARGUMENT, "does not end"},
		{{.query = "--- *"}, STATUS_INVALID_ARGUMENT, "--- *"},
		{{.key = "colour", .value = "a"}, STATUS_INVALID_ARGUMENT, "colour"},
		{{.key = "tag.team", .value = "-"}, STATUS_INVALID_ARGUMENT, "tag.team"},
		{{.key = "name", .value = "-"}, STATUS_INVALID_ARGUMENT, "name"},
		{{.key = "create_time", .value = "now"}, STATUS_INVALID_ARGUMENT, "now"},
		{{.key = "name", .value = "a", .comparator = 2}, STATUS_INVALID_ARGUMENT, "name"},
		{{.descending = true}, STATUS_INVALID_ARGUMENT, "sort"},
		{{.sort = 9}, STATUS_INVALID_ARGUMENT, "9"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char *found;
		assert_int_equal(names(f, &rows[i].ask, &found), rows[i].status);
		if (!strstr(f->err.message, rows[i].says))
			fail_msg("row %zu: %s", i, f->err.message);
	}
	char many[2 * LIMIT_SEARCH_TERMS + 3];
	char *found;
	for (size_t i = 0; i < sizeof many; i++)
		many[i] = i % 2 ? ' ' : 'a';
	many[sizeof many - 1] = 0;
	const struct ask too_many = {.query = many};
	assert_int_equal(names(f, &too_many, &found), STATUS_RESOURCE_EXHAUSTED);
}

/* Every entry of the index, as one text. */
static struct text dump(struct fixture *f)
{
	OWNED(catalog_txn) txn = NULL;
	OWNED(search_cursor) cursor = NULL;
	struct buffer SCOPED_BUFFER all = {0};
	bool found;
	struct search_entry entry;
	buffer_init(&all, 64 << 20);
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	assert_ok(search_cursor_open(txn, TEXT(""), &cursor, &f->err), &f->err);
	assert_ok(search_cursor_seek(cursor, TEXT(""), false, &found, &entry, &f->err), &f->err);
	while (found) {
		buffer_add_text(&all, entry.key);
		buffer_printf(&all, " %u\n", entry.fields);
		assert_ok(search_cursor_next(cursor, &found, &entry, &f->err), &f->err);
	}
	return arena_copy(f->arena, buffer_text(&all));
}

static enum status forget(struct catalog_txn *txn, void *state, struct error *err)
{
	(void)state;
	bool found;
	uint64_t count;
	TRY(store_delete(txn, DB_META, TEXT("search"), &found, err));
	assert_true(found);
	TRY(store_delete_prefix(txn, DB_SEARCH_FRESH, TEXT(""), &count, err));
	return store_delete_prefix(txn, DB_SEARCH, TEXT(""), &count, err);
}

static void a_store_without_an_index_gets_the_same_one_at_the_open(void **state)
{
	struct fixture *f = *state;
	make_tables(f);
	struct text before = dump(f);
	assert_true(before.length > 100);
	assert_ok(catalog_write_now(f->catalog, forget, NULL, &f->err), &f->err);
	assert_int_equal(dump(f).length, 0);
	fixture_reopen(f);
	assert_true(text_equal(dump(f), before));
	ASSERT_FINDS(f, "sales.orders", .query = "year");
}

static void a_database_that_goes_takes_its_words_along(void **state)
{
	struct fixture *f = *state;
	make_tables(f);
	assert_ok(DO(f, .what = TASK_DATABASE_DELETE, .name = "sales", .flag = true), &f->err);
	ASSERT_FINDS(f, "quakes.events", .query = "link*");
	ASSERT_FINDS(f, "", .query = "sales");
	assert_ok(DO(f, .what = TASK_DATABASE_DELETE, .name = "quakes", .flag = true), &f->err);
	assert_int_equal(dump(f).length, 0);
}

enum { MANY = 900 };

static enum status many_apply(struct catalog_txn *txn, void *state, struct error *err)
{
	struct fixture *f = state;
	for (unsigned i = 0; i < MANY; i++) {
		Tenon__V1__Table *out;
		const char *name =
			arena_printf(f->arena, "%c%03u_all", 'a' + (char)(i * 7 % 26), i);
		Tenon__V1__Table *table =
			table_made(f->arena, i % 3 ? "left" : "right", name, "id int");
		TRY(table_create(txn, table, f->arena, &out, err));
	}
	return STATUS_OK;
}

/* More candidates than are gathered: the walk through an order gives the same. */
static void many_hits_are_sorted_like_few(void **state)
{
	struct fixture *f = *state;
	assert_ok(make_database(f, "left"), &f->err);
	assert_ok(make_database(f, "right"), &f->err);
	assert_ok(catalog_write_now(f->catalog, many_apply, f, &f->err), &f->err);
	static const Tenon__V1__SearchSort sorts[] = {TENON__V1__SEARCH_SORT__SEARCH_SORT_NAME,
		TENON__V1__SEARCH_SORT__SEARCH_SORT_UPDATE_TIME,
		TENON__V1__SEARCH_SORT__SEARCH_SORT_CREATE_TIME};
	for (size_t i = 0; i < 12; i++) {
		struct ask ask = {.query = i % 4 < 2 ? "all id" : "al*",
			.sort = sorts[i / 4],
			.descending = i % 2,
			.page = 37};
		char *whole = NULL;
		char *half = NULL;
		assert_ok(names(f, &ask, &whole), &f->err);
		/* 600 of them, few enough to be gathered. */
		ask.key = "database";
		ask.value = "left";
		assert_ok(names(f, &ask, &half), &f->err);
		struct text rest = text_of(half);
		struct text every = text_of(whole);
		struct text name;
		struct text other;
		bool more = true;
		bool again = true;
		size_t count = 0;
		for (; text_split(&every, &again, ' ', &name); count++) {
			if (!text_starts(name, TEXT("left.")))
				continue;
			assert_true(text_split(&rest, &more, ' ', &other));
			assert_true(text_equal(name, other));
		}
		assert_int_equal(count, MANY);
		assert_int_equal(rest.length, 0);
	}
	char *named = NULL;
	const struct ask by_name = {.query = "all", .sort = sorts[0]};
	assert_ok(names(f, &by_name, &named), &f->err);
	assert_true(text_starts(text_of(named), TEXT("left.a")));
	struct text all = text_of(named);
	struct text last = TEXT("");
	struct text name;
	bool more = true;
	while (text_split(&all, &more, ' ', &name)) {
		assert_true(text_compare(last, name) < 0);
		last = name;
	}
}

enum { RANKED = 2502 };

static enum status ranked_apply(struct catalog_txn *txn, void *state, struct error *err)
{
	struct fixture *f = state;
	for (unsigned i = 0; i < RANKED; i++) {
		Tenon__V1__Table *out;
		const char *name = arena_printf(f->arena, i % 3 ? "t%04u" : "word_%04u", i);
		Tenon__V1__Table *table =
			table_made(f->arena, "d", name, i % 3 == 1 ? "word int" : "other int");
		table->description = arena_text(f->arena, TEXT("a word"));
		TRY(table_create(txn, table, f->arena, &out, err));
	}
	return STATUS_OK;
}

/* More of each rank than one pass remembers: each table once, names, columns, others. */
static void ranks_come_in_order_on_pages_of_any_size(void **state)
{
	struct fixture *f = *state;
	assert_ok(make_database(f, "d"), &f->err);
	assert_ok(catalog_write_now(f->catalog, ranked_apply, f, &f->err), &f->err);
	static const size_t pages[] = {1000, 834, 417, 13};
	for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
		for (int phrase = 0; phrase < 2; phrase++) {
			char *found = NULL;
			const struct ask ask = {
				.query = phrase ? "\"a word\"" : "word", .page = pages[i]};
			assert_ok(names(f, &ask, &found), &f->err);
			struct text rest = text_of(found);
			struct text name;
			bool more = true;
			size_t count = 0;
			for (; text_split(&rest, &more, ' ', &name); count++) {
				/* By rank, and by the number in the name within it. */
				size_t third = RANKED / 3;
				size_t rank = phrase ? 2 : count / third;
				size_t number = phrase ? count : 3 * (count % third) + rank;
				size_t said = (size_t)atoi(name.at + name.length - 4);
				if (said != number)
					fail_msg("page %zu: %zu is '%.*s'", pages[i], count,
						TEXT_ARG(name));
			}
			assert_int_equal(count, RANKED);
		}
	}
}

static void a_page_token_is_good_for_its_own_search_only(void **state)
{
	struct fixture *f = *state;
	make_tables(f);
	OWNED(catalog_txn) txn = NULL;
	Tenon__V1__SearchTablesRequest request = TENON__V1__SEARCH_TABLES_REQUEST__INIT;
	Tenon__V1__SearchTablesResponse page = TENON__V1__SEARCH_TABLES_RESPONSE__INIT;
	static char link[] = "link";
	static char mag[] = "mag";
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	request.query = link;
	assert_ok(table_search(txn, &request, 1, f->arena, &page, &f->err), &f->err);
	assert_int_equal(page.n_hits, 1);
	assert_string_equal(page.hits[0]->matches[0]->field, "name");
	assert_string_equal(page.hits[0]->matches[0]->text, "customer-link");
	request.page_token = page.next_page_token;
	request.query = mag;
	assert_int_equal(
		table_search(txn, &request, 1, f->arena, &page, &f->err), STATUS_INVALID_ARGUMENT);
}

/* Words w0 to w9 in random tables, under random changes, against a plain look. */
enum { TABLES = 12, WORDS = 10, STEPS = 300 };
struct model {
	bool there;
	unsigned words; /* bits, of its columns */
	bool moved; /* renamed */
};

static char *columns_of(struct fixture *f, unsigned words)
{
	char *columns = arena_text(f->arena, TEXT("plain int"));
	for (unsigned w = 0; w < WORDS; w++) {
		if (words & 1U << w)
			columns = arena_printf(f->arena, "%s, w%u_x int", columns, w);
	}
	return columns;
}

static void step(struct fixture *f, struct model *model, unsigned n)
{
	const char *name = arena_printf(f->arena, model->moved ? "n%u" : "t%u", n);
	unsigned words = (unsigned)rand() & ((1U << WORDS) - 1);
	int what = rand() % 4;
	if (!model->there) {
		assert_ok(
			make_table(f, "d", arena_printf(f->arena, "t%u", n), columns_of(f, words)),
			&f->err);
		*model = (struct model){true, words, false};
	} else if (what == 0) {
		assert_ok(DO(f, .what = TASK_TABLE_DELETE, .database = "d", .name = name), &f->err);
		model->there = false;
	} else if (what == 1) {
		const char *other = arena_printf(f->arena, model->moved ? "t%u" : "n%u", n);
		uint64_t id = get_table(f, "d", name)->id;
		assert_ok(
			DO(f, .what = TASK_TABLE_RENAME, .id = id, .database = "d", .name = other),
			&f->err);
		model->moved = !model->moved;
	} else {
		assert_ok(DO(f, .what = TASK_TABLE_UPDATE,
				  .message = table_made(f->arena, "d", name, columns_of(f, words))),
			&f->err);
		model->words = words;
	}
}

static void check_words(struct fixture *f, const struct model *models, unsigned words)
{
	char *query = arena_text(f->arena, TEXT(""));
	for (unsigned w = 0; w < WORDS; w++) {
		if (words & 1U << w)
			query = arena_printf(f->arena, "%s w%u", query, w);
	}
	char *found;
	const struct ask ask = {.query = query, .page = 3};
	assert_ok(names(f, &ask, &found), &f->err);
	found = arena_printf(f->arena, " %s ", found);
	size_t count = 0;
	for (unsigned n = 0; n < TABLES; n++) {
		bool wanted = models[n].there && (models[n].words & words) == words;
		const char *name =
			arena_printf(f->arena, models[n].moved ? " d.n%u " : " d.t%u ", n);
		if (!!strstr(found, name) != wanted)
			fail_msg("'%s':%s%sis %s there", query, found, name, wanted ? "not" : "");
		count += wanted;
	}
	size_t points = 0;
	for (const char *at = found; *at; at++)
		points += *at == '.';
	assert_int_equal(points, count);
}

static void any_changes_leave_what_a_plain_look_would_find(void **state)
{
	struct fixture *f = *state;
	struct model models[TABLES] = {0};
	srand(7);
	assert_ok(make_database(f, "d"), &f->err);
	for (int i = 0; i < STEPS; i++) {
		unsigned n = (unsigned)rand() % TABLES;
		step(f, &models[n], n);
		check_words(f, models, 1U << rand() % WORDS | 1U << rand() % WORDS);
	}
	struct text kept = dump(f);
	assert_ok(catalog_write_now(f->catalog, forget, NULL, &f->err), &f->err);
	fixture_reopen(f);
	assert_true(text_equal(dump(f), kept));
	for (unsigned n = 0; n < TABLES; n++) {
		const char *name = arena_printf(f->arena, models[n].moved ? "n%u" : "t%u", n);
		if (models[n].there)
			assert_ok(DO(f, .what = TASK_TABLE_DELETE, .database = "d", .name = name),
				&f->err);
	}
	assert_int_equal(dump(f).length, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_one, close_one)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(words_are_found_where_they_stand_and_names_come_first),
		TEST(a_column_and_a_type_are_of_one_and_the_same_column),
		TEST(filters_narrow_and_sorts_order),
		TEST(words_fold_in_any_script_and_have_parts),
		TEST(tags_are_searched_and_come_and_go),
		TEST(parameters_of_columns_are_searched),
		TEST(what_cannot_be_searched_for_is_named),
		TEST(a_store_without_an_index_gets_the_same_one_at_the_open),
		TEST(a_database_that_goes_takes_its_words_along),
		TEST(a_page_token_is_good_for_its_own_search_only),
		TEST(many_hits_are_sorted_like_few),
		TEST(ranks_come_in_order_on_pages_of_any_size),
		TEST(any_changes_leave_what_a_plain_look_would_find),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
