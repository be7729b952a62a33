// Tokens to a tree: Go's text/template/parse, with its messages. `template: name:line: what`.
import type { Token, TokenType } from './parse-lexer.ts'
import type {
  ChainOperand,
  Command,
  Definition,
  Operand,
  ParsedTemplates,
  Pipe,
  Source,
  Statement,
} from './parse-nodes.ts'
import { parseCharacter, parseNumber } from './parse-number.ts'
import { TokenStream } from './parse-tokens.ts'
import { quote, unquote } from './quote.ts'
import { templateError } from './template-error.ts'

/** UTF-16 units of text. */
const maxLength = 1_000_000

/** Parses a text whose functions are those. Throws `template.parse` with the line, `template.limit` for one too long or too deep. */
export function parseTemplates(source: Source, hasFunction: (name: string) => boolean): ParsedTemplates {
  if (source.text.length > maxLength) {
    throw templateError(
      'template.limit',
      `template: ${source.name}: the text is longer than ${maxLength} characters`,
      source.file === undefined ? undefined : { file: source.file },
    )
  }
  return new Parser(source, hasFunction).parse()
}

/** `end` and `else` close a list; what opened it says whether they may. */
interface Closing {
  readonly kind: 'end' | 'else'
}

const stagesThatCannotRun: ReadonlySet<Operand['kind']> = new Set<Operand['kind']>([
  'bool',
  'dot',
  'nil',
  'number',
  'string',
])

class Parser {
  readonly #source: Source
  readonly #hasFunction: (name: string) => boolean
  readonly #tokens: TokenStream
  readonly #defined = new Map<string, Definition>()
  #variables: string[] = ['$']
  #rangeDepth = 0

  constructor(source: Source, hasFunction: (name: string) => boolean) {
    this.#source = source
    this.#hasFunction = hasFunction
    this.#tokens = new TokenStream(source)
  }

  parse(): ParsedTemplates {
    const root: Statement[] = []
    while (this.#tokens.peek().type !== 'eof') {
      const token = this.#tokens.next()
      if (token.type === 'left') {
        const first = this.#tokens.nextNonSpace()
        if (first.type === 'define') {
          this.#definition()
          continue
        }
        this.#tokens.back(first)
      }
      this.#tokens.back(token)
      const statement = this.#textOrAction()
      if (isClosing(statement)) this.#tokens.fail(`unexpected {{${statement.kind}}}`)
      else if (statement !== undefined) root.push(statement)
    }
    const { name, file } = this.#source
    const definition = { source: this.#source, list: root }
    // what stands around the definitions of a file is no template
    if (file !== undefined) return { root: definition, defined: this.#defined }
    this.#add(name, root)
    return { root: this.#defined.get(name) ?? definition, defined: this.#defined }
  }

  #definition(): void {
    const context = 'define clause'
    const name = this.#templateName(this.#tokens.nextNonSpace(), context)
    this.#tokens.expect('right', context)
    const variables = this.#variables
    this.#variables = ['$']
    this.#add(name, this.#listUntilEnd(context))
    this.#variables = variables
  }

  /** A list that only `end` may close. */
  #listUntilEnd(context: string): readonly Statement[] {
    const { list, closing } = this.#list()
    if (closing.kind !== 'end') this.#tokens.fail(`unexpected {{else}} in ${context}`)
    return list
  }

  #add(name: string, list: readonly Statement[]): void {
    const former = this.#defined.get(name)
    if (former === undefined || isEmpty(former.list)) this.#defined.set(name, { source: this.#source, list })
    else if (!isEmpty(list)) this.#tokens.fail(`template: multiple definition of template ${quote(name)}`)
  }

