#include "service/allow.h"
#include "service/registering.h"

/* The Registry service. What parses or compares definitions is slow, on a pool thread;
 * the rest is a read or a write. */

enum { TRIES = 16 };

#define SCHEMA_AVAILABLE TENON__V1__SCHEMA_VERSION_STATUS__SCHEMA_VERSION_STATUS_AVAILABLE

/* Registries */

static enum status create_registry(
	struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__CreateRegistryRequest *in = request->in;
	Tenon__V1__CreateRegistryResponse *out = ANSWER(
		Tenon__V1__CreateRegistryResponse, TENON__V1__CREATE_REGISTRY_RESPONSE__INIT);
	TRY(require(in->registry, "registry", err));
	return registry_create(txn, in->registry, request->arena, &out->registry, err);
}

static enum status update_registry(
	struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__UpdateRegistryRequest *in = request->in;
	Tenon__V1__UpdateRegistryResponse *out = ANSWER(
		Tenon__V1__UpdateRegistryResponse, TENON__V1__UPDATE_REGISTRY_RESPONSE__INIT);
	return registry_update(txn, text_of(in->name), text_of(in->description), request->arena,
		&out->registry, err);
}

static enum status list_registries(
	struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__ListRegistriesRequest *in = request->in;
	Tenon__V1__ListRegistriesResponse *out = ANSWER(
		Tenon__V1__ListRegistriesResponse, TENON__V1__LIST_REGISTRIES_RESPONSE__INIT);
	return registry_list(
		txn, text_of(in->page_token), page_rows(in->page_size), request->arena, out, err);
}

/* They go with it: whoever may not write them may not. */
static enum status allow_schemas_of(
	struct request *request, struct catalog_txn *txn, struct text registry, struct error *err)
{
	Tenon__V1__ListSchemasResponse first = TENON__V1__LIST_SCHEMAS_RESPONSE__INIT;
	TRY(schema_list(txn, registry, TEXT(""), 1, request->arena, &first, err));
	if (first.n_schemas == 0)
		return STATUS_OK;
	struct place schemas = {.kind = PLACE_RESOURCE, .database_begins = true};
	schemas.database =
		text_of(arena_printf(request->arena, "schema/%.*s/", TEXT_ARG(registry)));
	return request_may(request, RIGHT_WRITE, &schemas, err);
}

static enum status delete_registry(
	struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__DeleteRegistryRequest *in = request->in;
	TRY(allow_schemas_of(request, txn, text_of(in->name), err));
	(void)ANSWER(Tenon__V1__DeleteRegistryResponse, TENON__V1__DELETE_REGISTRY_RESPONSE__INIT);
	return registry_delete(txn, text_of(in->name), err);
}

/* Schemas */

struct creating {
	struct request *request;
	const Tenon__V1__RegisteredSchema *schema;
	const struct candidate *candidate;
	Tenon__V1__CreateSchemaResponse *out;
};

static enum status create_apply(struct catalog_txn *txn, void *state, struct error *err)
{
	struct creating *creating = state;
	request_reason(creating->request, txn, "");
	return schema_create(txn, creating->schema, &creating->candidate->fresh,
		creating->request->arena, &creating->out->schema, &creating->out->version, err);
}

static enum status create_schema(struct request *request, struct error *err)
{
	const Tenon__V1__CreateSchemaRequest *in = request->in;
	struct candidate candidate;
	struct creating creating = {request, in->schema, &candidate,
		ANSWER(Tenon__V1__CreateSchemaResponse, TENON__V1__CREATE_SCHEMA_RESPONSE__INIT)};
	TRY(require(in->schema, "schema", err));
	TRY(candidate_parse(request->arena, in->schema->format, in->definition, &candidate, err));
	return catalog_write_now(request->daemon->catalog, create_apply, &creating, err);
}

static enum status get_schema(struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__GetSchemaRequest *in = request->in;
	Tenon__V1__GetSchemaResponse *out =
		ANSWER(Tenon__V1__GetSchemaResponse, TENON__V1__GET_SCHEMA_RESPONSE__INIT);
	struct schema_view view;
	TRY(schema_view(txn, text_of(in->registry), text_of(in->name), request->arena, &view, err));
	out->schema = view.schema;
	return STATUS_OK;
}

static enum status update_schema(
	struct request *request, struct catalog_txn *txn, struct error *err)
{
	Tenon__V1__UpdateSchemaResponse *out =
		ANSWER(Tenon__V1__UpdateSchemaResponse, TENON__V1__UPDATE_SCHEMA_RESPONSE__INIT);
	return schema_update(txn, request->in, request->arena, &out->schema, err);
}

