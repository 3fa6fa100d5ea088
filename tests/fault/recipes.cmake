qstill_test(test_bad_recipes SOURCES test_bad_recipes.c USES recipe LABELS fault quick)
