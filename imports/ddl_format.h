#pragma once

#include "base/text.h"
#include "tenon/v1/table.pb-c.h"

/* What STORED AS and USING stand for (Hive's StorageFormat descriptors). */
struct ddl_format {
	const char *word;
	const char *input, *output, *serde;
};
const struct ddl_format *ddl_format_find(struct text word); /* NULL: none of ours */
extern const char ddl_lazy_serde[];