static enum status list_schemas(struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__ListSchemasRequest *in = request->in;
	Tenon__V1__ListSchemasResponse *out =
		ANSWER(Tenon__V1__ListSchemasResponse, TENON__V1__LIST_SCHEMAS_RESPONSE__INIT);
	return schema_list(txn, text_of(in->registry), text_of(in->page_token),
		page_rows(in->page_size), request->arena, out, err);
}

static enum status delete_schema(
	struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__DeleteSchemaRequest *in = request->in;
	(void)ANSWER(Tenon__V1__DeleteSchemaResponse, TENON__V1__DELETE_SCHEMA_RESPONSE__INIT);
	return schema_delete(txn, text_of(in->registry), text_of(in->name), err);
}

/* Versions */

/* A schema and the version of it that a definition is already, from one view. */
static enum status look(struct request *request, const char *registry, const char *schema,
	struct schema_view *view_out, struct error *err)
{
	OWNED(catalog_txn) txn = NULL;
	TRY(catalog_read(request->daemon->catalog, &txn, err));
	return schema_view(txn, text_of(registry), text_of(schema), request->arena, view_out, err);
}

static enum status look_same(struct request *request, const struct schema_view *view,
	const struct candidate *candidate, Tenon__V1__SchemaVersion **version_out,
	struct error *err)
{
	OWNED(catalog_txn) txn = NULL;
	TRY(catalog_read(request->daemon->catalog, &txn, err));
	return schema_version_same(
		txn, view, candidate->fresh.canonical, request->arena, version_out, err);
}

struct adding {
	struct request *request;
	const struct schema_view *view;
	const struct schema_version_new *fresh;
	Tenon__V1__SchemaVersion *version;
};

static enum status add_apply(struct catalog_txn *txn, void *state, struct error *err)
{
	struct adding *adding = state;
	request_reason(adding->request, txn, "");
	return schema_version_add(
		txn, adding->view, adding->fresh, adding->request->arena, &adding->version, err);
}

/* What is decided holds for the schema's revision that was looked at: ABORTED by the
 * write when it has moved. */
static enum status register_once(struct request *request, const struct schema_view *view,
	struct candidate *candidate, Tenon__V1__RegisterSchemaVersionResponse *out,
	struct error *err)
{
	struct decision decision;
	struct catalog *catalog = request->daemon->catalog;
	Tenon__V1__SchemaVersion *same;
	TRY(look_same(request, view, candidate, &same, err));
	out->version = same;
	if (same && same->status == SCHEMA_AVAILABLE)
		return STATUS_OK;
	TRY(candidate_decide(catalog, view, candidate, request->arena, &decision, err));
	if (!decision.accepted && decision.obstacles.count == 0)
		return fail(err, STATUS_FAILED_PRECONDITION, "schema '%s': %s", view->schema->name,
			decision.why);
	differences_of(request->arena, &decision.obstacles, &out->differences, &out->n_differences);
	if (same && !decision.accepted) /* refused before, and again */
		return STATUS_OK;
	candidate->fresh.failure = decision.why;
	struct adding adding = {request, view, &candidate->fresh, NULL};
	TRY(catalog_write_now(catalog, add_apply, &adding, err));
	out->version = adding.version;
	out->created = true;
	return STATUS_OK;
}

static enum status register_version(struct request *request, struct error *err)
{
	const Tenon__V1__RegisterSchemaVersionRequest *in = request->in;
	Tenon__V1__RegisterSchemaVersionResponse *out =
		ANSWER(Tenon__V1__RegisterSchemaVersionResponse,
			TENON__V1__REGISTER_SCHEMA_VERSION_RESPONSE__INIT);
	struct schema_view view;
	struct candidate candidate;
	enum status status;
	TRY(look(request, in->registry, in->schema, &view, err));
	TRY(candidate_parse(request->arena, view.schema->format, in->definition, &candidate, err));
	unsigned tries = 0;
	while ((status = register_once(request, &view, &candidate, out, err)) == STATUS_ABORTED &&
		++tries < TRIES) {
		Tenon__V1__DataFormat format = view.schema->format;
		TRY(look(request, in->registry, in->schema, &view, err));
		if (view.schema->format != format) /* dropped and created anew */
			return fail(err, STATUS_ABORTED, "schema '%s' is another now: try again",
				in->schema);
	}
	return status;
}

static enum status get_version(struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__GetSchemaVersionRequest *in = request->in;
	Tenon__V1__GetSchemaVersionResponse *out = ANSWER(
		Tenon__V1__GetSchemaVersionResponse, TENON__V1__GET_SCHEMA_VERSION_RESPONSE__INIT);
	if (in->id[0])
		return schema_version_get_by_id(
			txn, text_of(in->id), request->arena, &out->version, err);
	return schema_version_get(txn, text_of(in->registry), text_of(in->schema), in->version,
		request->arena, &out->version, err);
}

