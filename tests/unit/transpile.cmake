foreach(topic weyl transpile_exact transpile_order transpile_options)
  qstill_test(test_${topic} SOURCES test_${topic}.c transpile_cases.c USES transpile LABELS unit quick)
  target_link_libraries(test_${topic} PRIVATE qstill_test_ref)
endforeach()
