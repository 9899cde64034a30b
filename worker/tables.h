#pragma once

#include "base/arena.h"
#include "rpc/client.h"
#include "tenon/v1/table.pb-c.h"

/* The catalog as the etl room asks for it. */
enum status tables_get(struct rpc_channel *channel, struct text database, struct text table,
	struct arena *arena, Tenon__V1__Table **table_out, struct error *err) MUST_USE;
/* All partitions that match `expression`, page by page, in order. */
enum status tables_partitions(struct rpc_channel *channel, struct text database, struct text table,
	struct text expression, struct arena *arena, Tenon__V1__Partition ***partitions_out,
	size_t *count_out, struct error *err) MUST_USE;
