#include "clients/cli/command.h"
#include "clients/cli/files.h"
#include "clients/cli/grid.h"
#include "tenon/v1/registry.pb-c.h"

#include <inttypes.h>

#define REGISTRY &tenon__v1__registry__descriptor

static const char see_schemas[] = "'tenon schemas' lists what there is";

/* The words of enums, in their order. */
static const char *const formats[] = {"-", "AVRO", "JSON", "PROTOBUF"};
static const char *const modes[] = {"-", "NONE", "DISABLED", "BACKWARD", "BACKWARD_ALL", "FORWARD",
	"FORWARD_ALL", "FULL", "FULL_ALL"};
static const char *const statuses[] = {"-", "AVAILABLE", "PENDING", "FAILURE", "DELETING"};

#define WORD(words, value) \
	((size_t)(value) < sizeof(words) / sizeof *(words) ? (words)[(size_t)(value)] : "?")

/* The place of `word` in `words`, 0 when it is none. */
static int word_find(const char *const *words, size_t count, const char *word)
{
	for (size_t i = 1; i < count; i++) {
		if (text_equal_folded(text_of(word), text_of(words[i])))
			return (int)i;
	}
	return 0;
}

/* "shop/order": the registry stands before the '/'; without one it is the default. */
static void name_read(struct cli *cli, const char *word, char **registry_out, char **name_out)
{
	struct text text = text_of(word);
	size_t slash = text_find(text, '/');
	bool bare = slash == text.length;
	*registry_out = arena_text(cli->arena, bare ? TEXT("") : text_until(text, slash));
	*name_out = arena_text(cli->arena, bare ? text : text_from(text, slash + 1));
}

static enum status number_read(struct cli *cli, const char *what, const char *text,
	uint32_t *number_out, struct error *err)
{
	uint64_t number;
	TRY(cli_number(cli, what, text, &number, err));
	if (number > UINT32_MAX)
		return cli_usage(cli, err, "%s '%s' is too large", what, text);
	*number_out = (uint32_t)number;
	return STATUS_OK;
}

static enum status definition_read(
	struct cli *cli, const char *path, char **definition_out, struct error *err)
{
	struct text bytes;
	TRY(file_read(cli->arena, path, &bytes, err));
	if (text_find(bytes, 0) != bytes.length)
		return fail(
			err, STATUS_INVALID_ARGUMENT, "'%s' holds a NUL byte: it is no text", path);
	*definition_out = arena_text(cli->arena, bytes);
	return STATUS_OK;
}

/* As said, or by the file's name. */
static enum status format_read(struct cli *cli, const struct options *options, const char *path,
	Tenon__V1__DataFormat *format_out, struct error *err)
{
	static const struct {
		const char *end;
		Tenon__V1__DataFormat format;
	} ends[] = {{".avsc", TENON__V1__DATA_FORMAT__DATA_FORMAT_AVRO},
		{".proto", TENON__V1__DATA_FORMAT__DATA_FORMAT_PROTOBUF},
		{".json", TENON__V1__DATA_FORMAT__DATA_FORMAT_JSON}};
	const char *said = options_value(options, "--format");
	if (said) {
		int found = word_find(formats, sizeof formats / sizeof *formats, said);
		if (!found)
			return cli_usage(
				cli, err, "--format '%s': give AVRO, JSON or PROTOBUF", said);
		*format_out = (Tenon__V1__DataFormat)found;
		return STATUS_OK;
	}
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		if (text_ends(text_of(path), text_of(ends[i].end))) {
			*format_out = ends[i].format;
			return STATUS_OK;
		}
	}
	return cli_usage(cli, err,
		"'%s' ends in neither .avsc, .json nor .proto: give --format AVRO, JSON or "
		"PROTOBUF",
		path);
}

