qstill_test(test_golden_assembly_counts SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_golden_assembly_counts.c USES assembly
            LABELS golden quick)
