qstill_test(test_network SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_network.c USES net LABELS unit quick)
# Every instruction set has kernels of its own; one that the machine has not is left out.
foreach(isa baseline avx2)
  add_test(NAME test_network_${isa} COMMAND test_network)
  set_tests_properties(test_network_${isa} PROPERTIES LABELS "unit" ENVIRONMENT "QSTILL_ISA=${isa}" TIMEOUT 300)
endforeach()
