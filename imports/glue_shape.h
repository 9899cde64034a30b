#pragma once

#include <protobuf-c/protobuf-c.h>

/* What AWS Glue calls things in its JSON, and where each goes in ours (source: the
 * public service model of the Glue API). What no row names is kept as parameter
 * "glue.<Member>" of the nearest message that has parameters. */
enum glue_how {
	GLUE_FIELD, /* into the field, as its kind says; objects by `shape` */
	GLUE_TIME, /* seconds since 1970, or ISO 8601 text: microseconds */
	GLUE_DAYS, /* the same: days */
	GLUE_ORDER, /* 1 is ascending, 0 descending */
	GLUE_RANGE, /* into the field, and has_range is set */
	GLUE_DECIMAL, /* {UnscaledValue: base64, Scale}: "12.50" */
	GLUE_SAME, /* an object whose members belong to this message, by `shape` */
	GLUE_ABOVE, /* into the field of the message that this one is a member of */
	GLUE_ARN, /* "arn:…:schema/registry/name" of a schema: registry and schema */
	GLUE_PLACE, /* where it stands: database and table, not part of the message */
	GLUE_KEEP_TIME, /* as the parameter that `field` names, as ISO text */
	GLUE_LEAVE, /* has no meaning outside of AWS: left behind, and told */
	GLUE_REPEATS, /* says what another member says: left behind */
};

struct glue_shape;

struct glue_row {
	const char *member;
	const char *field;
	enum glue_how how;
	const struct glue_shape *shape;
};

struct glue_shape {
	const char *name; /* "Table" */
	const ProtobufCMessageDescriptor *type;
	const struct glue_row *rows; /* ends with a NULL member */
};

extern const struct glue_shape glue_database, glue_table, glue_partition, glue_function,
	glue_statistics;
