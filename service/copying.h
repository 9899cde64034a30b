#pragma once

#include "service/serve.h"
#include "tenon/v1/operations.pb-c.h"

/* Operations.Backup: a pool thread copies the store into a file without a name in the
 * data folder; then its bytes go to the client as it takes them, with no view of the
 * catalog open. One at a time. */
void backup_serve(struct request *request);