  #list(): { readonly list: readonly Statement[]; readonly closing: Closing } {
    this.#tokens.deeper(1)
    const list: Statement[] = []
    while (this.#tokens.peekNonSpace().type !== 'eof') {
      const statement = this.#textOrAction()
      if (isClosing(statement)) {
        this.#tokens.deeper(-1)
        return { list, closing: statement }
      }
      if (statement !== undefined) list.push(statement)
    }
    return this.#tokens.fail('unexpected EOF')
  }

  #textOrAction(): Statement | Closing {
    const token = this.#tokens.nextNonSpace()
    if (token.type === 'text') return { kind: 'text', text: token.text, start: token.start }
    if (token.type !== 'left') return this.#tokens.unexpected(token, 'input')
    this.#tokens.actionLine = token.line
    const action = this.#action()
    this.#tokens.actionLine = 0
    return action
  }

  #action(): Statement | Closing {
    const token = this.#tokens.nextNonSpace()
    switch (token.type) {
      case 'block':
        return this.#block()
      case 'break':
      case 'continue':
        return this.#jump(token.type, token.start)
      case 'else':
        return this.#else()
      case 'end':
        this.#tokens.expect('right', 'end')
        return { kind: 'end' }
      case 'if':
      case 'range':
      case 'with':
        return this.#control(token.type)
      case 'template':
        return this.#template()
      default: {
        this.#tokens.back(token)
        // a variable that is declared here is known until the end of the list
        const pipe = this.#pipeline('command', 'right')
        return { kind: 'action', pipe, start: token.start }
      }
    }
  }

  #jump(kind: 'break' | 'continue', start: number): Statement {
    const token = this.#tokens.nextNonSpace()
    if (token.type !== 'right') this.#tokens.unexpected(token, `{{${kind}}}`)
    if (this.#rangeDepth === 0) this.#tokens.fail(`{{${kind}}} outside {{range}}`)
    return { kind, start }
  }

  #else(): Closing {
    const { type } = this.#tokens.peekNonSpace()
    // `{{else if` is read as `{{else}}{{if`, whose end closes both
    if (type !== 'if' && type !== 'with') this.#tokens.expect('right', 'else')
    return { kind: 'else' }
  }

  #control(kind: 'if' | 'range' | 'with'): Statement {
    const known = this.#variables.length
    const pipe = this.#pipeline(kind, 'right')
    if (kind === 'range') this.#rangeDepth++
    const { list, closing } = this.#list()
    if (kind === 'range') this.#rangeDepth--
    const elseList = closing.kind === 'else' ? this.#elseList(kind) : undefined
    this.#variables.length = known
    return { kind, pipe, list, elseList, start: pipe.start }
  }

  #elseList(kind: 'if' | 'range' | 'with'): readonly Statement[] {
    if (kind !== 'range' && this.#tokens.peek().type === kind) {
      this.#tokens.next()
      this.#tokens.deeper(1)
      const inner = this.#control(kind)
      this.#tokens.deeper(-1)
      return [inner]
    }
    const { list, closing } = this.#list()
    if (closing.kind !== 'end') this.#tokens.fail('expected end; found {{else}}')
    return list
  }

  #block(): Statement {
    const context = 'block clause'
    const token = this.#tokens.nextNonSpace()
    const name = this.#templateName(token, context)
    const pipe = this.#pipeline(context, 'right')
    const variables = this.#variables
    this.#variables = ['$']
    this.#add(name, this.#listUntilEnd(context))
    this.#variables = variables
    return { kind: 'template', name, pipe, start: token.start }
  }

  #template(): Statement {
    const context = 'template clause'
    const token = this.#tokens.nextNonSpace()
    const name = this.#templateName(token, context)
    const next = this.#tokens.nextNonSpace()
    if (next.type === 'right') return { kind: 'template', name, pipe: undefined, start: token.start }
    this.#tokens.back(next)
    return { kind: 'template', name, pipe: this.#pipeline(context, 'right'), start: token.start }
  }

  #templateName(token: Token, context: string): string {
    if (token.type !== 'string' && token.type !== 'raw_string') return this.#tokens.unexpected(token, context)
    return unquote(token.text) ?? this.#tokens.fail('invalid syntax')
  }

  #pipeline(context: string, end: 'right' | 'right_paren'): Pipe {
    this.#tokens.deeper(1)
    const { start } = this.#tokens.peekNonSpace()
    const { declared, isAssign } = this.#declarations(context)
    const commands: Command[] = []
    for (;;) {
      const token = this.#tokens.nextNonSpace()
      if (token.type === end) break
      if (!operandTypes.has(token.type)) this.#tokens.unexpected(token, context)
      this.#tokens.back(token)
      commands.push(this.#command())
    }
    this.#tokens.deeper(-1)
    if (commands.length === 0) this.#tokens.fail(`missing value for ${context}`)
    for (const [i, { args }] of commands.entries()) {
      const first = args[0]
      if (i > 0 && first !== undefined && stagesThatCannotRun.has(first.kind)) {
        this.#tokens.fail(`non executable command in pipeline stage ${i + 1}`)
      }
    }
    return { kind: 'pipe', declared, isAssign, commands, start }
  }

  /** `$x :=`, `$x =`, and in `range` also `$i, $x :=`. */
  #declarations(context: string): { readonly declared: readonly string[]; readonly isAssign: boolean } {
    const declared: string[] = []
    for (;;) {
      const variable = this.#tokens.peekNonSpace()
      if (variable.type !== 'variable') return { declared, isAssign: false }
      this.#tokens.next()
      const after = this.#tokens.peek()
      const next = this.#tokens.peekNonSpace()
      const isComma = next.type === 'char' && next.text === ','
      if (next.type !== 'assign' && next.type !== 'declare' && !isComma) {
        // the variable is an argument; the space behind it still separates
        if (after.type === 'space') this.#tokens.back(after)
        this.#tokens.back(variable)
        return { declared, isAssign: false }
      }
      this.#tokens.nextNonSpace()
      declared.push(variable.text)
      this.#variables.push(variable.text)
      if (!isComma) return { declared, isAssign: next.type === 'assign' }
      if (context !== 'range' || declared.length > 1) this.#tokens.fail(`too many declarations in ${context}`)
      const { type } = this.#tokens.peekNonSpace()
      if (type !== 'variable' && type !== 'right' && type !== 'right_paren') {
        this.#tokens.fail('range can only initialize variables')
      }
    }
  }

  #command(): Command {
    const { start } = this.#tokens.peekNonSpace()
    const args: Operand[] = []
    for (;;) {
      this.#tokens.peekNonSpace()
      const operand = this.#operand()
      if (operand !== undefined) args.push(operand)
      const token = this.#tokens.next()
      if (token.type === 'space') continue
      if (token.type === 'right' || token.type === 'right_paren') this.#tokens.back(token)
      else if (token.type !== 'pipe') this.#tokens.unexpected(token, 'operand')
      break
    }
    if (args.length === 0) this.#tokens.fail('empty command')
    return { args, start }
  }

  /** A term with the fields that are taken of it. */
  #operand(): Operand | undefined {
    const node = this.#term()
    if (node === undefined) return undefined
    const { type, start } = this.#tokens.peek()
    if (type !== 'field') return node
    const names: string[] = []
    while (this.#tokens.peek().type === 'field') names.push(this.#tokens.next().text.slice(1))
    switch (node.kind) {
      case 'field':
      case 'variable':
        return { ...node, names: [...node.names, ...names], start }
      case 'bool':
      case 'string':
      case 'number':
      case 'nil':
      case 'dot':
        return this.#tokens.fail(
          `unexpected . after term ${quote(node.kind === 'bool' ? String(node.value) : 'text' in node ? node.text : node.kind === 'dot' ? '.' : 'nil')}`,
        )
      default: {
        const chain: ChainOperand = { kind: 'chain', node, names, start }
        return chain
      }
    }
  }

  #term(): Operand | undefined {
    const token = this.#tokens.nextNonSpace()
    const { start, text } = token
    switch (token.type) {
      case 'identifier':
        if (!this.#hasFunction(text)) this.#tokens.fail(`function ${quote(text)} not defined`)
        return { kind: 'identifier', name: text, start }
      case 'dot':
      case 'nil':
        return { kind: token.type, start }
      case 'variable':
        if (!this.#variables.includes(text)) this.#tokens.fail(`undefined variable ${quote(text)}`)
        return { kind: 'variable', names: [text], start }
      case 'field':
        return { kind: 'field', names: [text.slice(1)], start }
      case 'bool':
        return { kind: 'bool', value: text === 'true', start }
      case 'char_constant': {
        const value = parseCharacter(text) ?? this.#tokens.fail(`malformed character constant: ${text}`)
        return { kind: 'number', value, isFloat: false, text, start }
      }
      case 'number': {
        const number = parseNumber(text)
        return 'error' in number ? this.#tokens.fail(number.error) : { kind: 'number', ...number, text, start }
      }
      case 'left_paren':
        return this.#pipeline('parenthesized pipeline', 'right_paren')
      case 'string':
      case 'raw_string':
        return { kind: 'string', value: unquote(text) ?? this.#tokens.fail('invalid syntax'), text, start }
      default:
        this.#tokens.back(token)
        return undefined
    }
  }
}

const operandTypes: ReadonlySet<TokenType> = new Set<TokenType>([
  'bool',
  'char_constant',
  'dot',
  'field',
  'identifier',
  'number',
  'nil',
  'raw_string',
  'string',
  'variable',
  'left_paren',
])

const isClosing = (statement: Statement | Closing): statement is Closing =>
  statement.kind === 'end' || statement.kind === 'else'

/** Whether a template prints nothing but white space, so that a later definition may take its place. */
export function isEmpty(list: readonly Statement[]): boolean {
  return list.every((statement) => statement.kind === 'text' && statement.text.trim() === '')
}
