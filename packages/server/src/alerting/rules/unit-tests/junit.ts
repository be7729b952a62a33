// Results of unit tests in the form that build servers read. https://github.com/testmoapp/junitxml

/** One file's tests. */
export interface Suite {
  readonly name: string
  /** When it was run, ms since 1970. */
  readonly atMs: number
  readonly cases: readonly {
    readonly name: string
    readonly failures: readonly string[]
    /** The file could not be tested at all. */
    readonly error?: string
  }[]
}

export function junitXml(suites: readonly Suite[]): string {
  const lines = suites.flatMap(({ name, atMs, cases }) => {
    const failures = cases.reduce((sum, one) => sum + one.failures.length, 0)
    const errors = cases.filter(({ error }) => error !== undefined).length
    const counts = `tests="${cases.length}" failures="${failures}" errors="${errors}"`
    return [
      `  <testsuite name="${xmlText(name)}" ${counts} timestamp="${new Date(atMs).toISOString()}">`,
      ...cases.flatMap((one) => [
        `    <testcase name="${xmlText(one.name)}">`,
        ...one.failures.map((text) => `      <failure>${xmlText(text)}</failure>`),
        ...(one.error === undefined ? [] : [`      <error>${xmlText(one.error)}</error>`]),
        '    </testcase>',
      ]),
      '  </testsuite>',
    ]
  })
  return ['<?xml version="1.0" encoding="UTF-8"?>', '<testsuites>', ...lines, '</testsuites>', ''].join('\n')
}

const marks: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\n': '&#xA;' }

/** XML 1.0 has no place for other control characters at all. */
const xmlText = (text: string): string =>
  text
    .replace(/[&<>"\n]/g, (mark) => marks[mark] as string)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    .replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, '\ufffd')
