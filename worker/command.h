#pragma once

#include <stddef.h>

/* One command of tenon-worker: what it does with the words after its name, and the
 * exit code: 0, 1 (it failed and said why), 2 (usage), 130 (interrupted). */
enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

int command_run(char **arguments, size_t count);
int command_infer(char **arguments, size_t count);
int command_sql(char **arguments, size_t count);

/* "tenon-worker: MESSAGE" on standard error; returns `code`. */
int command_complain(int code, const char *message);