static enum status get_by_definition(struct request *request, struct error *err)
{
	const Tenon__V1__GetSchemaByDefinitionRequest *in = request->in;
	Tenon__V1__GetSchemaVersionResponse *out = ANSWER(
		Tenon__V1__GetSchemaVersionResponse, TENON__V1__GET_SCHEMA_VERSION_RESPONSE__INIT);
	struct schema_view view;
	struct candidate candidate;
	TRY(look(request, in->registry, in->schema, &view, err));
	TRY(candidate_parse(request->arena, view.schema->format, in->definition, &candidate, err));
	TRY(look_same(request, &view, &candidate, &out->version, err));
	if (!out->version)
		return fail(err, STATUS_NOT_FOUND, "schema '%s' has no version of this definition",
			view.schema->name);
	return STATUS_OK;
}

static enum status list_versions(
	struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__ListSchemaVersionsRequest *in = request->in;
	Tenon__V1__ListSchemaVersionsResponse *out = ANSWER(Tenon__V1__ListSchemaVersionsResponse,
		TENON__V1__LIST_SCHEMA_VERSIONS_RESPONSE__INIT);
	return schema_version_list(txn, text_of(in->registry), text_of(in->schema),
		text_of(in->page_token), page_rows(in->page_size), request->arena, out, err);
}

static enum status delete_versions(
	struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__DeleteSchemaVersionsRequest *in = request->in;
	Tenon__V1__DeleteSchemaVersionsResponse *out =
		ANSWER(Tenon__V1__DeleteSchemaVersionsResponse,
			TENON__V1__DELETE_SCHEMA_VERSIONS_RESPONSE__INIT);
	return schema_version_delete(txn, text_of(in->registry), text_of(in->schema),
		text_of(in->versions), request->arena, out, err);
}

/* Questions that change nothing */

/* What the definition's own fault is, is an answer. */
static bool is_answer(enum status status)
{
	return status == STATUS_INVALID_ARGUMENT || status == STATUS_RESOURCE_EXHAUSTED;
}

static enum status check_against(struct request *request, const struct schema_view *view,
	const struct candidate *candidate, Tenon__V1__CheckSchemaResponse *out, struct error *err)
{
	struct decision decision;
	Tenon__V1__SchemaVersion *same;
	TRY(look_same(request, view, candidate, &same, err));
	out->compatible = same && same->status == SCHEMA_AVAILABLE;
	if (out->compatible)
		return STATUS_OK;
	TRY(candidate_decide(
		request->daemon->catalog, view, candidate, request->arena, &decision, err));
	out->compatible = decision.accepted;
	if (!decision.accepted)
		out->error = wire_text(request->arena, text_of(decision.why));
	differences_of(request->arena, &decision.obstacles, &out->differences, &out->n_differences);
	return STATUS_OK;
}

static enum status check_schema(struct request *request, struct error *err)
{
	const Tenon__V1__CheckSchemaRequest *in = request->in;
	Tenon__V1__CheckSchemaResponse *out =
		ANSWER(Tenon__V1__CheckSchemaResponse, TENON__V1__CHECK_SCHEMA_RESPONSE__INIT);
	struct schema_view view = {0};
	struct candidate candidate;
	Tenon__V1__DataFormat format = in->format;
	if (in->schema[0]) {
		TRY(look(request, in->registry, in->schema, &view, err));
		format = view.schema->format;
	}
	if (in->format && in->format != format)
		return fail(err, STATUS_INVALID_ARGUMENT, "schema '%s' is of another data format",
			in->schema);
	if (!format_name(format))
		return fail(err, STATUS_INVALID_ARGUMENT,
			"data format %d: give AVRO, JSON or PROTOBUF", (int)format);
	enum status status =
		candidate_parse(request->arena, format, in->definition, &candidate, err);
	if (is_answer(status)) {
		out->error = wire_text(request->arena, text_of(err->message));
		return STATUS_OK;
	}
	TRY(status);
	out->valid = true;
	out->compatible = true;
	out->columns = candidate.fresh.columns;
	out->n_columns = candidate.fresh.column_count;
	return view.schema ? check_against(request, &view, &candidate, out, err) : STATUS_OK;
}

static enum status version_parse(struct request *request,
	const Tenon__V1__DiffSchemaVersionsRequest *in, uint32_t number,
	const struct schema_view *view, const struct definition **definition_out, struct error *err)
{
	OWNED(catalog_txn) txn = NULL;
	Tenon__V1__SchemaVersion *version;
	TRY(catalog_read(request->daemon->catalog, &txn, err));
	TRY(schema_version_get(txn, text_of(in->registry), text_of(in->schema), number,
		request->arena, &version, err));
	catalog_txn_free(TAKE(txn));
	return definition_parse(request->arena, view->schema->format, text_of(version->definition),
		definition_out, err);
}

