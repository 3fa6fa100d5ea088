foreach(topic assembly_builder assembly_json)
  qstill_test(test_${topic} SOURCES test_${topic}.c USES assembly LABELS unit quick)
endforeach()
