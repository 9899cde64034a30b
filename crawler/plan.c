#include "crawler/plan.h"

#include "base/buffer.h"
#include "crawler/keys.h"
#include "crawler/serde.h"

/* protobuf-c makes a type of its own for each map's entries, all of one shape:
 * a message header, key, value. */
static void *map_entries(struct arena *arena, const ProtobufCMessageDescriptor *descriptor,
	const struct parameters *parameters)
{
	void **entries = arena_array(arena, parameters->count, sizeof *entries);
	for (size_t i = 0; i < parameters->count; i++) {
		Tenon__V1__Table__ParametersEntry *entry =
			arena_alloc(arena, descriptor->sizeof_message);
		protobuf_c_message_init(descriptor, entry);
		entry->key = arena_text(arena, text_of(parameters->at[i].key));
		entry->value = arena_text(arena, text_of(parameters->at[i].value));
		entries[i] = entry;
	}
	return entries;
}
_Static_assert(sizeof(Tenon__V1__Table__ParametersEntry) ==
			       sizeof(Tenon__V1__StorageDescriptor__ParametersEntry) &&
		       sizeof(Tenon__V1__Table__ParametersEntry) ==
			       sizeof(Tenon__V1__SerDe__ParametersEntry),
	"map entries have one shape");

static const char *number(struct arena *arena, uint64_t value)
{
	return arena_printf(arena, "%llu", (unsigned long long)value);
}

/* `text` inside a JSON string; `also` are bytes that the glob takes as they are. */
static void add_escaped(struct buffer *list, struct text text, const char *also)
{
	for (size_t i = 0; i < text.length; i++) {
		char byte = text.at[i];
		if (strchr(also, byte))
			buffer_add_string(
				list, "\\\\"); /* the glob's backslash, escaped for JSON */
		if (byte == '"' || byte == '\\')
			buffer_add_byte(list, '\\');
		buffer_add_byte(list, byte);
	}
}

/* A JSON list of the globs, absolute, as Glue's readers honour it. */
static const char *exclusions_text(const struct table_plan *plan, struct arena *arena)
{
	enum { LIST_BYTES = 64 * 1024 };
	struct buffer SCOPED_BUFFER list;
	buffer_init(&list, LIST_BYTES);
	buffer_add_byte(&list, '[');
	for (size_t i = 0; i < plan->exclusion_count; i++) {
		buffer_add_string(&list, i ? ",\"" : "\"");
		add_escaped(&list, plan->target, "*?[]{}\\");
		buffer_add_byte(&list, '/');
		add_escaped(&list, text_of(plan->exclusions[i]), "");
		buffer_add_byte(&list, '"');
	}
	buffer_add_byte(&list, ']');
	return arena_text(arena, buffer_text(&list));
}

/* What AWS Glue's crawler writes to table and storage alike (glue-behaviour 2.7). */
static void table_parameters(
	const struct table_plan *plan, struct arena *arena, struct parameters *parameters)
{
	const Tenon__V1__Inferred *summary = plan->summary;
	parameter_add(parameters, "classification", summary->classification);
	parameter_add(parameters, "compressionType", summary->compression);
	parameter_add(parameters, "typeOfData", "file");
	parameter_add(parameters, "objectCount", number(arena, summary->objects));
	parameter_add(parameters, "sizeKey", number(arena, summary->bytes));
	parameter_add(parameters, "recordCount", number(arena, summary->row_count));
	if (summary->row_count)
		parameter_add(parameters, "averageRecordSize",
			number(arena, summary->bytes / summary->row_count));
	parameter_add(parameters, "CrawlerSchemaSerializerVersion", "1.0");
	parameter_add(parameters, "CrawlerSchemaDeserializerVersion", "1.0");
	if (plan->exclusion_count)
		parameter_add(parameters, "exclusions", exclusions_text(plan, arena));
	if (plan->group->levels)
		parameter_add(parameters, "partition_filtering.enabled", "true");
	dialect_parameters(arena, summary, parameters);
}

static Tenon__V1__Column **columns_of(
	struct arena *arena, Tenon__V1__NameType *const *columns, size_t count)
{
	Tenon__V1__Column **messages = arena_array(arena, count, sizeof *messages);
	for (size_t i = 0; i < count; i++) {
		messages[i] = arena_alloc(arena, sizeof *messages[i]);
		tenon__v1__column__init(messages[i]);
		messages[i]->name = columns[i]->name;
		messages[i]->type = columns[i]->type;
	}
	return messages;
}

static Tenon__V1__SerDe *serde_of(
	const struct table_plan *plan, const char *library, struct arena *arena)
{
	struct parameters parameters = {0};
	serde_parameters(arena, plan->summary, &parameters);
	Tenon__V1__SerDe *serde = arena_alloc(arena, sizeof *serde);
	tenon__v1__ser_de__init(serde);
	serde->library = arena_text(arena, text_of(library));
	serde->parameters =
		map_entries(arena, &tenon__v1__ser_de__parameters_entry__descriptor, &parameters);
	serde->n_parameters = parameters.count;
	return serde;
}

