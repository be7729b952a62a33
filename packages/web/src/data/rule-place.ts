// Where the query of a rule is looked at: metrics in the explorer, lines in the logs. No React here.

/** Whether a rule's query asks logs: by LogQL, Lucene or KQL. */
export const asksLogs = (query: string): boolean => /^\s*(?:logql|lucene|kql)\s*\(/.test(query)

/** The address of its lines; the server reads the query and leads there. */
export const linesHref = (
  query: string,
  range: Readonly<Record<string, string | readonly string[] | undefined>> = {},
): string => {
  const parameters = new URLSearchParams({ 'g0.expr': query })
  for (const name of ['range', 'from', 'to']) {
    const value = range[name]
    if (typeof value === 'string') parameters.set(name, value)
  }
  return `/graph?${parameters}`
}
