include(${PROJECT_SOURCE_DIR}/tests/property/sim_case.cmake)
qstill_sim_test(test_jumps ISAS baseline avx2 LABELS unit quick)
qstill_test(test_jump_relax SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_jump_relax.c USES jumps device LABELS unit quick)