static enum status mode_read(struct cli *cli, const struct options *options,
	Tenon__V1__Compatibility *mode_out, struct error *err)
{
	const char *said = options_value(options, "--compatibility");
	int found = said ? word_find(modes, sizeof modes / sizeof *modes, said) : 0;
	if (said && !found)
		return cli_usage(cli, err,
			"--compatibility '%s': give NONE, DISABLED, BACKWARD, FORWARD, FULL, or "
			"one "
			"of the last three with _ALL",
			said);
	*mode_out = (Tenon__V1__Compatibility)found;
	return STATUS_OK;
}

/* Drawing */

static void draw_differences(
	struct screen *screen, Tenon__V1__SchemaChange *const *changes, size_t count)
{
	static const struct grid_column columns[] = {{.title = "CHANGE"},
		{.title = "AT", .least = GRID_DATE}, {.title = "FROM"}, {.title = "TO"},
		{.title = "WHY", .elastic = true}};
	struct grid *grid = grid_new(screen, columns, sizeof columns / sizeof *columns);
	for (size_t i = 0; i < count; i++) {
		const Tenon__V1__SchemaChange *change = changes[i];
		grid_painted(grid, paint_of(change->severity), change->kind);
		grid_cell(grid, *change->path ? change->path : "(all)");
		grid_cell(grid, *change->before ? change->before : "-");
		grid_cell(grid, *change->after ? change->after : "-");
		grid_cell(grid, *change->reason ? change->reason : change->severity);
	}
	if (count)
		grid_draw(grid, "  ");
}

static void draw_columns(struct screen *screen, Tenon__V1__Column *const *all, size_t count)
{
	static const struct grid_column columns[] = {
		{.title = "COLUMN"}, {.title = "TYPE", .elastic = true}};
	struct grid *grid = grid_new(screen, columns, sizeof columns / sizeof *columns);
	for (size_t i = 0; i < count; i++) {
		grid_cell(grid, all[i]->name);
		grid_cell(grid, all[i]->type);
	}
	if (count)
		grid_draw(grid, "  ");
}

static void draw_version(struct screen *screen, const Tenon__V1__SchemaVersion *version)
{
	bool failed =
		version->status == TENON__V1__SCHEMA_VERSION_STATUS__SCHEMA_VERSION_STATUS_FAILURE;
	screen_printf(screen, PAINT_BOLD, "%s/%s", version->registry, version->schema);
	screen_printf(screen, PAINT_NONE, " version %" PRIu32 "  ", version->version);
	screen_text(screen, failed ? PAINT_RED : PAINT_GREEN, WORD(statuses, version->status));
	screen_printf(screen, PAINT_NONE, "  %s  by %s  %s\n", version->id, version->author,
		human_time(screen->arena, version->create_time_us));
	if (failed)
		screen_printf(screen, PAINT_NONE, "  %s\n", version->error);
	for (size_t i = 0; i < version->n_metadata; i++)
		screen_printf(screen, PAINT_DIM, "  %s=%s\n", version->metadata[i]->key,
			version->metadata[i]->value);
}

/* Listing */

static enum status run_schemas(struct cli *cli, const struct options *options, struct error *err)
{
	static const struct grid_column columns[] = {{.title = "SCHEMA", .name = true},
		{.title = "FORMAT"}, {.title = "COMPATIBILITY"},
		{.title = "LATEST", .number = true}, {.title = "CHECKPOINT", .number = true},
		{.title = "DESCRIPTION", .elastic = true}};
	struct cli_list list = {0};
	Tenon__V1__ListSchemasRequest request = TENON__V1__LIST_SCHEMAS_REQUEST__INIT;
	if (options->count)
		request.registry = arena_text(cli->arena, text_of(options->arguments[0]));
	TRY(cli_pages(cli, REGISTRY, "ListSchemas", &request.base, UINT64_MAX, &list, err));
	if (cli->json)
		return cli_json_list(cli, &list, err);
	if (list.count == 0)
		screen_text(&cli->screen, PAINT_NONE,
			"No schemas: 'tenon schema create NAME FILE' makes one\n");
	struct grid *grid = grid_new(&cli->screen, columns, sizeof columns / sizeof *columns);
	for (size_t i = 0; i < list.count; i++) {
		const Tenon__V1__RegisteredSchema *schema =
			(const Tenon__V1__RegisteredSchema *)(void *)list.items[i];
		grid_printf(grid, "%s/%s", schema->registry, schema->name);
		grid_cell(grid, WORD(formats, schema->format));
		grid_cell(grid, WORD(modes, schema->compatibility));
		grid_printf(grid, "%" PRIu32, schema->latest_version);
		grid_printf(grid, "%" PRIu32, schema->checkpoint);
		grid_cell(grid, schema->description);
	}
	if (list.count)
		grid_draw(grid, "");
	return STATUS_OK;
}

