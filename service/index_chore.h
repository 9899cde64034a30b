#pragma once

#include <stdint.h>

/* Partition indexes fill, and deleted ones go, a step at a time; a row of chores.c. */
struct daemon;
int64_t index_chore(struct daemon *daemon);
