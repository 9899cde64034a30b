#pragma once

#include "base/text.h"

/* What is recognised but not read yet, so that a crawl can say so by name. */

/* Of the first bytes as they are stored: "bzip2", "zip", "lz4", "snappy", "xz", or
 * NULL. gzip and zstd are read (formats/source.h). */
const char *recognised_compression(struct text raw_head);

/* Certainty, 0 or 1, for the classifications of Glue's list (glue-behaviour 2.3)
 * that have no format of ours. `head` is decoded. */
double recognised_avro(struct text raw_head);
double recognised_orc(struct text raw_head);
double recognised_bson(struct text head);
double recognised_xml(struct text head);
double recognised_ion(struct text head);
double recognised_combined_log(struct text head); /* Apache's "combined" */
double recognised_common_log(struct text head); /* Apache's "common" */
double recognised_syslog(struct text head); /* RFC 3164 lines, as in auth.log */
