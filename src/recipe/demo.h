/* demo.h: the built-in recipe: examples/recipes/digits.yaml, put into the library by demo.cmake. */
#ifndef QSTI_RECIPE_DEMO_H
#define QSTI_RECIPE_DEMO_H

#include <stddef.h>

extern const unsigned char qsti_demo_recipe[];
extern const size_t qsti_demo_recipe_bytes; /* without the NUL at its end */

#endif
