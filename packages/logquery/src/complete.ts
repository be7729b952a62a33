// What may stand at a cursor of the search bar: a field, a sign, a value, a joining word. Which fields and values there are is the page's to ask.

export type QueryLanguage = 'lucene' | 'kql'

/** `field`: names may follow; also values without a field, since both begin alike. */
export type CompletionKind = 'field' | 'operator' | 'value' | 'joint'

export interface Completion {
  /** What may stand there, the likeliest first. */
  readonly kinds: readonly CompletionKind[]
  /** The part of the text that a choice replaces, in characters; `from <= cursor <= to`. */
  readonly from: number
  readonly to: number
  /** What is typed of it before the cursor, without quotes and escapes. */
  readonly prefix: string
  /** The field whose values are asked for, with the path of the nested group around it. */
  readonly field: string | undefined
  /** Within quotes, so that a choice is put there without new ones. */
  readonly isQuoted: boolean
  /** Signs and words of the language that may stand there, as they are written. */
  readonly words: readonly string[]
}

interface Piece {
  readonly kind: 'word' | 'quoted' | 'sign' | 'open-quote'
  readonly text: string
  readonly start: number
  readonly end: number
}

const pieceRule = /"(?:[^"\\]|\\[\s\S])*"|"[\s\S]*$|[<>]=?|&&|\|\||[():{}[\]]|(?:[^\s():{}[\]"<>\\]|\\[\s\S]?)+/g
const jointWords: Readonly<Record<QueryLanguage, readonly string[]>> = {
  lucene: ['AND', 'OR', 'NOT'],
  kql: ['and', 'or', 'not'],
}
const operators: Readonly<Record<QueryLanguage, readonly string[]>> = {
  lucene: [':', ':>', ':>=', ':<', ':<=', ':[', ':*'],
  kql: [':', '>', '>=', '<', '<=', ': *'],
}
/** Longer texts are no query of a person; what is before that is not looked at. */
const maxLookBack = 4096

/** Never throws; works on texts that are no queries yet. */
export function completeQuery(text: string, cursor: number, language: QueryLanguage): Completion {
  const start = Math.max(0, cursor - maxLookBack)
  const pieces = piecesOf(text.slice(0, cursor), start)
  const last = pieces.at(-1)
  const touched =
    last !== undefined && last.end === cursor && last.kind !== 'sign' && last.kind !== 'quoted' ? last : undefined
  const before = touched === undefined ? pieces : pieces.slice(0, -1)
  const scope = scopeOf(before, language)
  const from = touched === undefined ? cursor : touched.kind === 'open-quote' ? touched.start + 1 : touched.start
  const isQuoted = touched?.kind === 'open-quote'
  const to = isQuoted ? quoteEnd(text, cursor) : wordEnd(text, cursor, touched !== undefined)
  const shared = { from, to, prefix: plainText(text.slice(from, cursor)), isQuoted }
  if (scope.expects === 'value')
    return { ...shared, kinds: ['value'], field: scope.field, words: valueWords(scope, language) }
  if (scope.expects === 'term')
    return { ...shared, kinds: ['field'], field: undefined, words: [jointWords[language][2] as string] }
  if (touched === undefined && text[cursor - 1] !== undefined && /[^\s)}\]"]/.test(text[cursor - 1] as string))
    return { ...shared, kinds: ['field'], field: undefined, words: [] }
  // behind a term: a sign where it was a name, else the next term
  const signs = scope.mayBeField ? operators[language] : []
  const joints = isQuoted ? [] : jointWords[language]
  const kinds: CompletionKind[] = touched === undefined ? ['joint', 'field'] : ['field', 'joint']
  if (signs.length > 0 && touched === undefined) kinds.unshift('operator')
  return { ...shared, kinds, field: undefined, words: [...(touched === undefined ? signs : []), ...joints] }
}

function piecesOf(text: string, start: number): Piece[] {
  return [...text.slice(start).matchAll(pieceRule)].map(({ 0: piece, index }) => {
    const at = start + index
    const isClosed = piece.length > 1 && piece.endsWith('"')
    const kind = piece.startsWith('"')
      ? isClosed
        ? 'quoted'
        : 'open-quote'
      : /^(?:[<>]=?|&&|\|\||[():{}[\]])$/.test(piece)
        ? 'sign'
        : 'word'
    return { kind, text: piece, start: at, end: at + piece.length }
  })
}

interface Scope {
  readonly expects: 'term' | 'value' | 'joint'
  readonly field: string | undefined
  readonly isRange: boolean
  readonly mayBeField: boolean
}

/** Follows brackets and signs up to the cursor. */
function scopeOf(pieces: readonly Piece[], language: QueryLanguage): Scope {
  const groups: { readonly close: string; readonly field: string | undefined; readonly path: string }[] = []
  let state: Scope = { expects: 'term', field: undefined, isRange: false, mayBeField: false }
  let name: string | undefined
  for (const piece of pieces) {
    const group = groups.at(-1)
    const path = group?.path ?? ''
    const inside = (expects: Scope['expects']): Scope => ({
      expects,
      field: group?.field,
      isRange: group?.close === ']',
      mayBeField: false,
    })
    if (piece.kind !== 'sign') {
      const isJoint =
        piece.kind === 'word' &&
        jointWords[language].includes(language === 'kql' ? piece.text.toLowerCase() : piece.text)
      name = isJoint ? undefined : path + plainText(piece.text.replace(/^[+\-!]/, ''))
      const after = group?.field === undefined ? 'term' : 'value'
      if (group?.close === ']') state = inside('value')
      else if (isJoint) state = inside(after)
      else
        state = {
          ...inside('joint'),
          mayBeField: state.expects !== 'value' && group?.field === undefined && piece.kind === 'word',
        }
    } else if (piece.text === ':' || /^[<>]/.test(piece.text)) {
      // `field:>5` has two signs, and the name stands before the first
      if (name !== undefined) state = { expects: 'value', field: name, isRange: false, mayBeField: false }
    } else if ('([{'.includes(piece.text)) {
      const isNested = language === 'kql' && piece.text === '{'
      const isRange = piece.text !== '(' && !isNested
      const field = state.expects === 'value' ? state.field : undefined
      groups.push(
        isNested
          ? { close: '}', field: undefined, path: `${field ?? ''}.` }
          : { close: isRange ? ']' : ')', field, path },
      )
      state = {
        expects: field === undefined || isNested ? 'term' : 'value',
        field: isNested ? undefined : field,
        isRange,
        mayBeField: false,
      }
    } else if (piece.text === '&&' || piece.text === '||') state = inside(group?.field === undefined ? 'term' : 'value')
    else {
      groups.pop()
      const outer = groups.at(-1)
      state = { expects: 'joint', field: outer?.field, isRange: outer?.close === ']', mayBeField: false }
      name = undefined
    }
  }
  return state
}

function valueWords({ isRange }: Scope, language: QueryLanguage): readonly string[] {
  if (isRange) return ['TO', '*', 'now']
  return language === 'lucene' ? ['*', '[', '>', '>=', '<', '<=', '('] : ['*', '(', '"']
}

/** A word goes on behind the cursor only where the cursor is in it. */
function wordEnd(text: string, cursor: number, isInWord: boolean): number {
  if (!isInWord) return cursor
  const rest = /^(?:[^\s():{}[\]"<>\\]|\\[\s\S])*/.exec(text.slice(cursor))
  return cursor + (rest?.[0].length ?? 0)
}

function quoteEnd(text: string, cursor: number): number {
  const rest = /^(?:[^"\\]|\\[\s\S])*/.exec(text.slice(cursor))?.[0] ?? ''
  // without a closing quote the rest of the text is another thought
  return text[cursor + rest.length] === '"' ? cursor + rest.length : cursor
}

const plainText = (text: string): string => text.replace(/^"|"$/g, '').replace(/\\([\s\S]?)/g, '$1')