static enum status run_schema_versions(
	struct cli *cli, const struct options *options, struct error *err)
{
	static const struct grid_column columns[] = {{.title = "VERSION", .number = true},
		{.title = "STATUS"}, {.title = "ID"}, {.title = "CREATED", .least = GRID_DATE},
		{.title = "BY"}, {.title = "NOTES", .elastic = true}};
	struct cli_list list = {0};
	Tenon__V1__ListSchemaVersionsRequest request =
		TENON__V1__LIST_SCHEMA_VERSIONS_REQUEST__INIT;
	name_read(cli, options->arguments[0], &request.registry, &request.schema);
	TRY(cli_pages(cli, REGISTRY, "ListSchemaVersions", &request.base, UINT64_MAX, &list, err));
	if (cli->json)
		return cli_json_list(cli, &list, err);
	struct grid *grid = grid_new(&cli->screen, columns, sizeof columns / sizeof *columns);
	for (size_t i = 0; i < list.count; i++) {
		const Tenon__V1__SchemaVersion *version =
			(const Tenon__V1__SchemaVersion *)(void *)list.items[i];
		const char *notes = version->error;
		for (size_t k = 0; k < version->n_metadata; k++)
			notes = arena_printf(cli->arena, "%s%s%s=%s", notes, *notes ? " " : "",
				version->metadata[k]->key, version->metadata[k]->value);
		grid_printf(grid, "%" PRIu32, version->version);
		grid_cell(grid, WORD(statuses, version->status));
		grid_cell(grid, version->id);
		grid_cell(grid, human_time(cli->arena, version->create_time_us));
		grid_cell(grid, version->author);
		grid_cell(grid, notes);
	}
	grid_draw(grid, "");
	return STATUS_OK;
}

/* Definitions */

static enum status run_schema_create(
	struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__CreateSchemaRequest request = TENON__V1__CREATE_SCHEMA_REQUEST__INIT;
	Tenon__V1__RegisteredSchema schema = TENON__V1__REGISTERED_SCHEMA__INIT;
	Tenon__V1__CreateSchemaResponse *response = NULL;
	const char *description = options_value(options, "--description");
	name_read(cli, options->arguments[0], &schema.registry, &schema.name);
	TRY(format_read(cli, options, options->arguments[1], &schema.format, err));
	TRY(mode_read(cli, options, &schema.compatibility, err));
	schema.description = arena_text(cli->arena, text_of(description ? description : ""));
	request.schema = &schema;
	TRY(definition_read(cli, options->arguments[1], &request.definition, err));
	TRY(cli_call(cli, REGISTRY, "CreateSchema", &request.base, &response, err));
	if (cli->json)
		return cli_json(cli, &response->base, err);
	screen_printf(&cli->screen, PAINT_NONE, "schema '%s' is created\n", options->arguments[0]);
	if (response->version)
		draw_version(&cli->screen, response->version);
	return STATUS_OK;
}

