/* openqasm3.y: the grammar of OpenQASM 3 [cross2022] as far as it is read. Every statement of the language that is not is
 * known by its first word and refused with its name. There is no tree: an action is the meaning. */
%define api.pure full
%define api.prefix {qsti_qasm3_}
%define api.location.type {qsti_qasm_at}
%define parse.error custom
%locations
%param {qsti_qasm_reading *reading}
%initial-action { @$ = 0; }

%code requires {
#include "qasm/openqasm3.h"
}

%union {
    qsti_qasm_word word;
    qsti_qasm3_value value;
    qsti_qasm3_arguments arguments;
    qsti_qasm3_range range;
    qsti_qasm3_bound bound;
    const qsti_qasm_symbol *gate;
    const char *name;
}

%code {
#include <string.h>

#define YYMALLOC(n) qsti_qasm_stack(reading, n)
#define YYFREE(p)   qsti_free(reading->ctx, p)
#define YYMAXDEPTH  (20 * QSTI_QASM_MAX_NESTING)

/* A place is that of the first symbol. */
#define YYLLOC_DEFAULT(current, rhs, n) ((current) = (n) ? YYRHSLOC(rhs, 1) : YYRHSLOC(rhs, 0))

/* Runs a call that has said what is wrong when it fails. */
#define DO(call)              \
    do {                      \
        if ((call) != QST_OK) \
            YYABORT;          \
    } while (0)
#define NOT_READ(at, what)                               \
    do {                                                 \
        (void)qsti_qasm3_unsupported(reading, at, what); \
        YYABORT;                                         \
    } while (0)
#define WRONG(at, what)                                               \
    do {                                                              \
        (void)qsti_qasm_fail(reading, QST_ERR_INPUT, at, "%s", what); \
        YYABORT;                                                      \
    } while (0)

int qsti_qasm3_lex(QSTI_QASM3_STYPE *value, QSTI_QASM3_LTYPE *at, qsti_qasm_reading *reading);
static void qsti_qasm3_error(const qsti_qasm_at *at, qsti_qasm_reading *reading, const char *message);
}

%token END_OF_FILE 0 "the end of the file"
%token OPENQASM "'OPENQASM'" INCLUDE "'include'" GATE "'gate'" GPHASE "'gphase'" INV "'inv'" CTRL "'ctrl'" NEGCTRL "'negctrl'"
%token QUBIT "'qubit'" BIT "'bit'" QREG "'qreg'" CREG "'creg'" INPUT "'input'" OUTPUT "'output'"
%token MEASURE "'measure'" RESET "'reset'" BARRIER "'barrier'"
%token DEF "'def'" CAL "'cal'" DEFCAL "'defcal'" DEFCALGRAMMAR "'defcalgrammar'" EXTERN "'extern'" BOX "'box'" LET "'let'"
%token BREAK "'break'" CONTINUE "'continue'" IF "'if'" ELSE "'else'" END "'end'" RETURN "'return'" FOR "'for'"
%token WHILE "'while'" IN "'in'" SWITCH "'switch'" CASE "'case'" DEFAULT "'default'" NOP "'nop'" PRAGMA "'pragma'"
%token CONST "'const'" READONLY "'readonly'" MUTABLE "'mutable'" BOOL "'bool'" INT "'int'" UINT "'uint'"
%token FLOAT "'float'" ANGLE "'angle'" COMPLEX "'complex'" ARRAY "'array'" VOID "'void'" DURATION "'duration'"
%token STRETCH "'stretch'" DURATIONOF "'durationof'" DELAY "'delay'" BOOLEAN "a truth value"
%token <word> IDENTIFIER "a name" POW "'pow'" PHYSICAL "a physical qubit" STRING "a string" BITWISE "an operator"
%token <word> BINARY "a binary number" OCTAL "an octal number" HEXADECIMAL "a hexadecimal number" DECIMAL "an integer"
%token <word> REAL "a real number"
%token IMAGINARY "an imaginary number" TIMING "a duration" ARROW "'->'" POWER "'**'" CONCATENATE "'++'"
%token COMPOUND "an assignment" REFUSED

