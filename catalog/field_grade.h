#pragma once

#include "catalog/field_diff.h"
#include "schema/diff.h"

/* What a change of a table's field means to who reads the table: `path` as in field_diff.
 * Breaking: data is found elsewhere or read otherwise (location, formats, serde, buckets,
 * a view's text). Widening: there is more of it. Safe: all else, as comments, parameters,
 * owner, description. */
enum severity field_severity(struct text path);
/* "parameters.recordCount", of the table or its storage: see definition_measures. */
bool field_measures(struct text path);

/* Gives each change its severity, in `arena`; the worst of them and of `worst`. */
enum severity fields_grade(struct arena *arena, Tenon__V1__FieldChange *const *changes,
	size_t count, enum severity worst);
/* Takes away those that only measure; how many are left. */
size_t fields_without_measures(Tenon__V1__FieldChange **changes, size_t count);
