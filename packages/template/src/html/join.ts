// The one context behind branches of which any may run.
import { areEqual, type Context, nudge } from './context.ts'

/** Undefined where they end in places that cannot be treated alike. */
export function joinContexts(a: Context, b: Context): Context | undefined {
  if (a.state === 'error') return a
  if (b.state === 'error') return b
  if (a.state === 'dead') return b
  if (b.state === 'dead' || areEqual(a, b)) return a
  if (areEqual({ ...a, urlPart: b.urlPart }, b)) return { ...a, urlPart: 'unknown' }
  if (areEqual({ ...a, slash: b.slash }, b)) return { ...a, slash: 'unknown' }
  // `<p title={{if .x}}{{.}}{{end}}`: in the value, or before it
  const c = nudge(a)
  const d = nudge(b)
  if (areEqual(c, a) && areEqual(d, b)) return undefined
  return joinContexts(c, d)
}
