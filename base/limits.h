#pragma once

#include <stddef.h>
#include <stdint.h>

/* Every limit on what input can drive, in one place. A refusal names the limit
 * and the value: RESOURCE_EXHAUSTED, "record is larger than 16777216 bytes". */

/* Names and texts: AWS Glue's own bounds (common string rules of its API). */
#define LIMIT_NAME_BYTES	    255
#define LIMIT_DESCRIPTION_BYTES	    2048
#define LIMIT_LOCATION_BYTES	    2056
#define LIMIT_TYPE_TEXT_BYTES	    131072
#define LIMIT_COMMENT_BYTES	    255
#define LIMIT_PARAMETER_KEY_BYTES   255
#define LIMIT_PARAMETER_VALUE_BYTES 512000
#define LIMIT_PARAMETERS	    10000 /* of one table, column, serde */
#define LIMIT_VIEW_TEXT_BYTES	    409600
#define LIMIT_PARTITION_VALUE_BYTES 1024
#define LIMIT_EXPRESSION_BYTES	    2048
#define LIMIT_PARTITION_KEYS	    32
#define LIMIT_PARTITION_RANGES	    1024 /* that an expression may make of a scan */
#define LIMIT_PARTITION_INDEXES	    3 /* of one table, and */
#define LIMIT_FAILED_INDEXES	    10 /* that could not be filled */
#define LIMIT_TAGS		    50 /* of one resource */
#define LIMIT_TAG_KEY_CHARACTERS    128
#define LIMIT_TAG_VALUE_CHARACTERS  256
#define LIMIT_RESOURCE_BYTES	    1024 /* "table/sales/orders" */
#define LIMIT_FUNCTION_RESOURCES    1000
#define LIMIT_RESOURCE_URI_BYTES    1024
#define LIMIT_NAME_PATTERN_BYTES    255

/* Schemas. */
#define LIMIT_COLUMNS	  10000
#define LIMIT_FIELDS	  100000 /* of one schema, nested ones counted */
#define LIMIT_TYPE_DEPTH  64
#define LIMIT_CHOICE_ARMS 16

/* The schema registry. The first two, names and metadata are AWS Glue's. */
#define LIMIT_DEFINITION_BYTES	   170000
#define LIMIT_SCHEMA_VERSION	   100000 /* the highest number of a version */
#define LIMIT_SCHEMA_VERSIONS	   10000 /* that one schema has at a time */
#define LIMIT_DEFINITION_DEPTH	   192 /* JSON values in each other; blocks of a .proto file */
#define LIMIT_COMPARE_DEPTH	   400 /* types in each other, references followed */
#define LIMIT_COMPARE_STEPS	   1000000 /* pairs of types that one check looks at */
#define LIMIT_SCHEMA_DIFFERENCES   100 /* told of one check */
#define LIMIT_CHECK_SECONDS	   10 /* a new version against all that were */
#define LIMIT_VERSION_METADATA	   10 /* of one version */
#define LIMIT_METADATA_KEY_BYTES   128
#define LIMIT_METADATA_VALUE_BYTES 256

/* Files. */
#define LIMIT_RECORD_BYTES     (16u * 1024 * 1024) /* one CSV row or JSON document */
#define LIMIT_FOOTER_BYTES     (256u * 1024 * 1024) /* a Parquet footer */
#define LIMIT_PATH_BYTES       4096
#define LIMIT_LISTING_OBJECTS  20000000
#define LIMIT_FOLDER_DEPTH     64
#define LIMIT_GLOB_BYTES       1024 /* one exclusion pattern */
#define LIMIT_BAD_RECORDS_KEPT 100 /* with position and reason; the rest are counted */

/* Calls. */
#define LIMIT_MESSAGE_BYTES  (64u * 1024 * 1024)
#define LIMIT_MESSAGE_DEPTH  64
#define LIMIT_ARENA_BYTES    (512u * 1024 * 1024) /* of one call: unpacking may amplify */
#define LIMIT_REQUESTS_BYTES (1024u * 1024 * 1024) /* of all calls that run, unpacked */
#define LIMIT_PART_BYTES     (16u * 1024 * 1024) /* of a plan or commit that comes in parts */
#define LIMIT_PARTS	     1024
#define LIMIT_PAGE	     1000
#define LIMIT_FEED_KINDS     100 /* of one filter of the change feed */
#define LIMIT_FEED_FIELDS    1000 /* of one change in the feed */
#define LIMIT_VERSION_FIELDS 100 /* of one version in a listing */
#define LIMIT_WEBHOOKS	     100
#define LIMIT_URL_BYTES	     2048
#define LIMIT_SECRET_BYTES   1024
#define LIMIT_ANSWER_BYTES   65536 /* read of what a webhook's endpoint answers */
#define LIMIT_SEGMENTS	     10 /* disjoint parts of one listing of partitions */
#define LIMIT_PLAN_NODES     1000
#define LIMIT_SQL_BYTES	     (1024u * 1024)

/* Who calls. */
#define LIMIT_BEARER_BYTES	     1024 /* the token of an authorization header */
#define LIMIT_CERTIFICATE_NAME_BYTES 1024 /* of a client */
#define LIMIT_PEM_BYTES		     (1024u * 1024) /* one file of certificates or a key */

/* A record as a line of JSON. */
#define LIMIT_EXPORT_LINE_BYTES (4u * LIMIT_MESSAGE_BYTES)

/* How long what is old is kept: a thousand years. */
#define LIMIT_RETENTION_S INT64_C(31556952000)

/* Told of one check; it is damaged beyond them. */
#define LIMIT_PROBLEMS 1000

/* Access. All are held in memory; a change of one reads all of them. */
#define LIMIT_TOKENS	    20000
#define LIMIT_GRANTS	    20000
#define LIMIT_AUDIT_ENTRIES 1000000 /* kept; older ones go */
#define LIMIT_AUDIT_WAITING 8192 /* different ones, not yet written */
#define LIMIT_AUDIT_MESSAGE 256 /* bytes of a failure's message that are kept */

/* Search. What a table says past the first two is not found by its words. */
#define LIMIT_SEARCH_TABLE_WORDS 100000 /* of one table, names first */
#define LIMIT_SEARCH_TEXT_BYTES	 16384 /* of one of its texts */
#define LIMIT_SEARCH_QUERY_BYTES 2048 /* and of a filter's value */
#define LIMIT_SEARCH_TERMS	 64 /* words of a query and its filters */
#define LIMIT_SEARCH_FILTERS	 32
#define LIMIT_SEARCH_PREFIX	 100000 /* entries that begin with "wor*" */
#define LIMIT_SEARCH_MATCHES	 10 /* shown of one hit */

/* Imports from other catalogs. Files of any length; an item is at most a record. */
#define LIMIT_IMPORT_NOTES    200 /* different things told of that have no place here */
#define LIMIT_IMPORT_FAILURES 1000 /* listed of one import; the rest are counted */
#define LIMIT_IMPORT_ROWS     10000 /* databases and tables listed of one import */

/* The catalog's writer (design: one transaction holds at most this much). */
#define LIMIT_BATCH_WRITES 256
#define LIMIT_JOURNAL_RECORD_BYTES \
	(16u * 1024 * 1024) /* larger commits wait for the pages themselves */
#define LIMIT_QUEUE_WRITES 65536
