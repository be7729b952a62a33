// What a statement is, as far as the engine must know: how it is run, its format, and where an insert's body goes into its text.
import { EngineException } from './exception.ts'

interface Token {
  readonly kind: 'word' | 'string' | 'name' | 'symbol'
  /** A word in lower case, a string or quoted name as written, else the character. */
  readonly text: string
  readonly start: number
  readonly end: number
  /** How many brackets are open around it. */
  readonly depth: number
}

export interface Statement {
  /** `select` is streamed; `insert` and `write` change something; `show` only reads but comes in one piece. */
  readonly kind: 'select' | 'show' | 'insert' | 'write'
  readonly sql: string
  /** The FORMAT clause's, undefined where there is none. */
  readonly format: string | undefined
  /** The insert is complete only with a body. */
  readonly wantsBody: boolean
  readonly tokens: readonly Token[]
}

const reading = new Set(['show', 'describe', 'desc', 'explain', 'exists', 'check', 'kill'])
// Words, quoted things with backslash and doubled quotes, comments, numbers, single characters; sticky so that gaps are seen.
const lexer =
  /\s+|--[^\n]*|\/\*[\s\S]*?\*\/|('(?:[^'\\]|\\[\s\S]|'')*')|("(?:[^"\\]|\\[\s\S]|"")*"|`(?:[^`\\]|\\[\s\S]|``)*`)|([\p{L}_$][\p{L}\p{N}_$]*)|(\d[\w.]*)|([^\s])/uy

/** Reads a statement's shape; one statement alone, as ClickHouse's HTTP interface has it. */
export function readStatement(sql: string): Statement {
  const { tokens, rowsFollow } = tokenize(sql)
  if (tokens.length === 0) throw new EngineException(62, 'SYNTAX_ERROR', 'Empty query')
  const first = tokens.find((token) => token.text !== '(')?.text ?? ''
  const formatAt = findFormat(tokens)
  const format = formatAt === -1 ? undefined : wordAt(sql, tokens[formatAt + 1])
  const shape = { sql, tokens, format, wantsBody: false }
  if (first === 'insert') return { ...shape, kind: 'insert', wantsBody: !rowsFollow && wantsBody(tokens) }
  if (first === 'select' || first === 'with' || first === 'values') return { ...shape, kind: 'select' }
  return { ...shape, kind: reading.has(first) ? 'show' : 'write' }
}

/**
 * The insert with its body in a file. `INSERT INTO t (a) FORMAT Native` becomes `INSERT INTO t (a) FROM INFILE '...' FORMAT Native`;
 * `INSERT INTO t SELECT f(a) FROM input('a UInt8') FORMAT Native` becomes `INSERT INTO t SELECT f(a) FROM file('...', 'Native', 'a UInt8')`,
 * with `ORDER BY ALL` where a token asks for the same blocks each time and no order is given.
 */
export function insertFromFile(statement: Statement, path: string, options: { readonly ordered: boolean }): string {
  const { sql, tokens } = statement
  const file = quoteString(path)
  const inputAt = findInput(tokens)
  if (inputAt !== -1) return inputFromFile(statement, inputAt, file, options)
  const formatAt = findFormat(tokens)
  const at = formatAt === -1 ? tokens.length - 1 : formatAt
  const tail = formatAt === -1 ? ' FORMAT Values' : ` ${sql.slice(tokens[at].start, tokens[at + 1].end)}`
  const settingsAt = tokens.findIndex(
    (token) => token.depth === 0 && token.text === 'settings' && token.kind === 'word',
  )
  const cut = settingsAt === -1 ? at : Math.min(settingsAt, at)
  return `${sql.slice(0, tokens[cut].start)}FROM INFILE ${file} ${sql.slice(tokens[cut].start, tokens[at].start)}${tail}`
}

/** The SELECT with its answer in a new file: `SELECT 1 FORMAT Native` becomes `INSERT INTO FUNCTION file('...', 'Native') SELECT 1`. */
export function selectIntoFile({ kind, sql, tokens, format }: Statement, path: string): string {
  const formatAt = findFormat(tokens)
  if (kind !== 'select' || formatAt === -1 || format === undefined)
    throw new EngineException(62, 'SYNTAX_ERROR', 'An answer in a file is that of a SELECT with a FORMAT clause')
  const rest = `${sql.slice(0, tokens[formatAt].start)}${sql.slice(tokens[formatAt + 1].end)}`
  return `INSERT INTO FUNCTION file(${quoteString(path)}, ${quoteString(format)}) ${rest}`
}

/** Whether the statement's own SETTINGS name this one. */
export function namesSetting(statement: Statement, name: string): boolean {
  return statement.tokens.some((token) => token.kind === 'word' && token.text === name)
}

