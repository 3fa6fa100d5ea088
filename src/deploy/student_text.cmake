# cmake -DFROM=student.c.in -DTO=student_text.c -P student_text.cmake: writes a C file that holds the bytes of a text.
file(READ ${FROM} hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1, " bytes "${hex}")
file(WRITE ${TO} "/* Made from student.c.in by student_text.cmake. */
#include \"deploy/c_source.h\"

const unsigned char qsti_student_text[] = {${bytes}0};
")