%precedence BITWISE
%left '+' '-'
%left '*' '/' '%'
%precedence SIGN
%right POWER

%type <value> expression
%type <arguments> arguments
%type <range> range
%type <bound> bound
%type <gate> gate_name
%type <word> version_number target_name
%type <name> type refused_statement

%%

program
    : statements
    ;

version
    : OPENQASM { DO(qsti_qasm3_begin_version(reading, @1)); }
    ;

version_number
    : DECIMAL
    | REAL
    ;

statements
    : %empty
    | statements statement { qsti_qasm3_of(reading)->has_statement = true; }
    ;

statement
    : INCLUDE STRING ';' { DO(qsti_qasm3_include(reading, @2, $2)); }
    | declaration
    | definition
    | call
    | barrier
    | RESET operand ';' { DO(qsti_qasm_add_reset(reading, @1)); }
    | MEASURE operand ';' { DO(qsti_qasm3_measure(reading, @1, false)); }
    | MEASURE operand ARROW target ';' { DO(qsti_qasm3_measure(reading, @1, false)); }
    | target '=' MEASURE operand ';' { DO(qsti_qasm3_measure(reading, @3, true)); }
    | target '=' expression { NOT_READ(@2, "an assignment"); }
    | target COMPOUND { NOT_READ(@2, "an assignment"); }
    | indexed_target IDENTIFIER { NOT_READ(@1, "a gate with a duration"); }
    | refused_statement { NOT_READ(@1, $1); }
    | version version_number ';' { DO(qsti_qasm3_version(reading, @2, $2)); }
    ;

refused_statement
    : FOR { $$ = "'for'"; }
    | WHILE { $$ = "'while'"; }
    | IF { $$ = "'if'"; }
    | SWITCH { $$ = "'switch'"; }
    | DEF { $$ = "a subroutine ('def')"; }
    | CAL { $$ = "'cal'"; }
    | DEFCAL { $$ = "'defcal'"; }
    | DEFCALGRAMMAR { $$ = "'defcalgrammar'"; }
    | EXTERN { $$ = "'extern'"; }
    | BOX { $$ = "'box'"; }
    | LET { $$ = "an alias ('let')"; }
    | BREAK { $$ = "'break'"; }
    | CONTINUE { $$ = "'continue'"; }
    | END { $$ = "'end'"; }
    | RETURN { $$ = "'return'"; }
    | NOP { $$ = "'nop'"; }
    | DELAY { $$ = "'delay'"; }
    | PRAGMA { $$ = "a pragma"; }
    | '@' { $$ = "an annotation (@)"; }
    | '{' { $$ = "a block of statements"; }
    | CONST { $$ = "'const'"; }
    | OUTPUT { $$ = "'output'"; }
    | BOOL { $$ = "'bool'"; }
    | INT { $$ = "'int'"; }
    | UINT { $$ = "'uint'"; }
    | FLOAT { $$ = "'float'"; }
    | ANGLE { $$ = "'angle'"; }
    | COMPLEX { $$ = "'complex'"; }
    | ARRAY { $$ = "'array'"; }
    | DURATION { $$ = "'duration'"; }
    | STRETCH { $$ = "'stretch'"; }
    ;

/* --- declarations ------------------------------------------------------------------------------------------------- */

declaration
    : QUBIT IDENTIFIER ';' { DO(qsti_qasm3_declare(reading, @2, $2, NULL, false)); }
    | QUBIT '[' expression ']' IDENTIFIER ';' { DO(qsti_qasm3_declare(reading, @5, $5, &$3, false)); }
    | QREG IDENTIFIER ';' { DO(qsti_qasm3_declare(reading, @2, $2, NULL, false)); }
    | QREG IDENTIFIER '[' expression ']' ';' { DO(qsti_qasm3_declare(reading, @2, $2, &$4, false)); }
    | CREG IDENTIFIER ';' { DO(qsti_qasm3_declare(reading, @2, $2, NULL, true)); }
    | CREG IDENTIFIER '[' expression ']' ';' { DO(qsti_qasm3_declare(reading, @2, $2, &$4, true)); }
    | bits ';' { DO(qsti_qasm3_drop_target(reading)); }
    | bits '=' MEASURE operand ';' { DO(qsti_qasm3_measure(reading, @3, true)); }
    | bits '=' expression { NOT_READ(@2, "an initial value of bits"); }
    | INPUT input_type IDENTIFIER ';' { DO(qsti_qasm_declare_parameter(reading, @3, $3)); }
    | INPUT refused_type { NOT_READ(@2, "an input that is not float or angle"); }
    ;

