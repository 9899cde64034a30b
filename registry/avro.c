#include "registry/avro.h"

/* The row of Apache Avro in the table of formats. */

static void print(const void *parsed, struct buffer *out)
{
	document_print(((const struct avro_schema *)parsed)->document, out);
}

const struct format format_avro = {TENON__V1__DATA_FORMAT__DATA_FORMAT_AVRO, "AVRO", avro_parse,
	print, avro_reads, avro_columns};
