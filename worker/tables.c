#include "worker/tables.h"

#include "base/limits.h"
#include "base/memory.h"
#include "tenon/v1/catalog.pb-c.h"

enum status tables_get(struct rpc_channel *channel, struct text database, struct text table,
	struct arena *arena, Tenon__V1__Table **table_out, struct error *err)
{
	Tenon__V1__GetTableRequest request = TENON__V1__GET_TABLE_REQUEST__INIT;
	Tenon__V1__GetTableResponse *response;
	request.database = arena_text(arena, database);
	request.name = arena_text(arena, table);
	TRY(rpc_invoke(channel, &tenon__v1__catalog__descriptor, "GetTable", &request.base, 0,
		arena, &response, err));
	if (!response->table)
		return fail(err, STATUS_NOT_FOUND, "table '%.*s.%.*s' does not exist",
			TEXT_ARG(database), TEXT_ARG(table));
	*table_out = response->table;
	return STATUS_OK;
}

enum status tables_partitions(struct rpc_channel *channel, struct text database, struct text table,
	struct text expression, struct arena *arena, Tenon__V1__Partition ***partitions_out,
	size_t *count_out, struct error *err)
{
	Tenon__V1__ListPartitionsRequest request = TENON__V1__LIST_PARTITIONS_REQUEST__INIT;
	Tenon__V1__Partition **all = NULL;
	size_t count = 0;
	size_t capacity = 0;
	request.database = arena_text(arena, database);
	request.table = arena_text(arena, table);
	request.expression = arena_text(arena, expression);
	request.page_size = LIMIT_PAGE;
	do {
		Tenon__V1__ListPartitionsResponse *page;
		TRY(rpc_invoke(channel, &tenon__v1__catalog__descriptor, "ListPartitions",
			&request.base, 0, arena, &page, err));
		if (count + page->n_partitions > capacity) {
			size_t grown = memory_grown(capacity, count + page->n_partitions);
			all = arena_grow(arena, all, capacity, grown, sizeof(void *));
			capacity = grown;
		}
		if (page->n_partitions)
			memcpy(all + count, page->partitions, page->n_partitions * sizeof(void *));
		count += page->n_partitions;
		request.page_token = page->next_page_token;
	} while (*request.page_token);
	*partitions_out = all;
	*count_out = count;
	return STATUS_OK;
}