/* Bits that are declared wait for the measurement that may follow. */
bits
    : BIT IDENTIFIER {
          DO(qsti_qasm3_declare(reading, @2, $2, NULL, true));
          DO(qsti_qasm_add_operand(reading, @2, $2, true));
      }
    | BIT '[' expression ']' IDENTIFIER {
          DO(qsti_qasm3_declare(reading, @5, $5, &$3, true));
          DO(qsti_qasm_add_operand(reading, @5, $5, true));
      }
    ;

input_type
    : FLOAT
    | ANGLE
    | FLOAT '[' expression ']' { DO(qsti_qasm3_take_width(reading, &$3)); }
    | ANGLE '[' expression ']' { DO(qsti_qasm3_take_width(reading, &$3)); }
    ;

refused_type
    : BIT
    | BOOL
    | INT
    | UINT
    | COMPLEX
    | ARRAY
    | DURATION
    | STRETCH
    ;

definition
    : definition_head body '}' { DO(qsti_qasm_close_definition(reading)); }
    ;

definition_head
    : GATE IDENTIFIER parameters qubit_names optional_comma '{' {
          DO(qsti_qasm_open_definition(reading, @2, $2, false));
      }
    ;

parameters
    : %empty
    | '(' ')'
    | '(' parameter_names optional_comma ')'
    ;

parameter_names
    : IDENTIFIER { DO(qsti_qasm_add_local(reading, @1, $1, false)); }
    | parameter_names ',' IDENTIFIER { DO(qsti_qasm_add_local(reading, @3, $3, false)); }
    ;

qubit_names
    : IDENTIFIER { DO(qsti_qasm_add_local(reading, @1, $1, true)); }
    | qubit_names ',' IDENTIFIER { DO(qsti_qasm_add_local(reading, @3, $3, true)); }
    ;

optional_comma
    : %empty
    | ','
    ;

body
    : %empty
    | body body_statement
    ;

body_statement
    : call
    | barrier
    | MEASURE { WRONG(@1, "a measurement in the body of a gate"); }
    | RESET { WRONG(@1, "a reset in the body of a gate"); }
    | QUBIT { WRONG(@1, "qubits are not declared in the body of a gate"); }
    | QREG { WRONG(@1, "qubits are not declared in the body of a gate"); }
    | BIT { WRONG(@1, "bits are not declared in the body of a gate"); }
    | CREG { WRONG(@1, "bits are not declared in the body of a gate"); }
    | INPUT { WRONG(@1, "an input in the body of a gate"); }
    | GATE { WRONG(@1, "a gate is not defined in the body of another"); }
    | INCLUDE { WRONG(@1, "an include in the body of a gate"); }
    | refused_statement { NOT_READ(@1, $1); }
    ;

/* --- gates -------------------------------------------------------------------------------------------------------- */

call
    : gate_name call_angles operands optional_comma ';' { DO(qsti_qasm3_call(reading, @1, $1)); }
    | modifiers gate_name call_angles operands optional_comma ';' { DO(qsti_qasm3_call(reading, @2, $2)); }
    | GPHASE call_angles ';' { DO(qsti_qasm3_call(reading, @1, NULL)); }
    | GPHASE call_angles operands optional_comma ';' { DO(qsti_qasm3_call(reading, @1, NULL)); }
    | modifiers GPHASE call_angles ';' { DO(qsti_qasm3_call(reading, @2, NULL)); }
    | modifiers GPHASE call_angles operands optional_comma ';' { DO(qsti_qasm3_call(reading, @2, NULL)); }
    ;

