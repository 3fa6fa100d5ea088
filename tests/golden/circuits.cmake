qstill_test(test_golden_circuits SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_golden_circuits.c USES circuit sim
            LABELS golden quick)
target_link_libraries(test_golden_circuits PRIVATE qstill_test_ref)