static enum status diff_versions(struct request *request, struct error *err)
{
	const Tenon__V1__DiffSchemaVersionsRequest *in = request->in;
	Tenon__V1__DiffSchemaVersionsResponse *out = ANSWER(Tenon__V1__DiffSchemaVersionsResponse,
		TENON__V1__DIFF_SCHEMA_VERSIONS_RESPONSE__INIT);
	struct schema_view view;
	const struct definition *from;
	const struct definition *to;
	TRY(look(request, in->registry, in->schema, &view, err));
	TRY(version_parse(request, in, in->from, &view, &from, err));
	TRY(version_parse(request, in, in->to, &view, &to, err));
	return definition_diff(request->arena, from, to, out, err);
}

/* Metadata. The wire's maps are a type per message. */

#define METADATA_OF(arena, version, out, Entry, INIT)                                         \
	do {                                                                                  \
		(out)->metadata = arena_array(arena, (version)->n_metadata, sizeof(Entry *)); \
		(out)->n_metadata = (version)->n_metadata;                                    \
		for (size_t i_ = 0; i_ < (version)->n_metadata; i_++) {                       \
			(out)->metadata[i_] = arena_alloc(arena, sizeof(Entry));              \
			*(out)->metadata[i_] = (Entry)INIT;                                   \
			(out)->metadata[i_]->key = (version)->metadata[i_]->key;              \
			(out)->metadata[i_]->value = (version)->metadata[i_]->value;          \
		}                                                                             \
	} while (0)

static enum status put_metadata(struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__PutSchemaVersionMetadataRequest *in = request->in;
	Tenon__V1__PutSchemaVersionMetadataResponse *out =
		ANSWER(Tenon__V1__PutSchemaVersionMetadataResponse,
			TENON__V1__PUT_SCHEMA_VERSION_METADATA_RESPONSE__INIT);
	Tenon__V1__SchemaVersion *version;
	TRY(schema_version_annotate(
		txn, text_of(in->id), text_of(in->key), in->value, request->arena, &version, err));
	METADATA_OF(request->arena, version, out,
		Tenon__V1__PutSchemaVersionMetadataResponse__MetadataEntry,
		TENON__V1__PUT_SCHEMA_VERSION_METADATA_RESPONSE__METADATA_ENTRY__INIT);
	return STATUS_OK;
}

static enum status delete_metadata(
	struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__DeleteSchemaVersionMetadataRequest *in = request->in;
	Tenon__V1__DeleteSchemaVersionMetadataResponse *out =
		ANSWER(Tenon__V1__DeleteSchemaVersionMetadataResponse,
			TENON__V1__DELETE_SCHEMA_VERSION_METADATA_RESPONSE__INIT);
	Tenon__V1__SchemaVersion *version;
	TRY(schema_version_annotate(
		txn, text_of(in->id), text_of(in->key), NULL, request->arena, &version, err));
	METADATA_OF(request->arena, version, out,
		Tenon__V1__DeleteSchemaVersionMetadataResponse__MetadataEntry,
		TENON__V1__DELETE_SCHEMA_VERSION_METADATA_RESPONSE__METADATA_ENTRY__INIT);
	return STATUS_OK;
}

/* Whether a text is a schema at all is nobody's secret. */
static enum status allow_check(struct request *request, struct error *err)
{
	const Tenon__V1__CheckSchemaRequest *in = request->in;
	return in->schema[0] ? request_may_all(request, RIGHT_READ, err) : STATUS_OK;
}

static const struct method rows[] = {
	{"CreateRegistry", NEED_WRITE, .write = create_registry},
	{"UpdateRegistry", NEED_WRITE, .write = update_registry},
	{"ListRegistries", NEED_KNOWN, .read = list_registries},
	{"DeleteRegistry", NEED_WRITE, .write = delete_registry},
	{"CreateSchema", NEED_WRITE, .slow = create_schema},
	{"GetSchema", NEED_READ, .read = get_schema},
	{"UpdateSchema", NEED_WRITE, .write = update_schema},
	{"ListSchemas", NEED_KNOWN, .read = list_schemas},
	{"DeleteSchema", NEED_WRITE, .write = delete_schema},
	{"RegisterSchemaVersion", NEED_WRITE, .slow = register_version},
	{"GetSchemaVersion", NEED_READ, .read = get_version},
	{"GetSchemaByDefinition", NEED_READ, .slow = get_by_definition},
	{"ListSchemaVersions", NEED_READ, .read = list_versions},
	{"DeleteSchemaVersions", NEED_WRITE, .write = delete_versions},
	{"CheckSchema", NEED_READ, .slow = check_schema, .allow = allow_check},
	{"DiffSchemaVersions", NEED_READ, .slow = diff_versions},
	{"PutSchemaVersionMetadata", NEED_WRITE, .write = put_metadata},
	{"DeleteSchemaVersionMetadata", NEED_WRITE, .write = delete_metadata},
};

const struct methods registry_methods = METHODS(rows);