gate_name
    : IDENTIFIER { DO(qsti_qasm3_find_gate(reading, @1, $1, &$$)); }
    ;

modifiers
    : modifier
    | modifiers modifier
    ;

modifier
    : INV '@' { DO(qsti_qasm3_modify(reading, @1, QSTI_QASM3_INV, NULL)); }
    | CTRL '@' { DO(qsti_qasm3_modify(reading, @1, QSTI_QASM3_CTRL, NULL)); }
    | NEGCTRL '@' { DO(qsti_qasm3_modify(reading, @1, QSTI_QASM3_NEGCTRL, NULL)); }
    | CTRL '(' expression ')' '@' { DO(qsti_qasm3_modify(reading, @1, QSTI_QASM3_CTRL, &$3)); }
    | NEGCTRL '(' expression ')' '@' { DO(qsti_qasm3_modify(reading, @1, QSTI_QASM3_NEGCTRL, &$3)); }
    | POW { NOT_READ(@1, "'pow @'"); }
    ;

call_angles
    : %empty
    | '(' ')'
    | '(' call_expressions optional_comma ')'
    ;

call_expressions
    : expression
    | call_expressions ',' expression
    ;

barrier
    : BARRIER ';' { DO(qsti_qasm_add_barrier(reading, @1)); }
    | BARRIER operands optional_comma ';' { DO(qsti_qasm_add_barrier(reading, @1)); }
    ;

/* --- operands ----------------------------------------------------------------------------------------------------- */

operands
    : operand
    | operands ',' operand
    ;

operand
    : IDENTIFIER { DO(qsti_qasm_add_operand(reading, @1, $1, false)); }
    | PHYSICAL { DO(qsti_qasm3_add_physical(reading, @1, $1)); }
    | operand index
    ;

target
    : target_name
    | indexed_target
    ;

indexed_target
    : target_name index
    | indexed_target index
    ;

target_name
    : IDENTIFIER { DO(qsti_qasm_add_operand(reading, @1, $1, true)); }
    ;

index
    : '[' expression ']' {
          int64_t number = 0;
          DO(qsti_qasm3_take_integer(reading, &$2, "the index", &number));
          DO(qsti_qasm3_index(reading, $2.at, number));
      }
    | '[' range ']' { DO(qsti_qasm3_index_range(reading, @2, &$2)); }
    | '[' '{' set optional_comma '}' ']' { DO(qsti_qasm3_index_set(reading, @2)); }
    | '[' '{' '}' { WRONG(@2, "an empty set of indices"); }
    | '[' expression ',' { WRONG(@3, "registers have one dimension; a set of indices is written {0, 1}"); }
    ;

range
    : bound ':' bound { $$ = (qsti_qasm3_range){.first = $1, .last = $3}; }
    | bound ':' bound ':' bound { $$ = (qsti_qasm3_range){.first = $1, .step = $3, .last = $5}; }
    ;

bound
    : %empty { $$ = (qsti_qasm3_bound){.is_given = false}; }
    | expression {
          $$ = (qsti_qasm3_bound){.is_given = true, .at = $1.at};
          DO(qsti_qasm3_take_integer(reading, &$1, "the index", &$$.number));
      }
    ;

set
    : expression { DO(qsti_qasm3_collect(reading, &$1)); }
    | set ',' expression { DO(qsti_qasm3_collect(reading, &$3)); }
    ;

/* --- expressions -------------------------------------------------------------------------------------------------- */

