#include "clients/cli/load_calls.h"
#include "imports/same.h"

#include <string.h>

#define CATALOG &tenon__v1__catalog__descriptor

/* The partitions of one table that wait, in one call; those that are there already are
 * looked at and replaced in two more, when asked to. */
struct batch {
	struct load *load;
	char *database, *table;
	const char *name; /* "sales.orders" */
	size_t *at; /* places in load->batch of those that are there */
	size_t count;
};

static void came_out(struct batch *batch, enum load_outcome outcome, uint64_t count)
{
	load_count(batch->load, IMPORT_PARTITION, outcome, count);
	load_row(batch->load, IMPORT_TABLE, batch->name)->partitions[outcome] += count;
}

/* "sales.orders 2013/07" */
static const char *part_name(const struct batch *batch, const Tenon__V1__Partition *partition)
{
	const char *name = batch->name;
	for (size_t i = 0; i < partition->n_values; i++)
		name = arena_printf(
			batch->load->arena, "%s%c%s", name, i ? '/' : ' ', partition->values[i]);
	return name;
}

static void failed(struct batch *batch, size_t place, const struct error *why)
{
	const struct load_part *part = &batch->load->batch[place];
	load_fail(batch->load,
		&(struct load_failure){IMPORT_PARTITION, part_name(batch, part->partition),
			batch->load->file, part->line, part->column, 1, *why});
	load_row(batch->load, IMPORT_TABLE, batch->name)->partitions[LOAD_FAILED]++;
}

static void all_failed(struct batch *batch, const struct error *why)
{
	struct load *load = batch->load;
	load_fail(
		load, &(struct load_failure){IMPORT_PARTITION, batch->name, load->file,
			      load->batch[0].line, load->batch[0].column, load->batch_count, *why});
	load_row(load, IMPORT_TABLE, batch->name)->partitions[LOAD_FAILED] += load->batch_count;
}

static bool same_values(const Tenon__V1__Partition *a, const Tenon__V1__Partition *b)
{
	bool same = a->n_values == b->n_values;
	for (size_t i = 0; same && i < a->n_values; i++)
		same = strcmp(a->values[i], b->values[i]) == 0;
	return same;
}

/* What is stored of the partitions at batch->at: a list as long, NULL for those that
 * are not there. */
static enum status find_stored(
	struct batch *batch, Tenon__V1__Partition ***stored_out, struct error *err)
{
	struct load *load = batch->load;
	Tenon__V1__GetPartitionsRequest request = TENON__V1__GET_PARTITIONS_REQUEST__INIT;
	Tenon__V1__GetPartitionsResponse *response = NULL;
	Tenon__V1__Partition **stored = arena_array(load->arena, batch->count, sizeof *stored);
	request.database = batch->database;
	request.table = batch->table;
	request.n_keys = batch->count;
	request.keys = arena_array(load->arena, batch->count, sizeof *request.keys);
	for (size_t i = 0; i < batch->count; i++) {
		const Tenon__V1__Partition *partition = load->batch[batch->at[i]].partition;
		Tenon__V1__PartitionValues *values = arena_alloc(load->arena, sizeof *values);
		*values = (Tenon__V1__PartitionValues)TENON__V1__PARTITION_VALUES__INIT;
		values->values = partition->values;
		values->n_values = partition->n_values;
		request.keys[i] = values;
	}
	TRY(load_call(load, CATALOG, "GetPartitions", &request.base, &response, err));
	/* In the order asked, without the missing. */
	size_t next = 0;
	for (size_t i = 0; i < batch->count && next < response->n_partitions; i++) {
		if (same_values(load->batch[batch->at[i]].partition, response->partitions[next]))
			stored[i] = response->partitions[next++];
	}
	*stored_out = stored;
	return STATUS_OK;
}

static enum status create(struct batch *batch, struct error *err)
{
	struct load *load = batch->load;
	Tenon__V1__CreatePartitionsRequest request = TENON__V1__CREATE_PARTITIONS_REQUEST__INIT;
	Tenon__V1__CreatePartitionsResponse *response = NULL;
	request.database = batch->database;
	request.table = batch->table;
	request.n_partitions = load->batch_count;
	request.partitions = arena_array(load->arena, load->batch_count, sizeof(void *));
	for (size_t i = 0; i < load->batch_count; i++)
		request.partitions[i] = load->batch[i].partition;
	TRY(load_call(load, CATALOG, "CreatePartitions", &request.base, &response, err));
	for (size_t i = 0; i < response->n_errors; i++) {
		const Tenon__V1__ItemError *error = response->errors[i];
		if (error->index >= load->batch_count)
			return fail(err, STATUS_DATA_LOSS,
				"the daemon answered about partition %u of %zu", error->index,
				load->batch_count);
		struct error why;
		(void)fail(&why, (enum status)error->code, "%s", error->message);
		if (why.status == STATUS_ALREADY_EXISTS)
			batch->at[batch->count++] = error->index;
		else
			failed(batch, error->index, &why);
	}
	came_out(batch, LOAD_CREATED, load->batch_count - response->n_errors);
	return STATUS_OK;
}

