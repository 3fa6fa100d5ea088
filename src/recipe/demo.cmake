# cmake -DFROM=recipe.yaml -DTO=demo.c -P demo.cmake: writes a C file that holds the bytes of a recipe.
file(READ ${FROM} hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1, " bytes "${hex}")
file(WRITE ${TO} "/* Made from examples/recipes by demo.cmake. */
#include \"recipe/demo.h\"

const unsigned char qsti_demo_recipe[] = {${bytes}0};
const size_t qsti_demo_recipe_bytes = sizeof qsti_demo_recipe - 1;
")
