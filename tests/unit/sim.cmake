include(${PROJECT_SOURCE_DIR}/tests/property/sim_case.cmake)
foreach(topic lane_algebra score_kernels simulate program parameter_shift machine wide_kernels wide amplitudes)
  qstill_sim_test(test_${topic} ISAS baseline avx2 LABELS unit quick)
endforeach()
qstill_sim_test(test_program_memory LABELS unit quick)

qstill_test(test_overlap SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_overlap.c USES sim LABELS unit quick)
