foreach(topic assembly_gates assembly_walk assembly_circuit)
  qstill_test(test_${topic} SOURCES test_${topic}.c USES assembly LABELS property quick)
  target_link_libraries(test_${topic} PRIVATE qstill_test_ref)
endforeach()
