// A whole file by a form, as Go's older YAML decoder reads it.
import type { Problem } from '@tidewatch/core/error.ts'
import { isCollection, isScalar, type Node, visit } from 'yaml'
import { firstDocument, type NamedText, type ReadDocument, textFaults } from './documents.ts'
import type { Fields, StructForm, Values } from './form.ts'
import { ReadContext } from './read-context.ts'
import { resolveScalar } from './resolve.ts'

/** A file that was read, with what is wrong in it. */
export interface ReadFile<T> {
  readonly value: T
  readonly problems: readonly Problem[]
  readonly context: ReadContext
}

/** Reads the first document of a text; nothing and null give the form's initial values. */
export function readByForm<F extends Fields>(file: NamedText, form: StructForm<F>): ReadFile<Values<F>> {
  const source = firstDocument(file.text)
  const { document, lines } = source
  const context = new ReadContext(file, document, lines)
  for (const { message, pos } of document.errors) context.syntax(message, pos[0])
  checkText(source, context)
  const root = context.problems.length === 0 ? context.follow(document.contents as Node | null, []) : null
  const isNothing = root === null || (isScalar(root) && resolveScalar(root).kind === 'null')
  const read = isNothing ? undefined : form.read(root, [], context)
  return { value: read ?? form.initial(), problems: context.problems, context }
}

/** What Go's older YAML decoder refuses, which reads this file and its like, but not rules. */
function checkText(source: ReadDocument, context: ReadContext): void {
  const { document, text } = source
  for (const { message, offset } of textFaults(source)) context.syntax(message, offset)
  const { explicit, version } = document.directives?.yaml ?? {}
  if (explicit === true && version !== '1.1') context.syntax(`YAML ${version} is not read, 1.1 is.`, 0)
  visit(document, {
    Pair(_, { key }) {
      const end = isScalar(key) && key.type === 'PLAIN' ? key.range?.[1] : undefined
      if (end !== undefined && /^:[[{]/.test(text.slice(end, end + 2)))
        context.syntax('a space is missing behind the colon of a key.', end)
    },
    Scalar(_, node, parents) {
      const isInBrackets = node.type === 'PLAIN' && parents.some((parent) => isCollection(parent) && parent.flow)
      if (isInBrackets && node.source?.includes('?'))
        context.syntax('in brackets and braces a text with a question mark needs quotes.', node.range?.[0] ?? 0)
    },
  })
}