static enum status run_schema_register(
	struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__RegisterSchemaVersionRequest request =
		TENON__V1__REGISTER_SCHEMA_VERSION_REQUEST__INIT;
	Tenon__V1__RegisterSchemaVersionResponse *response = NULL;
	name_read(cli, options->arguments[0], &request.registry, &request.schema);
	TRY(definition_read(cli, options->arguments[1], &request.definition, err));
	TRY(cli_call(cli, REGISTRY, "RegisterSchemaVersion", &request.base, &response, err));
	if (!response->version)
		return fail(err, STATUS_INTERNAL, "the daemon's answer names no version");
	cli->failed = response->version->status ==
		      TENON__V1__SCHEMA_VERSION_STATUS__SCHEMA_VERSION_STATUS_FAILURE;
	if (cli->json)
		return cli_json(cli, &response->base, err);
	if (!response->created)
		screen_text(&cli->screen, PAINT_NONE, "it was there already:\n");
	draw_version(&cli->screen, response->version);
	draw_differences(&cli->screen, response->differences, response->n_differences);
	return STATUS_OK;
}

static enum status run_schema_check(
	struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__CheckSchemaRequest request = TENON__V1__CHECK_SCHEMA_REQUEST__INIT;
	Tenon__V1__CheckSchemaResponse *response = NULL;
	const char *schema = options_value(options, "--schema");
	if (schema)
		name_read(cli, schema, &request.registry, &request.schema);
	if (!schema || options_has(options, "--format"))
		TRY(format_read(cli, options, options->arguments[0], &request.format, err));
	TRY(definition_read(cli, options->arguments[0], &request.definition, err));
	TRY(cli_call(cli, REGISTRY, "CheckSchema", &request.base, &response, err));
	cli->failed = !response->valid || !response->compatible;
	if (cli->json)
		return cli_json(cli, &response->base, err);
	screen_text(&cli->screen, cli->failed ? PAINT_RED : PAINT_GREEN,
		!response->valid	? "not valid"
		: !response->compatible ? "not compatible"
		: schema		? "valid and compatible"
					: "valid");
	screen_printf(
		&cli->screen, PAINT_NONE, "%s%s\n", *response->error ? ": " : "", response->error);
	draw_differences(&cli->screen, response->differences, response->n_differences);
	if (!cli->failed)
		draw_columns(&cli->screen, response->columns, response->n_columns);
	return STATUS_OK;
}

static enum status run_schema_show(
	struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__GetSchemaVersionRequest request = TENON__V1__GET_SCHEMA_VERSION_REQUEST__INIT;
	Tenon__V1__GetSchemaVersionResponse *response = NULL;
	const char *version = options_value(options, "--version");
	if (options_has(options, "--id"))
		request.id = arena_text(cli->arena, text_of(options->arguments[0]));
	else
		name_read(cli, options->arguments[0], &request.registry, &request.schema);
	if (version)
		TRY(number_read(cli, "version", version, &request.version, err));
	TRY(cli_call(cli, REGISTRY, "GetSchemaVersion", &request.base, &response, err));
	if (!response->version)
		return fail(err, STATUS_INTERNAL, "the daemon's answer names no version");
	if (cli->json)
		return cli_json(cli, &response->version->base, err);
	if (options_has(options, "--definition")) {
		screen_text(&cli->screen, PAINT_NONE, response->version->definition);
		return STATUS_OK;
	}
	draw_version(&cli->screen, response->version);
	draw_columns(&cli->screen, response->version->columns, response->version->n_columns);
	screen_printf(&cli->screen, PAINT_NONE, "\n%s\n", response->version->definition);
	return STATUS_OK;
}

static enum status run_schema_find(
	struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__GetSchemaByDefinitionRequest request =
		TENON__V1__GET_SCHEMA_BY_DEFINITION_REQUEST__INIT;
	Tenon__V1__GetSchemaVersionResponse *response = NULL;
	name_read(cli, options->arguments[0], &request.registry, &request.schema);
	TRY(definition_read(cli, options->arguments[1], &request.definition, err));
	TRY(cli_call(cli, REGISTRY, "GetSchemaByDefinition", &request.base, &response, err));
	if (!response->version)
		return fail(err, STATUS_INTERNAL, "the daemon's answer names no version");
	if (cli->json)
		return cli_json(cli, &response->version->base, err);
	draw_version(&cli->screen, response->version);
	return STATUS_OK;
}

