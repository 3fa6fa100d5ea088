# Each program runs all instruction sets that the processor has.
foreach(topic kernels kernel_lines)
  qstill_test(test_${topic} SOURCES test_${topic}.c kernel_cases.c USES kernels base LABELS unit quick)
endforeach()
