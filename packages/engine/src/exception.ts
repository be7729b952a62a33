/** A failure in ClickHouse's words: what clients parse from the body is `Code: N. DB::Exception: text. (NAME)`. */
export class EngineException extends Error {
  override readonly name = 'EngineException'
  /** ClickHouse's number, 62 for a syntax error. */
  readonly exceptionCode: number
  /** ClickHouse's name for the number, `SYNTAX_ERROR`. */
  readonly exceptionName: string

  constructor(exceptionCode: number, exceptionName: string, text: string) {
    super(`Code: ${exceptionCode}. DB::Exception: ${text.replace(/\.?\s*$/, '.')} (${exceptionName})`)
    this.exceptionCode = exceptionCode
    this.exceptionName = exceptionName
  }

  /** What the native library reported, code and name read from its text; anything else is a LOGICAL_ERROR (49). */
  static fromText(message: string): EngineException {
    const match = /^Code: (\d+)\. DB::(?:\w+)?Exception: ([\s\S]*?)\.?\s*\(([A-Z][A-Z0-9_]+)\)\s*$/.exec(message)
    if (match === null) return new EngineException(49, 'LOGICAL_ERROR', message)
    return new EngineException(Number(match[1]), match[3], match[2])
  }

  static from(caught: unknown): EngineException {
    if (caught instanceof EngineException) return caught
    return EngineException.fromText(caught instanceof Error ? caught.message : String(caught))
  }
}

const badRequest = [
  'BAD_ARGUMENTS CANNOT_COMPILE_REGEXP CANNOT_PARSE_TEXT CANNOT_PARSE_ESCAPE_SEQUENCE CANNOT_PARSE_QUOTED_STRING',
  'CANNOT_PARSE_DATE CANNOT_PARSE_DATETIME CANNOT_PARSE_NUMBER CANNOT_PARSE_DOMAIN_VALUE_FROM_STRING CANNOT_PARSE_IPV4',
  'CANNOT_PARSE_IPV6 CANNOT_PARSE_INPUT_ASSERTION_FAILED CANNOT_PARSE_UUID DUPLICATE_COLUMN ILLEGAL_COLUMN',
  'UNKNOWN_ELEMENT_IN_AST UNKNOWN_TYPE_OF_AST_NODE THERE_IS_NO_COLUMN TOO_DEEP_AST TOO_BIG_AST UNEXPECTED_AST_STRUCTURE',
  'SYNTAX_ERROR INCORRECT_DATA TYPE_MISMATCH VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE',
].flatMap((line) => line.split(' '))

const notFound = [
  'UNKNOWN_TABLE UNKNOWN_FUNCTION UNKNOWN_IDENTIFIER UNKNOWN_TYPE UNKNOWN_STORAGE UNKNOWN_DATABASE UNKNOWN_SETTING',
  'UNKNOWN_DIRECTION_OF_SORTING UNKNOWN_AGGREGATE_FUNCTION UNKNOWN_FORMAT UNKNOWN_DATABASE_ENGINE UNKNOWN_TYPE_OF_QUERY',
].flatMap((line) => line.split(' '))

const statuses = new Map<string, number>([
  ...badRequest.map((name): [string, number] => [name, 400]),
  ...notFound.map((name): [string, number] => [name, 404]),
  ['ACCESS_DENIED', 403],
  ['TIMEOUT_EXCEEDED', 408],
  ['QUERY_IS_TOO_LARGE', 413],
  ['UNSUPPORTED_MEDIA_TYPE', 415],
  ['NOT_IMPLEMENTED', 501],
  ['CANNOT_OPEN_FILE', 503],
  ['CANNOT_SCHEDULE_TASK', 503],
  ['SOCKET_TIMEOUT', 503],
])

/** The HTTP status ClickHouse answers an exception with; 500 for what is not the caller's fault or not listed. */
export function statusOf(exception: EngineException): number {
  return statuses.get(exception.exceptionName) ?? 500
}
