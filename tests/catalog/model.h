#pragma once

#include "tests/catalog/fixture.h"

/* A catalog that is a few arrays. What an operation should answer, and what everything
 * should read as after it, is said here without any of the room's code. */
enum {
	DATABASES = 3,
	NAMES = 4,
	SHAPES = 5,
	VALUES = 12,
	MARKS = 4,
	LABELS = 3,
	VERSIONS = 600, /* of one table; it is dropped then */
	DROPS = 24, /* that can be had back; they are purged then */
};

struct model_version {
	int shape;
	int mark; /* in the description */
	bool placed; /* at the table's home, or nowhere */
	bool kept;
	bool pinned;
	int label; /* 0: none */
	int64_t time_us;
};

struct model_table {
	bool exists;
	uint64_t id;
	uint64_t version;
	struct model_version versions[VERSIONS];
	char home[32];
	bool partitions[VALUES];
	uint64_t nulls; /* statistics of column "a", 0: none */
	uint64_t partition_nulls[VALUES]; /* the same of each partition */
	int tag;
	uint64_t retention; /* its own, 0: none */
	bool indexed;
};

struct model_database {
	bool exists;
	int tag;
	struct model_table tables[NAMES];
};

struct model_drop {
	uint64_t order; /* 0: there is none */
	bool is_database;
	int d, n;
	struct model_database database; /* or its first table alone */
};

struct model {
	struct model_database databases[DATABASES];
	struct model_drop drops[DROPS];
	uint64_t drops_made;
	uint64_t retention; /* of all, 0: for ever */
	unsigned seed;
	uint64_t step;
};

extern const char *const database_names[DATABASES];
extern const char *const table_names[NAMES];
extern const char *const values[VALUES];

int chance(struct model *model, int below);

/* "a" of a shape: its type, or NULL. */
const char *shape_of_a(int shape);
/* A definition as this version of the table has it. */
Tenon__V1__Table *definition(struct fixture *f, const struct model_table *table,
	const struct model_version *version, int d, int n);
char *resource_of(struct fixture *f, int d, int n); /* "table/a/t"; n below 0: "database/a" */
const char *label_text(int label);
const char *tag_text(struct fixture *f, int tag);

/* One operation, chosen by chance, on both; what they answer is compared. */
void operate(struct fixture *f, struct model *model);

/* All that can be read. */
void same_everything(struct fixture *f, struct model *model);
