foreach(topic metrics statistics report)
  qstill_test(test_${topic} SOURCES test_${topic}.c USES verify LABELS unit quick)
endforeach()
