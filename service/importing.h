#pragma once

#include "service/serve.h"

/* Operations.Import: the parts of an export, in order, on pool threads. One import at a
 * time: a call that says `first` begins anew, and what came before is forgotten. */
struct importing;
struct importing *importing_new(void);
void importing_free(struct importing *importing); /* NULL is fine */
OWNABLE(importing);

enum status import_part(struct request *request, struct error *err);