static enum status run_schema_diff(
	struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__DiffSchemaVersionsRequest request =
		TENON__V1__DIFF_SCHEMA_VERSIONS_REQUEST__INIT;
	Tenon__V1__DiffSchemaVersionsResponse *response = NULL;
	name_read(cli, options->arguments[0], &request.registry, &request.schema);
	TRY(number_read(cli, "version", options->arguments[1], &request.from, err));
	TRY(number_read(cli, "version", options->arguments[2], &request.to, err));
	TRY(cli_call(cli, REGISTRY, "DiffSchemaVersions", &request.base, &response, err));
	if (cli->json)
		return cli_json(cli, &response->base, err);
	screen_text(&cli->screen, paint_of(response->severity), response->severity);
	screen_printf(&cli->screen, PAINT_NONE, ", %s\n",
		human_things(cli->arena, response->n_changes, "change"));
	draw_differences(&cli->screen, response->changes, response->n_changes);
	return STATUS_OK;
}

/* Settings */

static enum status run_schema_set(struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__UpdateSchemaRequest request = TENON__V1__UPDATE_SCHEMA_REQUEST__INIT;
	Tenon__V1__UpdateSchemaResponse *response = NULL;
	const char *checkpoint = options_value(options, "--checkpoint");
	const char *description = options_value(options, "--description");
	name_read(cli, options->arguments[0], &request.registry, &request.name);
	TRY(mode_read(cli, options, &request.compatibility, err));
	if (checkpoint)
		TRY(number_read(cli, "checkpoint", checkpoint, &request.checkpoint, err));
	if (description)
		request.description = arena_text(cli->arena, text_of(description));
	if (!request.compatibility && !checkpoint && !description)
		return cli_usage(
			cli, err, "set what? give --compatibility, --checkpoint or --description");
	TRY(cli_call(cli, REGISTRY, "UpdateSchema", &request.base, &response, err));
	if (cli->json)
		return cli_json(cli, &response->base, err);
	screen_printf(&cli->screen, PAINT_NONE, "schema '%s' is updated\n", options->arguments[0]);
	return STATUS_OK;
}

static enum status drop_versions(
	struct cli *cli, const struct options *options, const char *versions, struct error *err)
{
	Tenon__V1__DeleteSchemaVersionsRequest request =
		TENON__V1__DELETE_SCHEMA_VERSIONS_REQUEST__INIT;
	Tenon__V1__DeleteSchemaVersionsResponse *response = NULL;
	name_read(cli, options->arguments[0], &request.registry, &request.schema);
	request.versions = arena_text(cli->arena, text_of(versions));
	TRY(cli_call(cli, REGISTRY, "DeleteSchemaVersions", &request.base, &response, err));
	cli->failed = response->n_errors > 0;
	if (cli->json)
		return cli_json(cli, &response->base, err);
	for (size_t i = 0; i < response->n_errors; i++)
		screen_printf(&cli->screen, PAINT_NONE, "not dropped: %s\n",
			response->errors[i]->message);
	screen_printf(&cli->screen, PAINT_NONE, "version %s of schema '%s' %s\n", versions,
		options->arguments[0],
		cli->failed ? "dropped, except what is said above" : "dropped");
	return STATUS_OK;
}

static enum status run_schema_drop(
	struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__DeleteSchemaRequest request = TENON__V1__DELETE_SCHEMA_REQUEST__INIT;
	Tenon__V1__DeleteSchemaResponse *response = NULL;
	const char *versions = options_value(options, "--versions");
	if (versions)
		return drop_versions(cli, options, versions, err);
	name_read(cli, options->arguments[0], &request.registry, &request.name);
	TRY(cli_call(cli, REGISTRY, "DeleteSchema", &request.base, &response, err));
	if (cli->json)
		return cli_json(cli, &response->base, err);
	screen_printf(&cli->screen, PAINT_NONE, "schema '%s' is dropped with its versions\n",
		options->arguments[0]);
	return STATUS_OK;
}

