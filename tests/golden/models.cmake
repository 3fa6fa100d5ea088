qstill_test(test_golden_models SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/test_golden_models.c USES import LABELS golden quick)