expression
    : DECIMAL { DO(qsti_qasm3_number(reading, @1, $1, 10, &$$)); }
    | BINARY { DO(qsti_qasm3_number(reading, @1, $1, 2, &$$)); }
    | OCTAL { DO(qsti_qasm3_number(reading, @1, $1, 8, &$$)); }
    | HEXADECIMAL { DO(qsti_qasm3_number(reading, @1, $1, 16, &$$)); }
    | REAL { DO(qsti_qasm3_number(reading, @1, $1, 0, &$$)); }
    | IDENTIFIER { DO(qsti_qasm3_name(reading, @1, $1, &$$)); }
    | '(' expression ')' {
          $$ = $2;
          $$.at = @1;
      }
    | '-' expression %prec SIGN { DO(qsti_qasm3_negate(reading, @1, &$2, &$$)); }
    | expression '+' expression { DO(qsti_qasm3_binary(reading, @2, '+', &$1, &$3, &$$)); }
    | expression '-' expression { DO(qsti_qasm3_binary(reading, @2, '-', &$1, &$3, &$$)); }
    | expression '*' expression { DO(qsti_qasm3_binary(reading, @2, '*', &$1, &$3, &$$)); }
    | expression '/' expression { DO(qsti_qasm3_binary(reading, @2, '/', &$1, &$3, &$$)); }
    | expression '%' expression { DO(qsti_qasm3_binary(reading, @2, '%', &$1, &$3, &$$)); }
    | expression POWER expression { DO(qsti_qasm3_binary(reading, @2, 'p', &$1, &$3, &$$)); }
    | IDENTIFIER '(' arguments optional_comma ')' { DO(qsti_qasm3_function(reading, @1, $1, &$3, &$$)); }
    | POW '(' arguments optional_comma ')' { DO(qsti_qasm3_function(reading, @1, $1, &$3, &$$)); }
    | IDENTIFIER '[' { NOT_READ(@2, "an element in an expression"); }
    | expression BITWISE { NOT_READ(@2, "this operator"); }
    | '~' { NOT_READ(@1, "'~'"); }
    | '!' { NOT_READ(@1, "'!'"); }
    | BOOLEAN { NOT_READ(@1, "a truth value"); }
    | STRING { NOT_READ(@1, "a string of bits"); }
    | IMAGINARY { NOT_READ(@1, "a complex number"); }
    | TIMING { NOT_READ(@1, "a duration"); }
    | DURATIONOF { NOT_READ(@1, "'durationof'"); }
    | type { NOT_READ(@1, $1); }
    ;

type
    : BIT { $$ = "a cast to 'bit'"; }
    | BOOL { $$ = "a cast to 'bool'"; }
    | INT { $$ = "a cast to 'int'"; }
    | UINT { $$ = "a cast to 'uint'"; }
    | FLOAT { $$ = "a cast to 'float'"; }
    | ANGLE { $$ = "a cast to 'angle'"; }
    | COMPLEX { $$ = "a cast to 'complex'"; }
    | ARRAY { $$ = "an array in an expression"; }
    | DURATION { $$ = "a cast to 'duration'"; }
    | STRETCH { $$ = "a cast to 'stretch'"; }
    ;

arguments
    : expression { $$ = (qsti_qasm3_arguments){.values = {$1}, .n = 1}; }
    | arguments ',' expression {
          $$ = $1;
          $$.values[1] = $3;
          $$.n++;
      }
    ;

%%

/* bison's own failure: its stack is at its limit, or there is no memory for it. */
static void qsti_qasm3_error(const qsti_qasm_at *at, qsti_qasm_reading *reading, const char *message)
{
    (void)message;
    if (reading->status == QST_OK) {
        qsti_qasm3_fail_nesting(reading, *at);
    }
}

static int yyreport_syntax_error(const yypcontext_t *context, qsti_qasm_reading *reading)
{
    yysymbol_kind_t found = yypcontext_token(context), expected[QSTI_QASM3_MAX_EXPECTED];
    const char *names[QSTI_QASM3_MAX_EXPECTED];
    if (found == YYSYMBOL_REFUSED) {
        return 0; /* the scanner has said why */
    }
    int n = yypcontext_expected_tokens(context, expected, QSTI_QASM3_MAX_EXPECTED);
    for (int i = 0; i < n; i++)
        names[i] = yysymbol_name(expected[i]);
    qsti_qasm3_fail_syntax(reading, *yypcontext_location(context), found == YYSYMBOL_YYEOF, names, n < 0 ? 0 : (size_t)n);
    return 0;
}