static enum status metadata_put(
	struct cli *cli, const char *id, const char *word, size_t *left_out, struct error *err)
{
	Tenon__V1__PutSchemaVersionMetadataRequest request =
		TENON__V1__PUT_SCHEMA_VERSION_METADATA_REQUEST__INIT;
	Tenon__V1__PutSchemaVersionMetadataResponse *response = NULL;
	struct text text = text_of(word);
	size_t equals = text_find(text, '=');
	if (equals == 0 || equals == text.length)
		return cli_usage(cli, err, "metadata '%s': give KEY=VALUE", word);
	request.id = arena_text(cli->arena, text_of(id));
	request.key = arena_text(cli->arena, text_until(text, equals));
	request.value = arena_text(cli->arena, text_from(text, equals + 1));
	TRY(cli_call(cli, REGISTRY, "PutSchemaVersionMetadata", &request.base, &response, err));
	*left_out = response->n_metadata;
	return STATUS_OK;
}

static enum status metadata_remove(
	struct cli *cli, const char *id, const char *key, size_t *left_out, struct error *err)
{
	Tenon__V1__DeleteSchemaVersionMetadataRequest request =
		TENON__V1__DELETE_SCHEMA_VERSION_METADATA_REQUEST__INIT;
	Tenon__V1__DeleteSchemaVersionMetadataResponse *response = NULL;
	request.id = arena_text(cli->arena, text_of(id));
	request.key = arena_text(cli->arena, text_of(key));
	TRY(cli_call(cli, REGISTRY, "DeleteSchemaVersionMetadata", &request.base, &response, err));
	*left_out = response->n_metadata;
	return STATUS_OK;
}

/* The version as it is afterwards is the answer. */
static enum status run_schema_metadata(
	struct cli *cli, const struct options *options, struct error *err)
{
	const char *id = options->arguments[0];
	const char *key;
	size_t left = 0;
	Tenon__V1__GetSchemaVersionRequest request = TENON__V1__GET_SCHEMA_VERSION_REQUEST__INIT;
	Tenon__V1__GetSchemaVersionResponse *response = NULL;
	for (size_t i = 1; i < options->count; i++)
		TRY(metadata_put(cli, id, options->arguments[i], &left, err));
	for (size_t i = 0; (key = options_nth(options, "--remove", i)); i++)
		TRY(metadata_remove(cli, id, key, &left, err));
	request.id = arena_text(cli->arena, text_of(id));
	TRY(cli_call(cli, REGISTRY, "GetSchemaVersion", &request.base, &response, err));
	if (!response->version)
		return fail(err, STATUS_INTERNAL, "the daemon's answer names no version");
	if (cli->json)
		return cli_json(cli, &response->version->base, err);
	draw_version(&cli->screen, response->version);
	return STATUS_OK;
}

#define FORMAT_FLAG                                                                        \
	{                                                                                  \
		"--format", 0, "FORMAT", "AVRO, JSON or PROTOBUF; else by the file's name" \
	}
#define MODE_FLAG                                                                        \
	{                                                                                \
		"--compatibility", 0, "MODE",                                            \
			"NONE, DISABLED, BACKWARD, FORWARD, FULL; these three also _ALL" \
	}
#define END_FLAG                    \
	{                           \
		NULL, 0, NULL, NULL \
	}

static const struct flag create_flags[] = {
	FORMAT_FLAG, MODE_FLAG, {"--description", 0, "TEXT", "what it is for"}, END_FLAG};
static const struct flag check_flags[] = {
	{"--schema", 0, "SCHEMA", "may it be a version of this one?"}, FORMAT_FLAG, END_FLAG};
