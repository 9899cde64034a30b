#include "catalog/partition_indexes.h"
#include "service/serve.h"

/* The Catalog service's partition indexes. */

static enum status create_index(struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__CreatePartitionIndexRequest *in = request->in;
	Tenon__V1__CreatePartitionIndexResponse *out =
		ANSWER(Tenon__V1__CreatePartitionIndexResponse,
			TENON__V1__CREATE_PARTITION_INDEX_RESPONSE__INIT);
	TRY(require(in->index, "index", err));
	return partition_index_create(txn, text_of(in->database), text_of(in->table), in->index,
		request->arena, &out->index, err);
}

static enum status list_indexes(struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__ListPartitionIndexesRequest *in = request->in;
	Tenon__V1__ListPartitionIndexesResponse *out =
		ANSWER(Tenon__V1__ListPartitionIndexesResponse,
			TENON__V1__LIST_PARTITION_INDEXES_RESPONSE__INIT);
	return partition_indexes_list(txn, text_of(in->database), text_of(in->table),
		request->arena, &out->indexes, &out->n_indexes, err);
}

static enum status delete_index(struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__DeletePartitionIndexRequest *in = request->in;
	ANSWER(Tenon__V1__DeletePartitionIndexResponse,
		TENON__V1__DELETE_PARTITION_INDEX_RESPONSE__INIT);
	return partition_index_delete(
		txn, text_of(in->database), text_of(in->table), text_of(in->name), err);
}

static void wake(struct request *request)
{
	chores_wake(request->daemon->chores);
}

static const struct method rows[] = {
	{"CreatePartitionIndex", NEED_WRITE, .write = create_index, .after = wake},
	{"ListPartitionIndexes", NEED_READ, .read = list_indexes},
	{"DeletePartitionIndex", NEED_WRITE, .write = delete_index, .after = wake},
};

const struct methods partition_index_methods = METHODS(rows);
