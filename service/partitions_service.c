#include "catalog/partitions.h"
#include "catalog/tables.h"
#include "service/serve.h"

/* The Catalog service's partitions: each item of a batch succeeds or fails alone. */

static enum status create_partitions(
	struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__CreatePartitionsRequest *in = request->in;
	Tenon__V1__CreatePartitionsResponse *out = ANSWER(
		Tenon__V1__CreatePartitionsResponse, TENON__V1__CREATE_PARTITIONS_RESPONSE__INIT);
	Tenon__V1__Table *table;
	TRY(batch_check(in->n_partitions, LIMIT_PAGE, "partitions", err));
	TRY(table_get(txn, text_of(in->database), text_of(in->table), request->arena, &table, err));
	out->errors = arena_array(request->arena, in->n_partitions, sizeof *out->errors);
	for (size_t i = 0; i < in->n_partitions; i++) {
		bool created;
		enum status status = partition_create(txn, text_of(in->database),
			text_of(in->table), in->partitions[i], in->if_not_exists, &created, err);
		if (fails_the_call(status))
			return status;
		if (status != STATUS_OK)
			out->errors[out->n_errors++] = item_error(request->arena, i, err);
	}
	return STATUS_OK;
}

static enum status get_partition(
	struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__GetPartitionRequest *in = request->in;
	Tenon__V1__GetPartitionResponse *out =
		ANSWER(Tenon__V1__GetPartitionResponse, TENON__V1__GET_PARTITION_RESPONSE__INIT);
	return partition_get(txn, text_of(in->database), text_of(in->table), in->values,
		in->n_values, request->arena, &out->partition, err);
}

static enum status list_partitions(
	struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__ListPartitionsRequest *in = request->in;
	Tenon__V1__ListPartitionsResponse *out = ANSWER(
		Tenon__V1__ListPartitionsResponse, TENON__V1__LIST_PARTITIONS_RESPONSE__INIT);
	struct text next = TEXT("");
	const struct partition_query query = {
		.expression = text_of(in->expression),
		.token = text_of(in->page_token),
		.limit = page_rows(in->page_size),
		.segment = in->segment,
		.segments = in->segments,
		.exclude_columns = in->exclude_columns,
	};
	TRY(partition_list_query(txn, text_of(in->database), text_of(in->table), &query,
		request->arena, &out->partitions, &out->n_partitions, &next, err));
	out->next_page_token = wire_text(request->arena, next);
	return STATUS_OK;
}

static enum status delete_partitions(
	struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__DeletePartitionsRequest *in = request->in;
	Tenon__V1__DeletePartitionsResponse *out = ANSWER(
		Tenon__V1__DeletePartitionsResponse, TENON__V1__DELETE_PARTITIONS_RESPONSE__INIT);
	Tenon__V1__Table *table;
	TRY(batch_check(in->n_partitions, LIMIT_PAGE, "partitions", err));
	TRY(table_get(txn, text_of(in->database), text_of(in->table), request->arena, &table, err));
	out->errors = arena_array(request->arena, in->n_partitions, sizeof *out->errors);
	for (size_t i = 0; i < in->n_partitions; i++) {
		enum status status =
			partition_delete(txn, text_of(in->database), text_of(in->table),
				in->partitions[i]->values, in->partitions[i]->n_values, err);
		if (fails_the_call(status))
			return status;
		if (status != STATUS_OK)
			out->errors[out->n_errors++] = item_error(request->arena, i, err);
	}
	return STATUS_OK;
}

static enum status get_partitions(
	struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__GetPartitionsRequest *in = request->in;
	Tenon__V1__GetPartitionsResponse *out =
		ANSWER(Tenon__V1__GetPartitionsResponse, TENON__V1__GET_PARTITIONS_RESPONSE__INIT);
	TRY(batch_check(in->n_keys, LIMIT_PAGE, "partitions", err));
	return partitions_get(txn, text_of(in->database), text_of(in->table), in->keys, in->n_keys,
		request->arena, &out->partitions, &out->n_partitions, err);
}

static enum status update_one(const Tenon__V1__UpdatePartitionsRequest *in, size_t index,
	struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__PartitionUpdate *update = in->updates[index];
	TRY(require(update->partition, "partition", err));
	return partition_update(txn, text_of(in->database), text_of(in->table), update->values,
		update->n_values, update->partition, err);
}

static enum status update_partitions(
	struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__UpdatePartitionsRequest *in = request->in;
	Tenon__V1__UpdatePartitionsResponse *out = ANSWER(
		Tenon__V1__UpdatePartitionsResponse, TENON__V1__UPDATE_PARTITIONS_RESPONSE__INIT);
	Tenon__V1__Table *table;
	TRY(batch_check(in->n_updates, LIMIT_PAGE, "partitions", err));
	TRY(table_get(txn, text_of(in->database), text_of(in->table), request->arena, &table, err));
	out->errors = arena_array(request->arena, in->n_updates, sizeof *out->errors);
	for (size_t i = 0; i < in->n_updates; i++) {
		enum status status = update_one(in, i, txn, err);
		if (fails_the_call(status))
			return status;
		if (status != STATUS_OK)
			out->errors[out->n_errors++] = item_error(request->arena, i, err);
	}
	return STATUS_OK;
}

static const struct method rows[] = {
	{"CreatePartitions", NEED_WRITE, .write = create_partitions},
	{"GetPartition", NEED_READ, .read = get_partition},
	{"GetPartitions", NEED_READ, .read = get_partitions},
	{"UpdatePartitions", NEED_WRITE, .write = update_partitions},
	{"ListPartitions", NEED_READ, .read = list_partitions},
	{"DeletePartitions", NEED_WRITE, .write = delete_partitions},
};

const struct methods partition_methods = METHODS(rows);
