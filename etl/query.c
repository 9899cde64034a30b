#include "engine/engine.h"
#include "etl/faults.h"
#include "etl/source.h"
#include "etl/watch.h"

/* `tenon sql`: a view for each table the query names, then the query. */
struct asking {
	struct compile compile;
	struct source *sources;
	size_t count;
};

static void asking_done(struct asking *asking)
{
	engine_free(asking->compile.engine);
	for (size_t i = 0; i < asking->count; i++)
		source_done(&asking->sources[i]);
	arena_free(asking->compile.arena);
}
#define SCOPED_ASKING __attribute__((cleanup(asking_done)))

/* The catalog folds names; so may a query. */
static char *folded(struct arena *arena, struct text name)
{
	char *copy = arena_text(arena, name);
	for (char *at = copy; *at; at++)
		*at = text_lower(*at);
	return copy;
}

static enum status add_table(
	struct asking *asking, const struct engine_table_name *name, struct error *err)
{
	struct arena *arena = asking->compile.arena;
	if (!name->database.length)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"table '%.*s' needs its database: write database.%.*s",
			TEXT_ARG(name->table), TEXT_ARG(name->table));
	Tenon__V1__Source *spec = arena_alloc(arena, sizeof *spec);
	tenon__v1__source__init(spec);
	spec->database = folded(arena, name->database);
	spec->table = folded(arena, name->table);
	Tenon__V1__Node *node = arena_alloc(arena, sizeof *node);
	tenon__v1__node__init(node);
	node->name =
		arena_printf(arena, "%.*s.%.*s", TEXT_ARG(name->database), TEXT_ARG(name->table));
	node->kind_case = TENON__V1__NODE__KIND_SOURCE;
	node->source = spec;
	struct source *source = &asking->sources[asking->count++];
	struct frame frame = {.name = text_of(node->name)};
	TRY(source_resolve(&asking->compile, node, NULL, source, err));
	TRY(source_compile(&asking->compile, source, &frame, err));
	return engine_add_view(asking->compile.engine, name->database, name->table, frame.sql, err);
}

static enum status ask(
	struct asking *asking, struct text query, const struct sql_sink *sink, struct error *err)
{
	OWNED(engine_result) result = NULL;
	size_t rows = 0;
	TRY(engine_query(asking->compile.engine, query, &result, err));
	do {
		TRY(engine_result_next(result, &rows, err));
		TRY(sink->batch(sink->state, result, rows, err));
	} while (rows);
	return STATUS_OK;
}

static void note_bad(const struct asking *asking)
{
	for (size_t i = 0; i < asking->count; i++) {
		const struct source *source = &asking->sources[i];
		if (source->bad_sample_count)
			compile_note(&asking->compile, "%s: %llu bad records left out, such as %s",
				source->node, (unsigned long long)source_bad_records(source),
				source->bad_samples[0]);
	}
}

enum status etl_sql(struct text query, const struct engine_limits *limits,
	const struct etl_host *host, const volatile bool *stop, const struct sql_sink *sink,
	struct error *err)
{
	struct asking SCOPED_ASKING asking = {.compile = {.arena = arena_new(), .host = host}};
	TRY(engine_open(limits, &asking.compile.engine, err));
	struct engine_table_name *names = NULL;
	size_t count = 0;
	TRY(engine_tables_of(
		asking.compile.engine, query, asking.compile.arena, &names, &count, err));
	asking.sources = arena_array(asking.compile.arena, count, sizeof *asking.sources);
	for (size_t i = 0; i < count; i++)
		TRY(add_table(&asking, &names[i], err));
	struct watched watched = {.engine = asking.compile.engine, .stop = stop};
	OWNED(watch) watch = watch_start(&watched);
	if (ask(&asking, query, sink, err) != STATUS_OK)
		return faults_advise(asking.sources, asking.count, err);
	note_bad(&asking);
	return STATUS_OK;
}
