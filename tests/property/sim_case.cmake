# What all tests of the simulator share, and how they are registered.
include_guard(GLOBAL)
add_library(qstill_test_sim STATIC ${CMAKE_CURRENT_LIST_DIR}/sim_case.c)
target_link_libraries(qstill_test_sim PUBLIC qstill_test_ref qsti_sim)

# qstill_sim_test(test_kernels ISAS baseline avx2 LABELS unit quick): test_kernels on the processor's best instruction
# set, and test_kernels_<isa> on each named one (QSTILL_ISA; a processor without it uses its best again).
function(qstill_sim_test name)
  cmake_parse_arguments(T "" "" "ISAS;LABELS" ${ARGN})
  qstill_test(${name} SOURCES ${name}.c USES sim LABELS ${T_LABELS})
  target_link_libraries(${name} PRIVATE qstill_test_sim)
  foreach(isa ${T_ISAS})
    add_test(NAME ${name}_${isa} COMMAND ${name})
    set_tests_properties(${name}_${isa} PROPERTIES LABELS "${T_LABELS}" TIMEOUT 300 ENVIRONMENT "QSTILL_ISA=${isa}")
  endforeach()
endfunction()