static const struct flag show_flags[] = {
	{"--version", 0, "N", "that version; else the newest that was accepted"},
	{"--id", 0, NULL, "SCHEMA is a version's id"},
	{"--definition", 0, NULL, "the definition alone, as it was registered"}, END_FLAG};
static const struct flag set_flags[] = {MODE_FLAG,
	{"--checkpoint", 0, "N", "the version that _ALL begins with"},
	{"--description", 0, "TEXT", "what it is for"}, END_FLAG};
static const struct flag drop_flags[] = {
	{"--versions", 0, "N|N-M", "only these versions"}, END_FLAG};
static const struct flag metadata_flags[] = {
	{"--remove", 0, "KEY", "forget it; may be repeated"}, END_FLAG};

enum { METADATA_MOST = 10 }; /* the daemon's limit for one version */

static const struct command rows[] = {
	{"schemas", "[REGISTRY]", "The registered schemas", "  tenon schemas shop\n", no_flags, 0,
		1, see_registries, run_schemas},
	{"schema create", "SCHEMA FILE", "Register a new schema with its first version",
		"A schema is REGISTRY/NAME; a NAME alone is in 'default-registry'.\n"
		"\n"
		"  tenon schema create shop/order order.avsc --compatibility FULL\n",
		create_flags, 2, 2, see_registries, run_schema_create},
	{"schema register", "SCHEMA FILE", "Register a version of a schema",
		"The same definition again is the version it was. One that is not compatible is\n"
		"kept as FAILURE, and the exit code is 1.\n"
		"\n"
		"  tenon schema register shop/order order.avsc\n",
		no_flags, 2, 2, see_schemas, run_schema_register},
	{"schema check", "FILE", "Is it a schema, and may it be a version of that one?",
		"Changes nothing. The exit code is 1 when the answer is no.\n"
		"\n"
		"  tenon schema check order.avsc --schema shop/order\n",
		check_flags, 1, 1, see_schemas, run_schema_check},
	{"schema show", "SCHEMA", "A version: its columns and its definition",
		"  tenon schema show shop/order --version 2\n"
		"  tenon schema show --id 7a1c2e54-5b1f-4c1e-9f52-3f0f0d1c7c11\n",
		show_flags, 1, 1, see_schemas, run_schema_show},
	{"schema find", "SCHEMA FILE", "Which version is this definition?",
		"White space and the order of attributes do not matter.\n"
		"\n"
		"  tenon schema find shop/order order.avsc\n",
		no_flags, 2, 2, see_schemas, run_schema_find},
	{"schema versions", "SCHEMA", "All versions of a schema",
		"  tenon schema versions shop/order\n", no_flags, 1, 1, see_schemas,
		run_schema_versions},
	{"schema diff", "SCHEMA FROM TO", "What changed between two versions, and for whom",
		"safe: each reads the other's data; widening: only TO reads FROM's; else "
		"breaking.\n"
		"\n"
		"  tenon schema diff shop/order 1 2\n",
		no_flags, 3, 3, see_schemas, run_schema_diff},
	{"schema set", "SCHEMA", "Change compatibility, checkpoint or description",
		"  tenon schema set shop/order --compatibility BACKWARD_ALL --checkpoint 3\n",
		set_flags, 1, 1, see_schemas, run_schema_set},
	{"schema drop", "SCHEMA", "Drop a schema, or some of its versions",
		"  tenon schema drop shop/order\n"
		"  tenon schema drop shop/order --versions 3-7\n",
		drop_flags, 1, 1, see_schemas, run_schema_drop},
	{"schema metadata", "ID [KEY=VALUE...]", "Notes on one version, at most 10",
		"  tenon schema metadata 7a1c2e54-5b1f-4c1e-9f52-3f0f0d1c7c11 team=shop --remove "
		"old\n",
		metadata_flags, 1, 1 + METADATA_MOST, see_schemas, run_schema_metadata},
};

const struct commands schema_commands = COMMANDS(rows);
