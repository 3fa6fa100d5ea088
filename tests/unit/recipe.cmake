qstill_test(test_recipe SOURCES test_recipe.c USES recipe learn LABELS unit quick)
qstill_test(test_recipe_options SOURCES test_recipe_options.c USES recipe LABELS unit quick)
qstill_test(test_recipe_device SOURCES test_recipe_device.c USES recipe LABELS unit quick)

# docs/recipe.md holds the option table; `ninja recipe_docs` writes it anew.
add_executable(recipe_docs_writer recipe_docs.c)
target_link_libraries(recipe_docs_writer PRIVATE qstill_settings qsti_recipe)
add_custom_target(recipe_docs COMMAND recipe_docs_writer --write ${PROJECT_SOURCE_DIR}/docs/recipe.md)
add_test(NAME docs_recipe COMMAND recipe_docs_writer --check ${PROJECT_SOURCE_DIR}/docs/recipe.md)
set_tests_properties(docs_recipe PROPERTIES LABELS "unit;quick")
