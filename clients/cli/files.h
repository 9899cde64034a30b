#pragma once

#include "clients/cli/cli.h"

/* Files that a person names, and the paths inside them. */

/* The whole file ("-": standard input), at most LIMIT_MESSAGE_BYTES. */
enum status file_read(
	struct arena *arena, const char *path, struct text *bytes_out, struct error *err) MUST_USE;

/* A message in YAML or, when the file begins with '{', JSON. */
enum status file_message(struct arena *arena, const char *path,
	const ProtobufCMessageDescriptor *descriptor, void *message_out,
	struct error *err) MUST_USE;

/* What the daemon is told of a path that must exist: absolute, links resolved.
 * URLs ("s3://...") are passed on as they are. */
enum status path_real(
	struct arena *arena, const char *path, char **path_out, struct error *err) MUST_USE;

/* A path written in the file `file`, which need not exist: relative ones start at
 * the file's folder; "." and ".." are taken out. URLs and texts that begin with
 * "${" stay. */
enum status path_beside(struct arena *arena, const char *file, const char *path, char **path_out,
	struct error *err) MUST_USE;
