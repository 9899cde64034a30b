#pragma once

#include "catalog/catalog.h"

/* The whole store as it is at one moment, compacted, written to `fd` from where it
 * stands; reads and writes go on. The result is a data.mdb. Takes as long as
 * the disk needs: never on a poller or the writer. RESOURCE_EXHAUSTED when the disk is
 * full; ABORTED when so much was written meanwhile that the store grew by a GB. */
enum status catalog_backup(struct catalog *catalog, int fd, struct error *err) MUST_USE;

/* Makes `folder`, which must not be there, a catalog of such a copy. It is put in
 * place only when it opens and nothing in it is amiss; else nothing is left.
 * FAILED_PRECONDITION when the folder is there already, DATA_LOSS when the copy is damaged. */
enum status catalog_restore(const char *file, const char *folder, struct error *err) MUST_USE;

/* What a restore into `folder` left when its process died. */
void catalog_restore_discard(const char *folder);