/* Those at batch->at that differ from what is stored, and only those. */
static enum status update(struct batch *batch, struct error *err)
{
	struct load *load = batch->load;
	Tenon__V1__UpdatePartitionsRequest request = TENON__V1__UPDATE_PARTITIONS_REQUEST__INIT;
	Tenon__V1__UpdatePartitionsResponse *response = NULL;
	request.database = batch->database;
	request.table = batch->table;
	request.n_updates = batch->count;
	request.updates = arena_array(load->arena, batch->count, sizeof *request.updates);
	for (size_t i = 0; i < batch->count; i++) {
		Tenon__V1__PartitionUpdate *one = arena_alloc(load->arena, sizeof *one);
		*one = (Tenon__V1__PartitionUpdate)TENON__V1__PARTITION_UPDATE__INIT;
		one->partition = load->batch[batch->at[i]].partition;
		one->values = one->partition->values;
		one->n_values = one->partition->n_values;
		request.updates[i] = one;
	}
	TRY(load_call(load, CATALOG, "UpdatePartitions", &request.base, &response, err));
	for (size_t i = 0; i < response->n_errors; i++) {
		const Tenon__V1__ItemError *error = response->errors[i];
		struct error why;
		(void)fail(&why, (enum status)error->code, "%s", error->message);
		if (error->index < batch->count)
			failed(batch, batch->at[error->index], &why);
	}
	came_out(batch, LOAD_REPLACED, batch->count - response->n_errors);
	return STATUS_OK;
}

/* Leaves at batch->at what is there and differs; the others are counted. */
static enum status compare(struct batch *batch, struct error *err)
{
	struct load *load = batch->load;
	Tenon__V1__Table *table = NULL;
	Tenon__V1__Partition **stored = NULL;
	TRY(load_find_table(load, batch->database, batch->table, &table, err));
	if (!table)
		return fail(err, STATUS_NOT_FOUND, "table '%s' is gone", batch->name);
	TRY(find_stored(batch, &stored, err));
	size_t differ = 0;
	uint64_t missing = 0;
	OWNED(arena) copies = arena_new();
	for (size_t i = 0; i < batch->count; i++) {
		const Tenon__V1__Partition *partition = load->batch[batch->at[i]].partition;
		missing += !stored[i];
		if (stored[i] && (!load->options.replace ||
					 !same_partition(copies, partition, stored[i], table)))
			batch->at[differ++] = batch->at[i];
		arena_reset(copies);
	}
	came_out(batch, LOAD_CREATED, missing); /* only a plan looks for what may be missing */
	came_out(batch, LOAD_UNCHANGED, batch->count - missing - differ);
	batch->count = differ;
	return STATUS_OK;
}

/* One of them is none of the table's: each is asked for alone, to tell which. */
static enum status plan_each(struct batch *batch, struct error *err)
{
	struct load *load = batch->load;
	for (size_t i = 0; i < load->batch_count; i++) {
		batch->at[0] = i;
		batch->count = 1;
		enum status status = compare(batch, err);
		if (status == STATUS_INVALID_ARGUMENT)
			failed(batch, i, err);
		else if (status != STATUS_OK)
			return status;
		else
			came_out(batch, load->options.replace ? LOAD_REPLACED : LOAD_EXISTS,
				batch->count);
	}
	return STATUS_OK;
}

static enum status plan(struct batch *batch, struct error *err)
{
	struct load *load = batch->load;
	Tenon__V1__Table *table = NULL;
	TRY(load_find_table(load, batch->database, batch->table, &table, err));
	if (!table && load_row(load, IMPORT_TABLE, batch->name)->outcome == LOAD_CREATED) {
		came_out(batch, LOAD_CREATED, load->batch_count);
		return STATUS_OK;
	}
	if (!table)
		return fail(err, STATUS_NOT_FOUND, "there is no table '%s': import it first",
			batch->name);
	for (size_t i = 0; i < load->batch_count; i++)
		batch->at[batch->count++] = i;
	enum status status = compare(batch, err);
	if (status == STATUS_INVALID_ARGUMENT)
		return plan_each(batch, err);
	TRY(status);
	came_out(batch, load->options.replace ? LOAD_REPLACED : LOAD_EXISTS, batch->count);
	return STATUS_OK;
}

static enum status bring(struct batch *batch, struct error *err)
{
	if (batch->load->options.plan)
		return plan(batch, err);
	TRY(create(batch, err));
	if (!batch->load->options.replace) {
		came_out(batch, LOAD_EXISTS, batch->count);
		return STATUS_OK;
	}
	if (batch->count)
		TRY(compare(batch, err));
	return batch->count ? update(batch, err) : STATUS_OK;
}

enum status load_partitions(struct load *load, struct error *err)
{
	if (load->batch_count == 0)
		return STATUS_OK;
	struct batch batch = {.load = load};
	batch.database = arena_text(load->arena, text_of(load->batch_database));
	batch.table = arena_text(load->arena, text_of(load->batch_table));
	batch.name = arena_printf(load->arena, "%s.%s", batch.database, batch.table);
	batch.at = arena_array(load->arena, load->batch_count, sizeof *batch.at);
	enum status status = bring(&batch, err);
	if (status != STATUS_OK && load_goes_on(status)) {
		all_failed(&batch, err);
		status = STATUS_OK;
	}
	load->batch_count = 0;
	return status;
}
