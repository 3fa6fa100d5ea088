qstill_test(test_import SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_import.c USES import LABELS unit quick)