/** A string literal; the one place in this program where text becomes SQL. */
export function quoteString(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}

function inputFromFile(statement: Statement, inputAt: number, file: string, options: { ordered: boolean }): string {
  const { sql, tokens, format } = statement
  const formatAt = findFormat(tokens)
  if (formatAt === -1) throw new EngineException(62, 'SYNTAX_ERROR', 'INSERT ... FROM input() needs a FORMAT clause')
  if (findInput(tokens.slice(inputAt + 1)) !== -1) {
    throw new EngineException(62, 'SYNTAX_ERROR', 'input() can be read once only')
  }
  const structure = sql.slice(tokens[inputAt + 2].start, tokens[inputAt + 2].end)
  const source = `file(${file}, ${quoteString(format ?? '')}, ${structure})`
  const head = sql.slice(0, tokens[inputAt].start) + source
  const end = tokens[formatAt].start
  const outer = tokens.slice(inputAt + 4, formatAt).filter((token) => token.depth === 0 && token.kind === 'word')
  if (!options.ordered || outer.some((token) => token.text === 'order')) {
    return head + sql.slice(tokens[inputAt + 3].end, end)
  }
  const cut = outer.find((token) => token.text === 'limit' || token.text === 'settings')?.start ?? end
  return `${head}${sql.slice(tokens[inputAt + 3].end, cut)} ORDER BY ALL ${sql.slice(cut, end)}`
}

/** Index of `input` where it is a call with one string. */
function findInput(tokens: readonly Token[]): number {
  return tokens.findIndex(
    (token, i) =>
      token.kind === 'word' &&
      token.text === 'input' &&
      tokens[i + 1]?.text === '(' &&
      tokens[i + 2]?.kind === 'string' &&
      tokens[i + 3]?.text === ')',
  )
}

/** An insert's text alone is complete when it selects from something else than input() or its rows follow VALUES. */
function wantsBody(tokens: readonly Token[]): boolean {
  if (findInput(tokens) !== -1) return true
  const outer = tokens.filter((token) => token.depth === 0 && token.kind === 'word').map((token) => token.text)
  if (outer.includes('select') || outer.includes('infile')) return false
  const last = tokens[tokens.length - 1]
  if (last.text === 'values' && last.kind === 'word') return true
  const formatAt = findFormat(tokens)
  return formatAt !== -1 && formatAt === tokens.length - 2
}

/** Index of the FORMAT clause's first word, which ends the statement but for SETTINGS; else -1. */
function findFormat(tokens: readonly Token[]): number {
  return tokens.findLastIndex((token, i) => {
    const [name, next] = [tokens[i + 1], tokens[i + 2]]
    const ends = next === undefined || (next.kind === 'word' && next.text === 'settings')
    return token.kind === 'word' && token.text === 'format' && token.depth === 0 && name?.kind === 'word' && ends
  })
}

function wordAt(sql: string, token: Token): string {
  return sql.slice(token.start, token.end)
}

function tokenize(sql: string): { readonly tokens: readonly Token[]; readonly rowsFollow: boolean } {
  const tokens: Token[] = []
  let depth = 0
  let inserting = false
  lexer.lastIndex = 0
  for (let match = lexer.exec(sql); match !== null; match = lexer.exec(sql)) {
    const [text, string, name, word, number, symbol] = match
    const start = match.index
    const end = lexer.lastIndex
    if (symbol === ')' || symbol === ']' || symbol === '}') depth--
    if (symbol === ';') {
      if (/\S/.test(sql.slice(end))) {
        throw new EngineException(62, 'SYNTAX_ERROR', 'Syntax error (Multi-statements are not allowed)')
      }
      break
    }
    if (string !== undefined) tokens.push({ kind: 'string', text, start, end, depth })
    else if (name !== undefined) tokens.push({ kind: 'name', text, start, end, depth })
    else if (word !== undefined) tokens.push({ kind: 'word', text: word.toLowerCase(), start, end, depth })
    else if ((number ?? symbol) !== undefined) tokens.push({ kind: 'symbol', text, start, end, depth })
    if (symbol === '(' || symbol === '[' || symbol === '{') depth++
    if (tokens.length === 1) inserting = tokens[0].text === 'insert'
    // Behind FORMAT x or VALUES of an insert stand rows, not SQL.
    if (inserting && depth === 0 && endsInsert(tokens)) return { tokens, rowsFollow: /\S/.test(sql.slice(end)) }
  }
  return { tokens, rowsFollow: false }
}

function endsInsert(tokens: readonly Token[]): boolean {
  const last = tokens[tokens.length - 1]
  if (last.kind !== 'word' || tokens.length < 3) return false
  return last.text === 'values' || tokens[tokens.length - 2].text === 'format'
}
