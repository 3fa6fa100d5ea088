foreach(topic status memory text number rng threads tasks file json tensors yaml)
  qstill_test(test_${topic} SOURCES test_${topic}.c USES base LABELS unit quick)
endforeach()

# The system calls behind writing a file are replaced by ones that fail on demand.
qstill_test(test_file_faults SOURCES test_file_faults.c USES base LABELS unit quick)
foreach(call open openat write fsync close renameat)
  target_link_options(test_file_faults PRIVATE -Wl,--wrap=${call})
endforeach()
