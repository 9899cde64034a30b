#pragma once

#include "service/serve.h"
#include "tenon/v1/operations.pb-c.h"

/* Operations.Backup and Export: a pool thread makes the copy in a file without a name in
 * the data folder; then its bytes go to the client as it takes them, with no view of the
 * catalog open. One at a time. */
void backup_serve(struct request *request);
void export_serve(struct request *request);