static Tenon__V1__StorageDescriptor *storage_of(
	const struct table_plan *plan, const struct parameters *parameters, struct arena *arena)
{
	const Tenon__V1__Inferred *summary = plan->summary;
	struct serde_names names = serde_names(summary);
	Tenon__V1__StorageDescriptor *storage = arena_alloc(arena, sizeof *storage);
	tenon__v1__storage_descriptor__init(storage);
	storage->columns = columns_of(arena, summary->columns, summary->n_columns);
	storage->n_columns = summary->n_columns;
	storage->location = summary->path;
	storage->input_format = arena_text(arena, text_of(names.input_format));
	storage->output_format = arena_text(arena, text_of(names.output_format));
	storage->compressed = strcmp(summary->compression, "none") != 0;
	storage->number_of_buckets = -1;
	storage->serde = serde_of(plan, names.library, arena);
	storage->parameters = map_entries(
		arena, &tenon__v1__storage_descriptor__parameters_entry__descriptor, parameters);
	storage->n_parameters = parameters->count;
	return storage;
}

static Tenon__V1__Table *table_of(const struct table_plan *plan, struct arena *arena)
{
	const Tenon__V1__Inferred *summary = plan->summary;
	struct parameters parameters = {0};
	table_parameters(plan, arena, &parameters);
	Tenon__V1__Table *table = arena_alloc(arena, sizeof *table);
	tenon__v1__table__init(table);
	table->database = arena_text(arena, text_of(plan->database));
	table->name = plan->name;
	table->owner = arena_text(arena, TEXT("owner"));
	table->table_type = arena_text(arena, TEXT("EXTERNAL_TABLE"));
	table->storage = storage_of(plan, &parameters, arena);
	table->partition_keys =
		columns_of(arena, summary->partition_keys, summary->n_partition_keys);
	table->n_partition_keys = summary->n_partition_keys;
	table->parameters =
		map_entries(arena, &tenon__v1__table__parameters_entry__descriptor, &parameters);
	table->n_parameters = parameters.count;
	table->evidence = summary->evidence;
	table->n_evidence = summary->n_evidence;
	return table;
}

static Tenon__V1__Partition *partition_of(
	const struct group *group, const struct text *keys, struct text path, struct arena *arena)
{
	const struct text *values = key_values(group, keys, path, arena);
	Tenon__V1__Partition *partition = arena_alloc(arena, sizeof *partition);
	tenon__v1__partition__init(partition);
	partition->n_values = group->levels;
	partition->values = arena_array(arena, group->levels, sizeof *partition->values);
	for (size_t i = 0; i < group->levels; i++)
		partition->values[i] = arena_text(arena, values[i]);
	partition->storage = arena_alloc(arena, sizeof *partition->storage);
	tenon__v1__storage_descriptor__init(partition->storage);
	partition->storage->location = arena_text(arena, folder_of(path));
	return partition;
}

/* One per folder; the objects of a folder follow each other. */
static void set_partitions(
	const struct table_plan *plan, Tenon__V1__CrawlTable *planned, struct arena *arena)
{
	const struct group *group = plan->group;
	if (group->levels == 0)
		return;
	const struct text *keys = keys_of_group(plan->found, group, arena);
	planned->partitions =
		arena_array(arena, plan->summary->partitions, sizeof *planned->partitions);
	struct text folder = {0};
	for (size_t i = 0; i < group->count; i++) {
		struct text path = plan->found[group->members[i]].object->path;
		if (i == 0 || !text_equal(folder_of(path), folder))
			planned->partitions[planned->n_partitions++] =
				partition_of(group, keys, path, arena);
		folder = folder_of(path);
	}
}

static void set_files(
	const struct table_plan *plan, Tenon__V1__CrawlTable *planned, struct arena *arena)
{
	const struct group *group = plan->group;
	planned->files = arena_array(arena, group->count, sizeof *planned->files);
	char *table = arena_printf(arena, "%s.%s", plan->database, plan->name);
	for (size_t i = 0; i < group->count; i++) {
		const struct found *found = &plan->found[group->members[i]];
		if (!found->changed)
			continue;
		found->entry->table = table;
		planned->files[planned->n_files++] = found->entry;
	}
}

Tenon__V1__CrawlTable *table_planned(const struct table_plan *plan, struct arena *arena)
{
	Tenon__V1__CrawlTable *planned = arena_alloc(arena, sizeof *planned);
	tenon__v1__crawl_table__init(planned);
	planned->summary = plan->summary;
	planned->unchanged = plan->unchanged;
	planned->table = table_of(plan, arena);
	set_partitions(plan, planned, arena);
	set_files(plan, planned, arena);
	return planned;
}
