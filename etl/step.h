#pragma once

/* Called at each step that the kill tests stop at; does nothing unless a program
 * defines its own: "after-begin-output", "mid-write", "after-stage",
 * "before-commit", "after-commit". */
void etl_step(const char *step);
