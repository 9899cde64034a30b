#pragma once

#include "imports/notes.h"
#include "tenon/v1/table.pb-c.h"

/* Parameters that Tenon's readers go by, where a Hive table only implies them by its
 * serde and that serde's defaults: classification, delimiter, quotes, text of null. What
 * the table says itself stays. */
void reading_add(Tenon__V1__Table *table, struct arena *arena, struct import_notes *notes);

void table_parameter_add(
	Tenon__V1__Table *table, struct arena *arena, const char *key, const char *value);
