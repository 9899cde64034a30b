#pragma once

#include "service/serve.h"

/* Operations.Check: a pool thread walks the store; then what it found is sent. */
void check_serve(struct request *request);
