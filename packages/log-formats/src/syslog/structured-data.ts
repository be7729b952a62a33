/** By element and parameter; a parameter that occurs several times keeps all. */
export type StructuredData = ReadonlyMap<string, ReadonlyMap<string, string | readonly string[]>>

const elementStart = /\[([^\s=\]"]{1,128})/y
const parameter = / +([^\s=\]"]{1,128})="((?:[^"\\]|\\[\s\S])*)"/y
const elementEnd = / *\]/y

/** RFC 5424, 6.3: the elements at the text's start and their length; undefined where they are not whole. An unescaped `]` in a value is let pass. */
export function readStructuredData(
  text: string,
): { readonly values: StructuredData; readonly length: number } | undefined {
  const values = new Map<string, Map<string, string | readonly string[]>>()
  let at = 0
  while (text[at] === '[') {
    const start = matchAt(elementStart, text, at)
    if (start === undefined) return undefined
    at += start[0].length
    const parameters = values.get(start[1] as string) ?? new Map<string, string | readonly string[]>()
    values.set(start[1] as string, parameters)
    for (let found = matchAt(parameter, text, at); found !== undefined; found = matchAt(parameter, text, at)) {
      add(parameters, found[1] as string, (found[2] as string).replace(/\\(["\\\]])/g, '$1'))
      at += found[0].length
    }
    const end = matchAt(elementEnd, text, at)
    if (end === undefined) return undefined
    at += end[0].length
  }
  return at === 0 ? undefined : { values, length: at }
}

function add(parameters: Map<string, string | readonly string[]>, name: string, value: string): void {
  const before = parameters.get(name)
  parameters.set(name, before === undefined ? value : [before, value].flat())
}

function matchAt(expression: RegExp, text: string, at: number): RegExpExecArray | undefined {
  expression.lastIndex = at
  return expression.exec(text) ?? undefined
}
